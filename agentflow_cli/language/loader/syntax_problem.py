"""What the YAML parser said, without its library."""

from __future__ import annotations


class SyntaxProblem(Exception):
    """Where and why the parser cannot go on: offsets count characters, None when unknown."""

    def __init__(self, problem: str, context: str, offset: int | None, context_offset: int | None) -> None:
        super().__init__(problem)
        self.problem, self.context, self.offset, self.context_offset = problem, context, offset, context_offset
