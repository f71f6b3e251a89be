"""What was worked out about a JSON value, found again for another one that is written in the same way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")

_MOST = 2_000


class ByContent(Generic[Result]):
    """Answers of a function that looks at nothing but its argument, which is JSON. The answers are not to be changed.

    The files of a project repeat their schemas, and one file is looked at by many checks.
    """

    def __init__(self, work: Callable[[Any], Result]) -> None:
        self._work = work
        self._known: dict[str, Result] = {}

    def __call__(self, value: Any) -> Result:
        try:
            text = json.dumps(value)  # the order of fields counts: it decides what is found first
        except (TypeError, ValueError, RecursionError):
            return self._work(value)
        if text not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[text] = self._work(value)
        return self._known[text]
