"""Text that did not come from us, made fit for the screen: cleaned, bounded, and never read as markup.

Everything goes to the screen as `Content` that is built from plain strings, which Textual does not parse.
"""

from __future__ import annotations

import json

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.terminal_text import clean

MOST_CHARACTERS = 100_000
"""Of one value that are shown; the rest is to be had on the command line."""


class Shown:
    """Writes text for one kind of terminal."""

    def __init__(self, ascii_only: bool = False) -> None:
        self.ascii_only = ascii_only

    def text(self, text: str) -> str:
        """Several lines, safe and bounded."""
        left_out = len(text) - MOST_CHARACTERS
        if left_out > 0:
            text = text[:MOST_CHARACTERS] + f"\n\n({left_out:,} more characters are not shown)"
        return self._encodable(clean(text).expandtabs(4))

    def line(self, text: str, longest: int = 300) -> str:
        """One line, safe and bounded."""
        text = " ".join(clean(text[: 4 * longest], keep_newlines=False).split())
        return self._encodable(text if len(text) <= longest else text[: longest - 1] + self.ellipsis)

    def value(self, value: Json) -> str:
        """A JSON value for reading: a string as it is, all else indented."""
        return self.text(value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False))

    def brief(self, value: Json, longest: int = 120) -> str:
        """A JSON value in one line."""
        if isinstance(value, str):
            return self.line(value, longest)
        if isinstance(value, (list, dict)) and len(value) > longest:
            return f"{len(value)} {'elements' if isinstance(value, list) else 'fields'}"
        return self.line(json.dumps(value, ensure_ascii=False), longest)

    @property
    def ellipsis(self) -> str:
        return "~" if self.ascii_only else "…"

    @property
    def pointer(self) -> str:
        return ">" if self.ascii_only else "▶"

    def sign(self, glyph: str, plain: str) -> str:
        return plain if self.ascii_only else glyph

    def _encodable(self, text: str) -> str:
        return text.encode("ascii", "replace").decode("ascii") if self.ascii_only else text


def clock_text(seconds: float) -> str:
    """`00:17`, `1:02:03`: a time that goes on, as a clock shows it."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def count_text(count: int) -> str:
    """`950`, `20.2k`, `1.3M`."""
    if count < 1_000:
        return str(count)
    return f"{count / 1_000:.1f}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"
