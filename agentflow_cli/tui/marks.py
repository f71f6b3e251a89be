"""Every status as a glyph, a word and a colour of the terminal's own palette: never colour alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    glyph: str
    ascii: str
    word: str
    style: str
    """As Textual writes styles; empty: the terminal's foreground."""


MARKS = {
    "pending": Mark("·", ".", "pending", "dim"),
    "running": Mark("▸", ">", "running", "ansi_cyan"),
    "retrying": Mark("↻", "~", "retrying", "ansi_yellow"),
    "waiting": Mark("◆", "?", "waiting", "ansi_magenta"),
    "answered": Mark("◇", "?", "answered", "ansi_magenta"),
    "succeeded": Mark("✓", "v", "succeeded", "ansi_green"),
    "failed": Mark("✗", "x", "failed", "ansi_red"),
    "tolerated": Mark("!", "!", "went on", "ansi_yellow"),
    "skipped": Mark("○", "-", "skipped", "dim"),
    "cancelled": Mark("⊘", "/", "cancelled", "dim"),
    "accepted": Mark("·", ".", "accepted", "dim"),
    "suspended": Mark("◆", "?", "suspended", "ansi_magenta"),
    "interrupted": Mark("◌", "/", "interrupted", "ansi_yellow"),
    "crashed": Mark("✗", "x", "crashed", "ansi_red"),
    "damaged": Mark("✗", "x", "damaged", "ansi_red"),
}
"""By step status, run status, and `tolerated` for a failure that `on_error` let pass."""


def mark_of(status: str, tolerated: bool = False) -> Mark:
    if tolerated and status == "failed":
        return MARKS["tolerated"]
    return MARKS.get(status, Mark("?", "?", status, "dim"))
