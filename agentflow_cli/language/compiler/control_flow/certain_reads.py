"""The parts of an expression that are evaluated whenever it is: not those behind `and`, `or`, `default`, and of those
behind `if` what each branch reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.calls import children
from agentflow_cli.language.expressions.problem import ExpressionErrors
from agentflow_cli.language.expressions.references import Reference


def certain_reads(site: Site) -> Iterator[Reference]:
    """The reads at `site` that are made whenever its text is evaluated, and that may not be missing."""
    try:
        template = site.compile()
    except ExpressionErrors:
        return
    wanted = [found for found in template.references if not found.optional and not found.guarded]
    if not wanted:
        return
    starts = {node.start for part in template.parts if isinstance(part, s.Node) for node in _certain(part)}
    yield from (reference for reference in wanted if reference.start in starts)


def _certain(node: s.Node) -> Iterator[s.Node]:
    waiting = [node]
    while waiting:
        current = waiting.pop()
        match current:
            case s.Name() | s.Access(target=s.Name()):
                yield current
                if isinstance(current, s.Access):
                    waiting += (key.value for key in current.keys if isinstance(key.value, s.Node))
            case s.Conditional(test=test):
                waiting.append(test)
                yield from _in_each([(current.then,), (current.otherwise,)])
            case s.Logic(left=left):
                waiting.append(left)
            case s.Filter(name="default") | s.Call():
                pass
            case s.If(branches=branches):
                waiting.append(branches[0][0])
                yield from _in_each([*(body for _, body in branches), current.otherwise])
            case s.For(items=items):
                waiting.append(items)
            case _:
                waiting += children(current)


def _in_each(branches: Sequence[s.Body]) -> Iterator[s.Node]:
    """The reads of steps that are read whichever branch is taken."""
    found = [[n for part in body if isinstance(part, s.Node) for n in _certain(part)] for body in branches]
    steps = [{_step(node) for node in nodes} - {None} for nodes in found]
    always = set.intersection(*steps)
    yield from (node for nodes in found for node in nodes if _step(node) in always)


def _step(node: s.Node) -> str | None:
    """The step whose output a chain reads."""
    match node:
        case s.Access(target=s.Name(name="steps"), keys=(s.Key(value=str(step)), s.Key(value="output"), *_)):
            return step
    return None
