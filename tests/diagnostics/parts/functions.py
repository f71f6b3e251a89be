"""Functions that the valid workflows name; nothing imports them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypedDict


class Commit(TypedDict):
    sha: str
    subject: str
    files: list[str]


class Verdict(TypedDict, total=False):
    level: Literal["low", "high"]
    reasons: list[str]


@dataclass
class Point:
    x: float
    y: float
    label: str | None = None


def commits(since: str, limit: int = 20) -> list[Commit]:
    return [{"sha": "1", "subject": since, "files": []}][:limit]


def judge(text: str) -> Verdict:
    return {"level": "low"}


def point(x: float, y: float) -> dict[str, Any]:
    return asdict(Point(x, y))


def maybe(name: str) -> str | None:
    return name or None


def counts(words: list[str]) -> dict[str, int]:
    return {word: len(word) for word in words}


def anything(**values: Any) -> Any:
    return values


def untyped(value, *others):  # type: ignore[no-untyped-def]
    return value


LIMIT = 20
"""A value, which nobody can call."""


def flag() -> bool:
    return True


def calculate(expr: str, deps: list[str]) -> float:
    return float(len(expr) + len(deps))
