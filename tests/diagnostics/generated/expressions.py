"""Expressions of a wanted kind over what can be read, which cannot fail; and conditions that may be either."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.diagnostics.generated.values import (
    COUNTS,
    FLAG,
    INT,
    INTS,
    NUMBER,
    ROWS,
    TEXT,
    TEXTS,
    Kind,
    choice,
    nullable,
    value,
    written,
)

_DEEPEST = 3
MODES = ("full", "quick", "dry")
INPUTS = {"rows": ROWS, "word": TEXT, "num": INT, "words": TEXTS, "mode": choice(*MODES), "debug": FLAG}
"""Every workflow has them, so that there is always something to read."""


@dataclass(frozen=True)
class Entry:
    """Something that can be read; `sure`: it is there whenever it is read."""

    text: str
    kind: Kind
    sure: bool = True


class Expressions:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def of(self, kind: Kind, scope: list[Entry], depth: int = 0) -> str:
        options = [self._read(kind, scope)] * 4 + [self._literal(kind)]
        if depth < _DEEPEST:
            options += self._guarded(kind, scope)
            if self.chance.random() < 0.5:
                branches = [self.of(kind, scope, depth + 1) for _ in range(2)]
                options.append(f"({branches[0]} if {self.condition(scope, depth + 1)} else {branches[1]})")
            options += self._made(kind, lambda wanted: self.of(wanted, scope, depth + 1))
            if kind == FLAG:
                options += [self.condition(scope, depth + 1)] * 3
        return self.chance.choice([option for option in options if option is not None])

    def condition(self, scope: list[Entry], depth: int = 0) -> str:
        """Over what is read alone, so that no part of it is always true."""

        def read(kind: Kind) -> str:
            return self._read(kind, scope) or next(f"inputs.{name}" for name, of in INPUTS.items() if of == kind)

        number = self.chance.randint(0, 3)
        if self.chance.random() < 0.5:
            return self._about_the_mode()
        options = [
            f"{read(INT)} > {read(INT)} + {number}", f"{read(TEXTS)} is empty", f"({read(ROWS)} | length) > 1",
            f"{read(TEXT)} is startswith('a')", f"'a' in {read(TEXTS)}", f"{read(TEXT)} == {read(TEXT)} ~ 'x'",
        ]  # fmt: skip
        for entry in scope:
            if not entry.sure and entry.text.startswith("steps."):
                step = entry.text.removesuffix(".output")
                options += [f"{step}.status == 'succeeded'", f"{step}.status != 'skipped'", f"{entry.text} is defined"]
        for text, kind in _sure(scope):
            if kind.null:
                options += [f"{text} is none", f"{text} is not none", f"{text} != none"]
            elif kind == FLAG:
                options += [text, f"(not {text})"] * 2
            elif kind.values:
                one = written(self.chance.choice(kind.values))
                options += [f"{text} == {one}", f"{text} != {one}", f"{text} in [{one}]"] * 2
            elif kind == INT:
                options.append(f"{text} {self.chance.choice(('<', '>=', '==', '!='))} {number}")
        if depth < _DEEPEST and self.chance.random() < 0.3:
            first, second = (self.condition(scope, depth + 1) for _ in range(2))
            return self.chance.choice((f"({first} and {second})", f"({first} or {second})", f"(not {first})"))
        return self.chance.choice(options)

    def _about_the_mode(self) -> str:
        """What several steps of a workflow are about, so that their conditions have to do with each other."""
        one, other = self.chance.sample(MODES, 2)
        return self.chance.choice(
            (f"inputs.mode == '{one}'", f"inputs.mode != '{one}'", f"(not inputs.mode == '{one}')",
             f"inputs.mode in ['{one}', '{other}']", f"(inputs.mode == '{one}' or inputs.mode == '{other}')",
             "inputs.debug", "(not inputs.debug)", f"(inputs.debug and inputs.mode != '{one}')", "inputs.num < 2",
             "inputs.num >= 2", "inputs.num > 0 and inputs.num <= 3")
        )  # fmt: skip

    def _read(self, kind: Kind, scope: list[Entry]) -> str | None:
        found = [text for text, inner in _sure(scope) if _fits(inner, kind)]
        return self.chance.choice(found) if found else None

    def _guarded(self, kind: Kind, scope: list[Entry]) -> Iterator[str]:
        other = self._literal(kind)
        missing = [text for entry in scope for text, of in _missing(entry) if _fits(of, kind)]
        if missing:
            text = self.chance.choice(missing)
            yield from (f"({text} | default({other}))", f"coalesce({text}, {other})",
                        f"({text} if {text} is defined else {other})",
                        f"({other} if {text} is not defined else {text})")  # fmt: skip
        found = [text for text, of in _sure(scope) if of.null and _fits(of, nullable(kind))]
        if found and not kind.null:
            text = self.chance.choice(found)
            yield from (f"coalesce({text}, {other})", f"({text} if {text} is not none else {other})",
                        f"({other} if {text} == none else {text})")  # fmt: skip

    def _literal(self, kind: Kind) -> str:
        return "inputs.rows" if kind == ROWS else written(value(kind, self.chance, whole=True))

    def _made(self, kind: Kind, of: Callable[[Kind], str]) -> list[str]:
        if kind == TEXT:
            return [f"({of(TEXT)} | upper)", f"({of(INT)} | string)", f"({of(TEXT)} ~ {of(INT)})",
                    f"({of(TEXTS)} | join(','))", f"({of(TEXTS)} | first | default('none'))",
                    f"({of(ROWS)} | tojson)", f"({of(ROWS)} | map(attribute='kind') | unique | sort | join('/'))",
                    f"({of(ROWS)} | selectattr('note', 'defined') | map(attribute='note') | first | default('-'))"
                    ]  # fmt: skip
        if kind == INT:
            return [f"({of(INT)} + {of(INT)})", f"({of(TEXTS)} | length)", f"({of(TEXT)} | int(3))",
                    f"({of(INTS)} | sum)", f"({of(ROWS)} | map(attribute='id') | max | default(0))",
                    f"({of(ROWS)} | rejectattr('kind', 'eq', 'a') | list | length)",
                    f"({of(COUNTS)} | values | sum)"]  # fmt: skip
        if kind == NUMBER:
            return [of(INT), f"({of(NUMBER)} / 2)", f"({of(TEXT)} | float(0.5))"]
        if kind == TEXTS:
            return [f"({of(TEXT)} | split(','))", f"({of(INTS)} | map('string') | list)", f"({of(COUNTS)} | keys)",
                    f"({of(TEXTS)} + [{of(TEXT)}])", f"({of(ROWS)} | map(attribute='kind') | list)"]  # fmt: skip
        if kind == INTS:
            return [f"({of(ROWS)} | map(attribute='id') | list)", f"({of(INTS)}[1:])", f"[{of(INT)}, {of(INT)}]"]
        if kind == ROWS:
            return [
                f"({of(ROWS)} | selectattr('kind', 'in', ['a', 'b']) | list)",
                f"({of(ROWS)} | sort(attribute='id'))",
            ]
        return []


def _sure(scope: list[Entry]) -> Iterator[tuple[str, Kind]]:
    """Everything that is there whenever it is read, with the required fields of objects."""
    waiting = [(entry.text, entry.kind) for entry in scope if entry.sure]
    while waiting:
        text, kind = waiting.pop()
        yield text, kind
        if not kind.null:
            waiting += ((f"{text}.{name}", inner) for name, inner in kind.required().items())


def _missing(entry: Entry) -> Iterator[tuple[str, Kind]]:
    """What may be missing: all of what is not sure, optional fields, first elements, keys of maps."""
    waiting = [(entry.text, entry.kind, not entry.sure)]
    while waiting:
        text, kind, missing = waiting.pop()
        if missing:
            yield text, kind
        if not kind.null:
            waiting += ((f"{text}.{n}", inner, missing or n in kind.optional) for n, inner in kind.fields.items())
            if kind.of is not None:
                waiting.append((text + ("[0]" if kind.name == "array" else ".k"), kind.of, True))


def _fits(kind: Kind, wanted: Kind) -> bool:
    """Whether a value of one kind is one of the other."""
    if kind == wanted:
        return True
    same = kind.name == wanted.name or (kind.name, wanted.name) == ("integer", "number")
    plain = wanted.name in ("string", "integer", "number") and not wanted.values
    return same and plain and kind.null <= wanted.null
