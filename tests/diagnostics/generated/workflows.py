"""Whole workflows: steps of most kinds, in groups and loops, some of which may be skipped or fail."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.diagnostics.generated.expressions import INPUTS, Entry, Expressions
from tests.diagnostics.generated.values import (
    COUNTS,
    FLAG,
    INT,
    KINDS,
    NUMBER,
    ROW,
    ROWS,
    TEXT,
    TEXTS,
    Kind,
    array,
    choice,
    nullable,
    record,
    schema,
)

FUNCTIONS: Mapping[str, tuple[dict[str, Kind], Kind]] = {
    "rows": ({"n": INT}, ROWS),
    "result": ({"text": TEXT, "flag": FLAG}, record(ok=FLAG, rows=ROWS, score=NUMBER)),
    "maybe": ({"x": TEXT}, nullable(TEXT)),
    "counts": ({}, COUNTS),
}
"""What they take and what they give; SOURCE says the same in Python."""
SOURCE = """\
from typing import Literal, NotRequired, TypedDict

class Row(TypedDict):
    id: int
    kind: Literal["a", "b", "c"]
    note: NotRequired[str]

class Result(TypedDict):
    ok: bool
    rows: list[Row]
    score: float

def rows(n: int = 2) -> list[Row]: ...
def result(text: str = "", flag: bool = False) -> Result: ...
def maybe(x: str = "") -> str | None: ...
def counts() -> dict[str, int]: ...
"""
_LEAVES = ("set", "set", "prompt", "run", "json", "python", "ask", "notify")
_NESTED = ("each", "group", "repeat", "fail")


@dataclass
class Generated:
    """A workflow as data, what its inputs are, what each step gives, and which steps may fail without an end to it."""

    data: dict[str, Any]
    inputs: dict[str, Kind]
    gives: dict[str, Kind] = field(default_factory=dict)
    flaky: set[str] = field(default_factory=set)


def workflow(chance: random.Random) -> Generated:
    offered = (choice("a", "b", "c"), choice("full", "quick"), FLAG, INT, nullable(TEXT), choice(1, 2, 3))
    inputs = {**INPUTS, **{f"i{number}": chance.choice(offered) for number in range(chance.randint(1, 4))}}
    found = Generated({"apiVersion": "agentflow/v1", "inputs": {n: schema(k) for n, k in inputs.items()}}, inputs)
    maker = _Maker(chance, found)
    scope = [Entry(f"inputs.{name}", kind) for name, kind in inputs.items()]
    found.data["steps"], after = maker.block(scope, chance.choice((2, 3, 5, 8, 12)), 0)
    found.data["outputs"] = maker.outputs(found.data["steps"], after)[0]
    if chance.random() < 0.3:
        late = [Entry(entry.text, entry.kind, entry.text.startswith("inputs.")) for entry in after]
        found.data["finally"], _ = maker.block(late, chance.randint(1, 2), 2, late=True)
    return found


class _Maker:
    def __init__(self, chance: random.Random, found: Generated) -> None:
        self.chance, self.found, self.number = chance, found, 0
        self.branchy = chance.random() < 0.5
        """Whether most steps have conditions and read what may be skipped."""
        self.expressions = Expressions(chance)

    def template(self, kind: Kind, scope: list[Entry]) -> str:
        return "${{ " + self.expressions.of(kind, scope) + " }}"

    def block(
        self, scope: list[Entry], count: int, depth: int, late: bool = False
    ) -> tuple[dict[str, Any], list[Entry]]:
        steps: dict[str, Any] = {}
        scope = list(scope)
        for _ in range(count):
            self.number += 1
            name = f"s{self.number}"
            steps[name], kind, sure = self.step(name, scope, set(steps), depth, late)
            scope.append(Entry(f"steps.{name}.output", kind, sure))
        return steps, scope

    def outputs(self, steps: dict[str, Any], scope: list[Entry]) -> tuple[dict[str, str], Kind]:
        kinds = {f"o{number}": self.chance.choice(KINDS[:9]) for number in range(self.chance.randint(1, 2))}
        given = {name: self.template(kind, scope) for name, kind in kinds.items()}
        return {**given, **{f"at_{name}": f"${{{{ steps.{name}.status }}}}" for name in steps}}, record(**kinds)

    def step(
        self, name: str, scope: list[Entry], own: set[str], depth: int, late: bool
    ) -> tuple[dict[str, Any], Kind, bool]:
        step: dict[str, Any] = {}
        sure = True
        unsure = [entry for entry in scope if not entry.sure and entry.text.split(".")[1] in own]
        if unsure and not late and self.chance.random() < (0.6 if self.branchy else 0.2):
            # It reads this one all the same, and is skipped with it.
            chosen = self.chance.choice(unsure)
            scope = [Entry(entry.text, entry.kind, entry.sure or entry is chosen) for entry in scope]
            sure = False
            if self.chance.random() < 0.4:
                ended = chosen.text.removesuffix(".output")
                told = (f"{ended}.status == 'succeeded'", f"{chosen.text} is defined", f"{ended}.status != 'skipped'")
                step["when"] = self.chance.choice(told)
        kind = self.chance.choice(_LEAVES + (_NESTED if depth < 2 else ()))
        if kind == "fail" or self.chance.random() < (0.7 if self.branchy else 0.3):
            condition = self.expressions.condition(scope)
            step["when"] = f"{step['when']} and {condition}" if "when" in step else condition
            sure = False
        if kind in _NESTED:
            given = self.nested(kind, step, scope, depth)
        else:
            given = self.leaf(name, kind, step, scope)
            self.found.gives[name] = given
        if kind in ("prompt", "run", "json", "python") and self.chance.random() < 0.25:
            self.found.flaky.add(name)
            step["on_error"] = "continue"
            sure = False
        return step, given, sure and not late

    def leaf(self, name: str, kind: str, step: dict[str, Any], scope: list[Entry]) -> Kind:
        given = TEXT
        match kind:
            case "set":
                given = record(**{f"v{number}": self.chance.choice(KINDS[:12]) for number in range(2)})
                step["set"] = {field: self.template(of, scope) for field, of in given.fields.items()}
            case "prompt":
                condition, text = self.expressions.condition(scope), self.template(TEXT, scope)
                step["prompt"] = f"{name} {{% if {condition} %}}{text}{{% else %}}no{{% endif %}}"
                if self.chance.random() < 0.7:
                    given = self.chance.choice(KINDS)
                    step["output"] = schema(given)
            case "run":
                step["run"] = ["echo", name, self.template(self.chance.choice((TEXT, INT, FLAG)), scope)]
            case "json":
                given = self.chance.choice(KINDS)
                step |= {"run": ["json", name, self.template(TEXT, scope)], "format": "json", "output": schema(given)}
            case "python":
                function = self.chance.choice(list(FUNCTIONS))
                takes, given = FUNCTIONS[function]
                step["python"] = f"functions.py:{function}"
                if takes:
                    step["with"] = {field: self.template(of, scope) for field, of in takes.items()}
            case "ask":
                given = record(choice=choice("x", "y", "z"))
                step["ask"] = {"message": self.template(TEXT, scope), "choices": ["x", "y", "z"], "ci": "y"}
            case "notify":
                given = record(message=TEXT)
                step["notify"] = {"channel": "log", "message": self.template(TEXT, scope)}
        return given

    def nested(self, kind: str, step: dict[str, Any], scope: list[Entry], depth: int) -> Kind:
        inside = list(scope)
        if kind == "fail":
            step["fail"] = self.template(TEXT, scope)
            return record()
        if kind == "each":
            element = self.chance.choice((TEXT, ROW))
            step["foreach"] = self.expressions.of(TEXTS if element == TEXT else ROWS, scope)
            step["as"] = f"item{self.number}"
            inside += [Entry(step["as"], element), Entry("index", INT)]
        elif kind == "repeat":
            step["repeat"] = {"max": self.chance.randint(1, 3), "on_max": "continue"}
            inside.append(Entry("iteration", INT))
        step["steps"], after = self.block(inside, self.chance.randint(1, 3), depth + 1)
        step["outputs"], given = self.outputs(step["steps"], after)
        if kind == "repeat":
            until = self.expressions.condition([entry for entry in after if entry.sure])
            if "iteration" in until or any(f"steps.{name}." in until for name in step["steps"]):
                step["repeat"]["until"] = until
        if kind == "each" and self.chance.random() < 0.3:
            step["on_error"] = "continue"
            return array(nullable(given))
        return array(given) if kind == "each" else given
