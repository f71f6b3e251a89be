"""One finding about an author's file, and the collector that gathers all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from agentflow_cli.diagnostics.fix import Fix
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.foundation.errors import AgentflowError


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Secondary(NamedTuple):
    """A second place that the finding is about: `first defined here`."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding. `message` is one sentence without a full stop; `label` stands beside the caret."""

    code: str
    message: str
    span: Span | None = None
    """None when no place in a file is to blame (a missing file, for example): then `file` says which file."""
    severity: Severity = Severity.ERROR
    label: str | None = None
    help: str | None = None
    """What to do: `did you mean `model`?`. One sentence."""
    secondary: tuple[Secondary, ...] = ()
    file: str | None = None
    fix: Fix | None = field(default=None, hash=False)
    """What `validate --fix` writes instead; None when a person has to decide."""

    @property
    def place(self) -> tuple[str, int, int]:
        if self.span is None:
            return (self.file or "", 0, 0)
        return (self.span.file, self.span.line, self.span.column)


_STEP = re.compile(r"\bstep `[^`]*`")


MOST = 1_000
"""Errors of one check of a file, and as many warnings: nobody reads more, and hostile files hold millions."""
_LONGEST = 2_000
"""Characters of a message, a label or a help."""
_MOST_COMPARED = 25_000
_UNBOUNDED = 1_000_000_000


class Diagnostics:
    """Gathers findings from every stage, each distinct one once.

    What stands once in a file and belongs to several steps (an alias, a prompt file) is told once, of the first.
    Of the findings beyond `MOST` of a severity only one is kept: that there are more.
    """

    def __init__(self) -> None:
        self._found: dict[Diagnostic, Diagnostic] = {}
        self._count = dict.fromkeys(Severity, 0)

    def add(self, diagnostic: Diagnostic) -> None:
        if max(len(diagnostic.message), len(diagnostic.help or ""), len(diagnostic.label or "")) > _LONGEST:
            diagnostic = replace(diagnostic, message=_cut(diagnostic.message) or "", label=_cut(diagnostic.label),
                                 help=_cut(diagnostic.help))  # fmt: skip
        same = diagnostic
        if diagnostic.span is not None and "step `" in diagnostic.message:
            same = replace(diagnostic, message=_STEP.sub("step", diagnostic.message))
        if same in self._found:
            return
        severity = diagnostic.severity
        if self._count[severity] < MOST:
            self._count[severity] += 1
            self._found[same] = diagnostic
        elif self._count[severity] == MOST:
            self._count[severity] += 1
            more = _more(diagnostic)
            self._found[more] = more

    def take_back(self, code: str, span: Span | None) -> None:
        """Forget the finding `code` at `span`, because another one says more."""
        for same, diagnostic in list(self._found.items()):
            if diagnostic.code == code and diagnostic.span == span:
                del self._found[same]
                self._count[diagnostic.severity] -= 1

    @property
    def is_full(self) -> bool:
        """Whether no more errors are taken: whoever still looks for some may stop."""
        return self._count[Severity.ERROR] > MOST

    @property
    def most_compared(self) -> int:
        """With how many names the next misspelt one is still compared, to say which was meant: thousands of mistakes
        times thousands of names take longer than anyone reads."""
        found = self._count[Severity.ERROR]
        return _MOST_COMPARED // found if found else _UNBOUNDED

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)
            if self.is_full:
                return

    def sorted(self) -> list[Diagnostic]:
        """By file, line and column."""
        return sorted(self._found.values(), key=lambda d: (*d.place, d.code, d.message))

    @property
    def has_errors(self) -> bool:
        return self._count[Severity.ERROR] > 0

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.sorted())

    def __len__(self) -> int:
        return len(self._found)

    def __bool__(self) -> bool:
        return bool(self._found)


def _cut(text: str | None) -> str | None:
    """A sentence that repeats what an author wrote, where that is a megabyte, without its middle."""
    if text is None or len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST * 3 // 4]} … {text[-_LONGEST // 5 :]}"


def _more(dropped: Diagnostic) -> Diagnostic:
    """What stands for `dropped` and everything after it."""
    return Diagnostic(
        "AF103", f"there are more than {MOST:,} {dropped.severity.value}s; the others are not told",
        severity=dropped.severity, file=dropped.place[0] or None, help="mend these first, then check again",
    )  # fmt: skip


class InvalidWorkflowError(AgentflowError):
    """A workflow that cannot be used; `diagnostics` says why."""

    def __init__(self, diagnostics: Diagnostics, sources: dict[str, str]) -> None:
        super().__init__("the workflow is not valid")
        self.diagnostics = diagnostics
        self.sources = sources
        """The text of each file that a diagnostic points into, by the file name in its span."""
