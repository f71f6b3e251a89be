"""Types through the graph: what is known of each step's output, and how it is found out."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.failure import KINDS
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.types.workflow_types import types_of
from agentflow_cli.language.expressions.types.lattice import shown
from agentflow_cli.language.loader.load import Loaded, load_workflow

FUNCTIONS = """
from dataclasses import dataclass
from typing import Any, Literal, Optional, TypedDict

class Row(TypedDict, total=False):
    name: str
    level: Literal["low", "high"]

class Marked(Row):
    mark: int

class Circular(Circular): ...

@dataclass
class Point:
    x: int

def marked() -> Marked: ...
def circular() -> Circular: ...
def rows() -> list[Row]: ...
def maybe() -> Optional[Row]: ...
def either() -> "str | int": ...
def points() -> list[Point]: ...
def untold(): ...
def anything() -> Any: ...
async def later() -> dict[str, list[int]]: ...
def pair() -> tuple[int, str]: ...
def broken() -> "list[": ...
"""


def load(tmp_path: Path, steps: str, more: str = "") -> Loaded:
    (tmp_path / "f.py").write_text(FUNCTIONS, encoding="utf-8")
    file = tmp_path / "w.yaml"
    file.write_text(f"apiVersion: agentflow/v1\n{more}steps:\n{steps}", encoding="utf-8")
    found = Diagnostics()
    loaded = load_workflow(file, tmp_path, found)
    assert loaded is not None and not found, [d.message for d in found]
    return loaded


def output(loaded: Loaded, name: str) -> str:
    block = StepBlock(loaded.workflow.steps)
    return shown(types_of(loaded).output(block.steps[name], block), 4)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{prompt: Hi.}", "string"),
        ("{prompt: Hi., output: {enum: [a, b]}}", "'a' | 'b'"),
        ("{run: ls}", "string"),
        ("{run: ls, format: lines}", "array of string"),
        ("{run: ls, format: json}", "any"),
        ("{run: ls, format: json, output: {type: integer}}", "integer"),
        ("{foreach: [1, 2], run: ls}", "array of (string | null)"),
        ("{run: ls, on_error: {value: 1}}", "string | integer"),
        ("{run: ls, on_error: continue}", "string"),
        ("{foreach: [1], run: ls, on_error: {value: [x]}}", "array of (string | null | array of string)"),
        ("{ask: Sure?}", "{choice: 'approve' | 'reject', by: string, at: string}"),
        ("{ask: {message: m, choices: [a, b]}}", "{choice: 'a' | 'b', by: string, at: string}"),
        ("{ask: {message: m, form: {n: {type: integer, default: 1}}}}", "{n: integer, by: string, at: string}"),
        ("{wait: 1s}", "null"),
        ("{http: {url: 'http://localhost'}}", "{status: integer, headers: object, body: any}"),
        ("{recall: q, memory: m}", "array of {text: string, source: string, score: number, id: string}"),
        ("{tool: read_file, with: {path: p}}", "string"),
        (
            "{set: {a: 1, b: [x, '${{ inputs.n }}'], c: {d: null}}}",
            "{a: integer, b: array of (string | integer), c: {d: null}}",
        ),
        ("{set: {a: '${{ inputs.mode }}', b: 'x ${{ inputs.n }}'}}", "{a: 'fast' | 'slow', b: string}"),
        ("{steps: {i: {set: {a: 1}}}, outputs: {o: '${{ steps.i.output.a }}'}}", "{o: integer}"),
        ("{python: 'f.py:rows'}", "array of {name: string, level: 'low' | 'high'}"),
        ("{python: 'f.py:maybe'}", "null | {name: string, level: 'low' | 'high'}"),
        ("{python: 'f.py:marked'}", "{name: string, level: 'low' | 'high', mark: integer}"),
        ("{python: 'f.py:circular'}", "any"),
        ("{python: 'f.py:either'}", "string | integer"),
        ("{python: 'f.py:points'}", "array"),
        ("{python: 'f.py:untold'}", "any"),
        ("{python: 'f.py:anything'}", "any"),
        ("{python: 'f.py:later'}", "object"),
        ("{python: 'f.py:pair'}", "array of (integer | string)"),
        ("{python: 'f.py:broken'}", "any"),
    ],
)
def test_what_a_step_gives_out(tmp_path: Path, step: str, expected: str) -> None:
    more = "inputs: {n: {type: integer}, mode: {enum: [fast, slow]}}\n"
    assert output(load(tmp_path, f"  s: {step}\n", more), "s") == expected


def test_elements_and_rounds_and_calls_are_typed(tmp_path: Path) -> None:
    (tmp_path / "called.yaml").write_text(
        "apiVersion: agentflow/v1\ninputs: {n: {type: integer}}\nsteps:\n"
        "  a: {set: {x: '${{ inputs.n }}'}}\noutputs: {y: '${{ steps.a.output.x }}'}\n",
        encoding="utf-8",
    )
    loaded = load(
        tmp_path,
        "  call: {workflow: called.yaml, with: {n: 1}}\n"
        "  each:\n    foreach: [{k: a, n: 1}, {k: b, n: 2}]\n    as: row\n"
        "    set: {k: '${{ row.k }}', i: '${{ index }}'}\n"
        "  pairs: {foreach: \"{'a': 1} | items\", set: {v: '${{ item.value }}', k: '${{ item.key }}'}}\n"
        "  loop:\n    repeat: {max: 2}\n    steps:\n      i: {set: {n: '${{ iteration }}'}}\n"
        "      p: {set: {before: '${{ previous.i.n }}'}}\n    outputs: {b: '${{ steps.p.output.before }}'}\n",
    )
    assert output(loaded, "call") == "{y: integer}"
    assert output(loaded, "each") == "array of (null | {k: 'a' | 'b', i: integer})"
    assert output(loaded, "pairs") == "array of (null | {v: integer, k: string})"
    assert output(loaded, "loop") == "{b: integer}"


def test_a_long_chain_written_backwards_is_followed_to_its_end(tmp_path: Path) -> None:
    count = 2_000
    chain = "".join(f"  s{i}: {{set: {{x: '${{{{ steps.s{i + 1}.output.x }}}}'}}}}\n" for i in range(count))
    assert output(load(tmp_path, f"{chain}  s{count}: {{set: {{x: [1]}}}}\n"), "s0") == "{x: array of integer}"


def test_steps_that_read_each_other_in_a_circle_are_open(tmp_path: Path) -> None:
    steps = "  a: {set: {x: '${{ steps.b.output.x }}'}}\n  b: {set: {x: '${{ steps.a.output.x }}'}}\n"
    assert output(load(tmp_path, steps), "a") == "{x: any}"


def test_types_that_double_at_every_step_stay_small(tmp_path: Path) -> None:
    steps = "  s0: {set: {a: 1, b: 2}}\n" + "".join(
        f"  s{i}: {{set: {{a: '${{{{ steps.s{i - 1}.output }}}}', b: '${{{{ [steps.s{i - 1}.output] }}}}'}}}}\n"
        for i in range(1, 200)
    )
    loaded = load(tmp_path, steps)
    started = time.perf_counter()
    assert output(loaded, "s199").startswith("{a: ")
    assert time.perf_counter() - started < 5


def test_the_kinds_of_failures_are_those_that_the_source_makes() -> None:
    package = Path(__file__).parents[4] / "agentflow_cli"
    made: set[str] = set()
    for file in package.rglob("*.py"):
        made.update(re.findall(r'\bFailure\(\s*"([a-z_]+)"', file.read_text(encoding="utf-8")))
    assert len(made) > 10 and made <= set(KINDS)


def test_what_is_declared_counts_and_not_the_default_beside_it(tmp_path: Path) -> None:
    shape = "{oneOf: [{properties: {type: {const: circle}}}, {properties: {type: {const: square}}}]"
    loaded = load(
        tmp_path,
        "  s: {set: {t: '${{ inputs.shape.type }}'}}\n",
        f"inputs: {{shape: {shape}, default: {{type: circle}}}}}}\n",
    )
    assert output(loaded, "s") == "{t: 'circle' | 'square'}"
