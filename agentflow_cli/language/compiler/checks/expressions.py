"""The expressions themselves: grammar, filters, tests, and the type of a condition where it can be seen."""

from __future__ import annotations

from collections.abc import Iterable

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.expressions.problem import ExpressionErrors, Problem


def check_expressions(sites: Iterable[Site], diagnostics: Diagnostics) -> None:
    """Report every problem of every template and bare expression."""
    for site in sites:
        try:
            result = site.compile().result_type
        except ExpressionErrors as errors:
            for problem in errors.problems:
                diagnostics.add(_diagnostic(site, problem))
            continue
        if result is not None and site.bare:
            _check_type(site, result, diagnostics)


def _diagnostic(site: Site, problem: Problem) -> Diagnostic:
    span = site.span(problem.start, problem.end)
    fix = site.fix(problem.edits)
    return Diagnostic(problem.code, problem.message, span, label=problem.label, help=problem.help, fix=fix)


def _check_type(site: Site, result: str, diagnostics: Diagnostics) -> None:
    name = f"an {result}" if result[0] in "aio" else "null" if result == "null" else f"a {result}"
    span = site.span(0, len(site.text))
    if site.field in ("when", "until") and result != "boolean":
        help: str | None = "compare it: `… > 0`" if result in ("integer", "number") else "compare it: `… == …`"
        if result in ("array", "object"):
            help = "compare its length: `… | length > 0`"
        diagnostics.add(
            Diagnostic(
                "AF414",
                f"`{site.field}` needs true or false, and this is {name}",
                span,
                label=f"always {name}",
                help=help,
            )
        )
    elif site.field == "foreach" and result not in ("array",):
        help = {"object": "write `… | items`; then `item.key` and `item.value`"}.get(result)
        diagnostics.add(
            Diagnostic(
                "AF416", f"`foreach` needs an array, and this is {name}", span, label=f"always {name}", help=help
            )
        )
