"""`until` reads something that a repetition can change."""

from __future__ import annotations

from collections.abc import Iterable

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.expressions.problem import ExpressionErrors
from agentflow_cli.language.expressions.references import Reference
from agentflow_cli.language.expressions.scope import Place

_CHANGING = ("iteration", "previous", "env")


def check_until(sites: Iterable[Site], diagnostics: Diagnostics) -> None:
    """Report each `until` that has the same outcome after every repetition."""
    for site in sites:
        if site.place is not Place.UNTIL or site.step is None:
            continue
        try:
            references = site.compile().references
        except ExpressionErrors:
            continue
        if references and not any(_changes(site, reference) for reference in references):
            repeat = site.step.repeat
            fails = repeat is not None and repeat.on_max == "fail"
            inner = "an inner step" if site.step.kind == "steps" else f"`steps.{site.step.id}.output`"
            diagnostics.add(
                Diagnostic("AF508", f"`until` of step `{site.step.id}` reads nothing that a repetition changes",
                           site.span(0, len(site.text)), Severity.WARNING,
                           f"true at once, or never{': then the step fails' if fails else ''}",
                           f"read {inner}, `iteration` or `previous`")
            )  # fmt: skip


def _changes(site: Site, reference: Reference) -> bool:
    if reference.root in _CHANGING:
        return True
    if reference.root != "steps" or reference.step is None or site.block is None:
        return False
    found = site.block.find(reference.step)
    if found is None:
        return True  # said elsewhere
    step, home = found
    return step is site.step or (home is site.block and home.group is site.step)
