"""What types say of an expression is true of every value that comes: held against evaluations of generated data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.calls import walk
from agentflow_cli.language.expressions.evaluate import Compiler, Evaluator, Frame
from agentflow_cli.language.expressions.missing import MISSING
from agentflow_cli.language.expressions.problem import EvaluationError, ExpressionErrors, Problem
from agentflow_cli.language.expressions.template import compile_expression
from agentflow_cli.language.expressions.types.lattice import shown
from agentflow_cli.language.expressions.types.schemas import type_of_schema
from agentflow_cli.language.expressions.types.whole import infer
from tests.unit.language.expressions.typed_data import (
    SCHEMAS,
    OneName,
    data_for,
    expressions_over,
    is_of,
    own_definitions,
)


class Recording(Compiler):
    """Keeps what each node gave, whenever it gave something."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[int, list[Any]] = {}

    def compile(self, node: s.Node, lenient: bool = False) -> Evaluator:
        evaluate = super().compile(node, lenient)
        kept = self.values.setdefault(id(node), [])

        def run(frame: Frame) -> Any:
            value = evaluate(frame)
            kept.append(value)
            return value

        return run


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, Any, str]:
    schema = draw(SCHEMAS)
    return own_definitions(schema), draw(data_for(schema)), draw(expressions_over(schema))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_what_types_say_is_true_of_every_value(case: tuple[Any, Any, str]) -> None:
    schema, value, source = case
    try:
        template = compile_expression(source)
    except ExpressionErrors:
        reject()
    node = template.expression
    assert node is not None
    found, problems = infer(template, OneName(type_of_schema(schema)))
    recording = Recording()
    evaluate = recording.compile(node)
    try:
        result = evaluate(Frame({"x": value}))
        assert is_of(result, found), f"{result!r} is not of the type {shown(found)}"
    except EvaluationError:
        pass
    for problem in problems:
        wrong = list(went_well(problem, node, recording.values))
        assert not wrong, f"{problem.code} {problem.message}: {source[problem.start : problem.end]} gave {wrong!r}"


def went_well(problem: Problem, root: s.Node, values: dict[int, list[Any]]) -> Iterator[Any]:
    """What was given by the node that, as `problem` says, cannot give anything, or nothing else."""
    node = blamed(problem, root)
    given = [value for value in values.get(id(node), ()) if value is not MISSING]
    match problem.code:
        case "AF432" | "AF433":
            if any(isinstance(part, s.ListOf) and part.start <= problem.start and problem.end <= part.end
                   for part in walk(node)):  # fmt: skip
                return  # one of several elements
            if isinstance(node, s.Compare):
                yield from (value for value in given if value is not (node.rest[0][0] in ("ne", "notin")))
            elif isinstance(node, s.Test):
                yield from (value for value in given if value is True)
        case "AF438":
            yield from (value for value in given if isinstance(value, bool))
        case "AF439":
            yield from (value for value in given if isinstance(value, (str, int, float)))
        case _:
            if isinstance(node, s.Filter) and any(value == [] for value in values.get(id(node.value), ())):
                return  # what no element has is wrong, though there is no element
            if problem.code == "AF437" and isinstance(node, s.Filter) and _allows_for_absence(node):
                return  # it is a mistake all the same: there is no such field
            yield from given


def _allows_for_absence(node: s.Filter) -> bool:
    tests = [argument.value for argument in node.arguments if isinstance(argument, s.Literal)]
    return "defined" in tests or any(name == "default" for name, _ in node.keywords)


def blamed(problem: Problem, root: s.Node) -> s.Node:
    """The innermost node of the kind that a code speaks of which holds the place of the problem."""
    kinds: tuple[type, ...] = {
        "AF318": (s.Access,),
        "AF431": (s.Binary, s.Compare, s.Negate, s.Test, s.Filter, s.DictOf),
        "AF432": (s.Compare, s.Test, s.Filter),
        "AF433": (s.Compare, s.Test, s.Filter),
        "AF434": (s.Access,),
        "AF436": (s.Filter, s.Test),
        "AF437": (s.Filter,),
    }.get(problem.code, (s.Node,))
    around = [
        node
        for node in walk(root)
        if isinstance(node, kinds) and node.start <= problem.start and problem.end <= node.end
        and not (isinstance(node, s.Applied) and problem.end <= node.name_start and problem.code in ("AF436", "AF437"))
    ]  # fmt: skip
    if problem.code in ("AF318", "AF434"):
        around = [node for node in around if any(key.start == problem.start for key in getattr(node, "keys", ()))]
    if problem.code in ("AF438", "AF439"):
        around = [node for node in around if (node.start, node.end) == (problem.start, problem.end)]
    return min(around, key=lambda node: node.end - node.start)
