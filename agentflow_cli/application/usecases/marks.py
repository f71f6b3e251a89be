"""Every status as a glyph, a word and a colour, for all who show runs: never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentflow_cli.domain.run_state import StepState


@dataclass(frozen=True, slots=True)
class Mark:
    glyph: str
    ascii: str
    word: str
    style: str
    """A colour of the terminal's own palette, or `dim`."""

    def sign(self, unicode: bool) -> str:
        return self.glyph if unicode else self.ascii

    @property
    def screen_style(self) -> str:
        """The same as Textual writes it."""
        return self.style if self.style == "dim" else f"ansi_{self.style}"


MARKS = {
    "pending": Mark("·", ".", "pending", "dim"),
    "running": Mark("▸", ">", "running", "cyan"),
    "retrying": Mark("↻", "~", "retrying", "yellow"),
    "waiting": Mark("◆", "?", "waiting", "magenta"),
    "answered": Mark("◇", "?", "answered", "magenta"),
    "succeeded": Mark("✓", "v", "succeeded", "green"),
    "failed": Mark("✗", "x", "failed", "red"),
    "tolerated": Mark("!", "!", "went on", "yellow"),
    "skipped": Mark("○", "-", "skipped", "dim"),
    "cancelled": Mark("⊘", "/", "cancelled", "dim"),
    "accepted": Mark("·", ".", "accepted", "dim"),
    "suspended": Mark("◆", "?", "suspended", "magenta"),
    "stopped": Mark("■", "=", "stopped", "green"),
    "interrupted": Mark("◌", "/", "interrupted", "yellow"),
    "crashed": Mark("✗", "x", "crashed", "red"),
    "damaged": Mark("✗", "x", "damaged", "red"),
}
"""By step status, run status, and `tolerated` for a failure that `on_error` let pass."""


def mark_of_step(step: StepState) -> Mark:
    """A step that has its answer, and waits only for the run to go on, counts as answered."""
    answered = step.status == "waiting" and step.answer is not None
    return mark_of("answered" if answered else step.status, step.tolerated)


def mark_of(status: str, tolerated: bool = False) -> Mark:
    if tolerated and status == "failed":
        return MARKS["tolerated"]
    return MARKS.get(status, Mark("?", "?", status, "dim"))
