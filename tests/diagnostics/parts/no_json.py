"""Functions that give what is not JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass
class Place:
    x: int
    y: int


def place() -> Place:
    return Place(1, 2)


def days(count: int) -> list[date]:
    return [date(2026, 1, 1) + timedelta(days=number) for number in range(count)]


def lines() -> Iterator[str]:
    yield "one"
    yield "two"


def until(day: date) -> int:
    return day.toordinal() - date(2026, 1, 1).toordinal()


def nearest(places: list[Place], at: Place | None = None, limit: int = 1) -> list[int]:
    return [place.x for place in places][:limit]
