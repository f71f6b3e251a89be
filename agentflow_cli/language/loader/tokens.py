"""Keys and tokens that somebody wrote into a file: they would be committed with it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.loader.source_map import Lines

# Each part takes time in proportion to the text: what repeats a beginning without end is read once.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|pk|rk|gsk|xai)[-_](?=[A-Za-z_-]{0,40}[0-9])[A-Za-z0-9_-]{20,}"
    r"|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[A-Za-z0-9_-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{12,}|hf_(?=[A-Za-z]*[0-9])[A-Za-z0-9]{30,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])|AIza[0-9A-Za-z_-]{35}"
    r"|(?<![_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----)"
)
_MASK = "*"
_SHOWN = 4
"""Characters of a token that are shown: of which kind it is."""


def tokens_in(text: str, file: str) -> Iterator[Diagnostic]:
    """A finding for each token in `text`; none of them repeats it."""
    lines = Lines(text)
    for start, end in _places(text):
        line, column = lines.place(start)
        end_line, end_column = lines.place(end)
        yield Diagnostic(
            "AF120", "this looks like a key or a token", Span(file, line, column, end_line, end_column),
            label="a secret in a file", help="revoke it, for it has been written down; then write"
            " `${{ secrets.NAME }}`, and say in `agentflow.yaml` where it comes from: `secrets: {NAME: env:NAME}`",
        )  # fmt: skip


def without_tokens(text: str) -> str:
    """`text` as it may be shown: each token is stars, all places stay."""
    pieces: list[str] = []
    position = 0
    for start, end in _places(text):
        pieces += (text[position : start + _SHOWN], _MASK * (end - start - _SHOWN))
        position = end
    return "".join((*pieces, text[position:])) if pieces else text


@functools.lru_cache(maxsize=2)  # a text is asked about twice: what to say, and what to show
def _places(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(found.span() for found in _TOKEN.finditer(text))
