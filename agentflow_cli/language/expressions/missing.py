"""The mark for a value that is not there, where one may be absent: under `default`, `coalesce`, `is defined`."""

from __future__ import annotations

from typing import Any, Final


class Missing:
    """There is one, `MISSING`; it never leaves an evaluation."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final[Any] = Missing()
