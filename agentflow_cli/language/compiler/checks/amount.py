"""How much of a workflow is expressions: what can be read in a moment, and what would take a minute."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.language.compiler.sites import Site

MOST = 500_000
"""Characters of expressions of one workflow, those that only read a value or compare one not counted."""
_HOLE = re.compile(r"\$\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)


def check_amount(sites: Sequence[Site], diagnostics: Diagnostics) -> bool:
    """Whether the expressions at `sites` can be read in a moment; else that is reported, and they are not to be."""
    texts = {site.text: site for site in sites}
    if sum(map(len, texts)) <= MOST:
        return True  # nearly always
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


def _expressions(text: str, *, bare: bool) -> Iterable[str]:
    """The expressions in a text, without the plain ones."""
    from agentflow_cli.language.expressions.plain_chain import read_chain
    from agentflow_cli.language.expressions.plain_condition import read_condition

    found: Iterator[str] = iter([text])
    if not bare:
        found = (hole.group(1) or hole.group(2) or "" for hole in _HOLE.finditer(text))
    return (source for source in found if (read_chain(source, 0) or read_condition(source, 0)) is None)
