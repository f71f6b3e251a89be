"""What can be wrong with an expression when it is read (`Problem`) or evaluated (`EvaluationError`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from agentflow_cli.foundation.errors import AgentflowError

if TYPE_CHECKING:
    from agentflow_cli.language.expressions.references import Reference
    from agentflow_cli.language.expressions.syntax import Body


class Problem(NamedTuple):
    """A finding at the characters [start, end) of a source string; `code` is a diagnostic's code (AF4xx)."""

    code: str
    message: str
    start: int
    end: int
    label: str | None = None
    help: str | None = None
    edits: tuple[tuple[int, int, str], ...] = ()
    """What a machine can write for which characters of the source string, when that is certain: (start, end, new)."""
    known: tuple[str, ...] = ()
    """The names of which the one at [start, end) may be a slip."""


class ExpressionErrors(AgentflowError):
    """A template or expression that cannot be used; `problems` holds everything that is wrong, in order of place."""

    def __init__(self, problems: Sequence[Problem], references: Sequence[Reference] = (), body: Body = ()) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.start, p.end, p.code)))
        self.references = tuple(references)
        """What the parts that could be understood read."""
        self.body = body
        """All parts, with an `Unread` for each that could not be; empty where there are none to look at."""
        super().__init__("; ".join(problem.message for problem in self.problems), hint=self.problems[0].help)


class EvaluationError(AgentflowError):
    """An expression that has no value for these data. [start, end) are characters of its source string."""

    def __init__(self, message: str, start: int = 0, end: int = 0, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.start = start
        self.end = end


class FunctionError(Exception):
    """Raised by a filter, test or operator that was given what it cannot use; the evaluator adds the place."""
