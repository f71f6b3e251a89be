"""Types through the graph: what an expression does with values that can never be of the type that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.compiler.checks.references import names_each
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.compiler.types.workflow_types import WorkflowTypes, types_of
from agentflow_cli.language.expressions.absent import chain_text
from agentflow_cli.language.expressions.lexer import has_markup
from agentflow_cli.language.expressions.types.lattice import Type, described, kinds, may_be
from agentflow_cli.language.expressions.types.reading import condition_help, list_help, text_help
from agentflow_cli.language.expressions.types.signatures import WRITABLE, Kinds
from agentflow_cli.language.loader.load import Loaded

_NEEDED: Mapping[str, Kinds] = {
    "env": WRITABLE,
    "argv": WRITABLE,
    "stdin": (*WRITABLE, "null"),
    "url": WRITABLE,
    "headers": WRITABLE,
    "query": (*WRITABLE, "null", "array"),
    "body": (*WRITABLE, "null"),
    "fail": WRITABLE,
    "recall": ("string",),
    "prompt": WRITABLE,
    "message": WRITABLE,
    "text": WRITABLE,
    "source": (*WRITABLE, "null"),
    "conversation": WRITABLE,
}
"""Fields whose values leave the process as text → what they can be."""
_IDLE = ("AF441",)
"""Codes of what does nothing, and does not fail."""


def check_types(loaded: Loaded, sites: Iterable[Site], diagnostics: Diagnostics) -> None:
    """Report everything that can only go wrong, or go one way, whatever the data will be."""
    types = types_of(loaded)
    for site in sites:
        if diagnostics.is_full:
            return
        if not site.bare and not has_markup(site.text):
            continue
        found, problems = types.inferred(site)
        for problem in problems:
            span = site.span(problem.start, problem.end)
            severity = Severity.WARNING if problem.code in _IDLE else Severity.ERROR
            diagnostics.add(Diagnostic(problem.code, problem.message, span, severity, problem.label, problem.help,
                                       fix=site.slip(problem.start, problem.end, problem.known)))  # fmt: skip
        if all(problem.code in _IDLE for problem in problems):
            diagnostics.extend(_needs(types, site, found))


def _needs(types: WorkflowTypes, site: Site, found: Type) -> Iterator[Diagnostic]:
    """What the field in which the expression stands needs."""

    def span() -> Span:
        return site.span(0, len(site.text))

    if site.bare and site.field in ("when", "until"):
        if not may_be(found, ("boolean",)):
            given = described(found)
            yield Diagnostic("AF414", f"`{site.field}` needs true or false, and this is {given}", span(),
                             label=f"always {given}", help=condition_help(found))  # fmt: skip
    elif site.bare:
        if not may_be(found, ("array",)):
            given = described(found)
            help = list_help(found)
            if (begin := names_each(site.text)) is not None:
                help = f"write the array alone: `{site.text[begin:]}`; its element is `item`, or what `as` says"
            yield Diagnostic("AF416", f"`foreach` needs an array, and this is {given}", span(),
                             label=f"always {given}", help=help)  # fmt: skip
    elif site.field in _NEEDED and _is_element(site):
        name = chain_text(site.path[len(site.step.path) :]) if site.step is not None else site.field
        needed = _NEEDED[site.field]
        if not may_be(found, needed):
            given = described(found)
            yield Diagnostic("AF440", f"`{name}` needs text, and this is {given}", span(),
                             label=f"always {given}", help=text_help(found))  # fmt: skip
        elif not kinds(found) <= set(needed):
            for branch, value in types.never_fitting(site, needed):
                yield Diagnostic("AF440", f"`{name}` needs text, and this is {described(value)}",
                                 site.span(branch.start, branch.end), label=f"always {described(value)}",
                                 help=text_help(value))  # fmt: skip


def _is_element(site: Site) -> bool:
    """Whether the string is one text: of `headers` and `query`, the value of a name and not the whole."""
    if site.step is None or site.field not in ("headers", "query"):
        return True
    return site.path != site.step.templates[site.field].path
