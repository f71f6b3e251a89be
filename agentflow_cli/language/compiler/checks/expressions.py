"""The expressions themselves: grammar, names and arguments of filters and tests."""

from __future__ import annotations

from collections.abc import Iterable

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.expressions.problem import ExpressionErrors, Problem


def check_expressions(sites: Iterable[Site], diagnostics: Diagnostics) -> None:
    """Report every problem of every template and bare expression."""
    for site in sites:
        if diagnostics.is_full:
            return
        try:
            site.compile()
        except ExpressionErrors as errors:
            for problem in errors.problems:
                diagnostics.add(_diagnostic(site, problem))


def _diagnostic(site: Site, problem: Problem) -> Diagnostic:
    span = site.span(problem.start, problem.end)
    fix = site.fix(problem.edits)
    return Diagnostic(problem.code, problem.message, span, label=problem.label, help=problem.help, fix=fix)
