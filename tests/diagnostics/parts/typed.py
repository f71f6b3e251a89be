"""Functions whose annotations are read by the tests of diagnostics."""

from __future__ import annotations

from typing import Literal, TypedDict


class Counted(TypedDict):
    total: int
    level: Literal["low", "high"]


def count() -> Counted:
    return {"total": 1, "level": "low"}


def counts(names: list[str]) -> list[Counted] | None:
    return [count() for _ in names]


class Entry(Counted):
    names: list[str]


def save(entry: Entry, names: list[str] | None = None) -> None:
    print(entry, names)
