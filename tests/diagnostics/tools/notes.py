"""Tools that the cases name; read by the checks, and never run."""

from typing import Literal


def add_note(text: str, tags: list[str] | None = None, stars: int = 1, kind: Literal["idea", "task"] = "idea") -> str:
    """Keep a note."""
    return text
