"""How much of a workflow is expressions: what can be read in a moment, and what would take a minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.language.compiler.sites import Site

MOST = 500_000
"""Characters of expressions of one workflow, those that only read a value or compare one not counted."""
MOST_HOLES = 100_000
"""Expressions of one workflow; those of a prompt file count for each step that names it."""
_HOLES = (("${{", "}}"), ("{%", "%}"))


def check_amount(sites: Sequence[Site], diagnostics: Diagnostics) -> bool:
    """Whether the expressions at `sites` can be read in a moment; else that is reported, and they are not to be."""
    if sum(len(site.text) for site in sites) <= 2 * MOST_HOLES:
        return True  # nearly always
    holes = sum(site.text.count("${{") + site.text.count("{%") for site in sites)
    if holes > MOST_HOLES:
        message = f"the steps of this workflow hold more than {MOST_HOLES:,} expressions"
        help = "many steps with one long prompt are one step with `foreach`"
        diagnostics.add(Diagnostic("AF103", message, max(sites, key=lambda site: len(site.text)).span(0, 1), help=help))
        return False
    texts = {site.text: site for site in sites}
    if sum(map(len, texts)) <= MOST:
        return True
    amount = 0
    for text, site in texts.items():
        amount += sum(map(len, _expressions(text, bare=site.bare)))
        if amount > MOST:
            message = f"the workflow has more than {MOST:,} characters of expressions"
            help = "move the steps that belong together into workflows of their own: `workflow` calls another file"
            span = site.span(0, 1)
            diagnostics.add(
                Diagnostic("AF103", message, span, label="this one and those below are not read", help=help)
            )
            return False
    return True


def _expressions(text: str, *, bare: bool) -> Iterator[str]:
    """The expressions in a text, without the plain ones; each character is looked at once, closed or not."""
    from agentflow_cli.language.expressions.plain_chain import read_chain
    from agentflow_cli.language.expressions.plain_condition import read_condition

    found = [text]
    if not bare:
        found = [piece.split(end, 1)[0] for begin, end in _HOLES for piece in text.split(begin)[1:]]
    return (source for source in found if (read_chain(source, 0) or read_condition(source, 0)) is None)
