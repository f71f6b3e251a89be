"""Python files of every style: what can be said of their functions is said, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from agentflow_cli.language.compiler.annotations import schema_of
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.types.workflow_types import types_of
from agentflow_cli.language.expressions.types.lattice import shown
from agentflow_cli.services.tools.python_tools import read_tools

from .workflows import Project

OWN_MEANINGS = """\
from __future__ import annotations
import models
from typing import Any, TypedDict
from models import List

class Collection(TypedDict):
    name: str

class Mapping(list): ...

class Outer:
    class Sequence(dict): ...

def collection() -> Collection: ...
def mapping() -> Mapping: ...
def foreign() -> models.Collection: ...
def inner() -> Outer.Sequence: ...
def given(x: List) -> int: ...
"""
BOUND_IN_BRANCHES = """\
import sys
try:
    from json import dumps
    def fast(a: int) -> str: ...
except ImportError:
    def fast(a: str, b: str) -> list: ...
if sys.platform != "none":
    def either(n: int) -> int: ...
else:
    def either(text: str) -> str: ...
match sys.byteorder:
    case "little":
        def matched(n: int) -> int: ...
    case _:
        def matched(x: str) -> str: ...
with open(__file__) as handle:
    def opened(n: int) -> int: ...
(walrus := lambda x: x)
first, (second, *rest) = (max, (1, 2))
def again(a: int) -> int: ...
def again(b: str) -> str: ...
"""
ITERATED = """\
import collections.abc as cabc
from typing import Any, Iterable, Optional, Sequence

def words(text: Iterable[str], more: "cabc.Collection[str] | None" = None) -> int: ...
def size(data: Sequence) -> int: ...
def rows(data: list[Sequence[Any]]) -> int: ...
def total(xs: Iterable[float]) -> float: ...
"""
NAMED_TYPES = """\
from __future__ import annotations
import enum
from collections import Counter, defaultdict
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, NewType, NotRequired, Optional, TypeAlias, TypedDict
from models import Person, People as Persons
from .near import Place

Level = Literal["low", "high"]
Rows: TypeAlias = "list[dict[str, int]]"
UserId = NewType("UserId", str)
Pair = TypedDict("Pair", {"left": int, "right": "UserId"}, total=False)

class Tree(TypedDict):
    value: int
    children: "list[Tree]"
    seen: NotRequired[datetime]
    person: Person

class Spot(NamedTuple):
    x: int

class Colour(str, enum.Enum):
    RED = "red"

def level() -> Level: ...
def rows() -> Optional[Rows]: ...
def user() -> UserId: ...
def pair() -> Annotated[Pair, "a pair"]: ...
def tree() -> Tree: ...
def spot() -> list[Spot]: ...
def colour() -> Colour: ...
def counted() -> Counter[str]: ...
def grouped() -> defaultdict[str, list[Level]]: ...
def fixed() -> tuple[Literal["a"], int]: ...
def many() -> tuple[Level, ...]: ...
def person() -> Person: ...
def persons() -> Persons: ...
def place() -> Place: ...
def given(rows: Rows, level: Level, tree: Tree) -> None: ...
"""
MODELS = """\
from typing import TypedDict
from names import Name
class Person(TypedDict):
    name: Name
People = dict[str, list[Person]]
"""


def codes(project: Project, *steps: str) -> list[str]:
    text = "".join(f"  s{number}: {step}\n" for number, step in enumerate(steps))
    return [found.code for found in project.check("steps:\n" + text)]


def test_a_name_of_the_file_is_not_taken_for_the_one_of_typing(project: Project) -> None:
    project.write("workflows/f.py", OWN_MEANINGS)
    steps = [f"{{python: 'f.py:{name}'}}" for name in ("collection", "mapping", "foreign", "inner")]
    read = "{set: {a: '${{ steps.s0.output.name }}', b: '${{ steps.s1.output[0] }}', c: '${{ steps.s2.output.name }}',"
    read += " d: '${{ steps.s3.output.name }}'}}"
    assert codes(project, *steps, read) == []
    assert codes(project, "{python: 'f.py:given', with: {x: {k: 1}}}") == []
    assert codes(project, steps[0], "{set: {a: '${{ steps.s0.output.nam }}'}}") == ["AF318"]


def test_what_branches_define_differently_is_open(project: Project) -> None:
    project.write("workflows/f.py", BOUND_IN_BRANCHES)
    for call in ("fast', with: {a: 1}", "either', with: {n: 1}", "matched', with: {x: a}", "walrus', with: {x: 1}"):
        assert codes(project, f"{{python: 'f.py:{call}}}") == []
    assert codes(project, "{python: 'f.py:second'}", "{python: 'f.py:rest'}") == []
    assert codes(project, "{python: 'f.py:opened', with: {m: 1}}") == ["AF334", "AF334"]
    assert codes(project, "{python: 'f.py:again', with: {b: x}}") == []


@pytest.mark.parametrize(
    "source",
    [
        "globals()['made'] = print",
        "exec('def made(): ...')",
        "def __getattr__(name):\n    return print",
        "from os.path import *",
        "import sys\nsetattr(sys.modules[__name__], 'made', print)",
    ],
)
def test_a_file_that_makes_names_when_it_runs_may_have_any(project: Project, source: str) -> None:
    project.write("workflows/f.py", f"{source}\ndef known(a: int) -> int: ...\n")
    assert codes(project, "{python: 'f.py:made'}") == []
    assert codes(project, "{python: 'f.py:known', with: {a: many}}") == ["AF535"]


def test_a_text_and_a_mapping_can_be_given_where_texts_are_iterated(project: Project) -> None:
    project.write("workflows/f.py", ITERATED)
    assert codes(project, "{python: 'f.py:words', with: {text: abc, more: {a: 1}}}") == []
    assert codes(project, "{python: 'f.py:size', with: {data: abc}}") == []
    assert codes(project, "{python: 'f.py:rows', with: {data: [abc, [1]]}}") == []
    [wrong] = project.check("steps: {a: {python: 'f.py:words', with: {text: 5}}}\n")
    assert wrong.message.endswith("it must be a list, a string or a mapping, not the number `5`")
    assert codes(project, "{python: 'f.py:total', with: {xs: abc}}") == ["AF535"]


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        ("str | int | None", {"type": ["string", "integer", "null"]}),
        ("Optional[Union[str, int]]", {"type": ["string", "integer", "null"]}),
        ("Union[str, Optional['int | str']]", {"type": ["string", "integer", "null"]}),
        ("Literal[1, 'a'] | str | None", {"anyOf": [{"enum": [1, "a"]}, {"type": "string"}, {"type": "null"}]}),
        ("str | Any | None", {}),
    ],
)
def test_a_union_of_unions_is_one_union(hint: str, schema: dict[str, Any]) -> None:
    assert schema_of(ast.parse(hint, mode="eval").body, {}) == schema


def test_an_argument_is_held_against_a_union_of_three(project: Project) -> None:
    project.write("workflows/f.py", "def go(x: str | int | None = None) -> str | int | None: ...\n")
    assert codes(project, "{python: 'f.py:go', with: {x: 1}}", "{python: 'f.py:go', with: {x: null}}") == []
    assert codes(project, "{python: 'f.py:go', with: {x: [1]}}") == ["AF535"]


def shapes(project: Project, *names: str) -> list[str]:
    """What functions of f.py give, as types."""
    loaded = project.load("steps:\n" + "".join(f"  {name}: {{python: 'f.py:{name}'}}\n" for name in names))
    block = StepBlock(loaded.workflow.steps)
    return [shown(types_of(loaded).output(block.steps[name], block), 5) for name in names]


def test_names_of_types_are_followed_in_the_file_and_to_the_files_that_it_imports_from(project: Project) -> None:
    project.write("workflows/f.py", NAMED_TYPES)
    project.write("models.py", MODELS)
    project.write("names.py", "Name = str | None\n")
    project.write("workflows/near.py", "import typing\nclass Place(typing.TypedDict):\n    street: str\n")
    person = "{name: string | null}"
    expected = {
        "level": "'low' | 'high'",
        "rows": "null | array of object",
        "user": "string",
        "pair": "{left: integer, right: string}",
        "tree": f"{{value: integer, children: array, seen: any, person: {person}}}",
        "spot": "array of array",
        "colour": "string",
        "counted": "object",
        "grouped": "object",
        "fixed": "array of ('a' | integer)",
        "many": "array of ('low' | 'high')",
        "person": person,
        "persons": "object",
        "place": "{street: string}",
    }
    assert dict(zip(expected, shapes(project, *expected), strict=True)) == expected


def test_an_argument_is_held_against_the_type_that_its_name_stands_for(project: Project) -> None:
    project.write("workflows/f.py", NAMED_TYPES.replace("    person: Person\n", "").replace("[datetime]", "[str]"))
    right = "level: low, tree: {value: 1, children: [{value: 2, children: []}]}"
    assert codes(project, f"{{python: 'f.py:given', with: {{rows: [{{a: 1}}], {right}}}}}") == []
    wrong = "rows: [{a: x}], level: hgih, tree: {value: 1}"
    assert codes(project, f"{{python: 'f.py:given', with: {{{wrong}}}}}") == ["AF535"] * 3


def test_names_that_stand_for_themselves_are_open(project: Project) -> None:
    project.write("workflows/f.py", "A = B\nB = A\nC = list[C]\ndef a() -> A: ...\ndef c() -> C: ...\n")
    assert shapes(project, "a", "c") == ["any", "array"]


def test_a_type_that_unfolds_without_end_is_open(project: Project) -> None:
    classes = "".join(
        f"class A{i}(TypedDict):\n" + "".join(f"    f{j}: A{i + 1}\n" for j in range(10)) for i in range(15)
    )
    project.write("workflows/f.py", f"from typing import TypedDict\n{classes}A15 = int\ndef a() -> A0: ...\n")
    assert shapes(project, "a") == ["any"]


def test_a_parameter_with_none_as_its_default_takes_none(project: Project, tmp_path: Path) -> None:
    source = 'def look(n: int = None, kind: Literal["a"] = None, o: str | None = None) -> str:\n    """Looks."""\n'
    project.write("tools/t.py", "from typing import Literal\n\n" + source)
    assert codes(project, "{tool: look, with: {n: null, kind: null, o: null}}") == []
    assert codes(project, "{tool: look, with: {n: many}}") == ["AF535"]
    [tool] = read_tools(tmp_path / "tools/t.py").tools
    assert tool.parameters["properties"] == {
        "n": {"type": ["integer", "null"]},
        "kind": {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
        "o": {"type": ["string", "null"]},
    }


@pytest.mark.parametrize(
    "hint",
    ["Union[()]", "Literal[()]", "Optional[()]", "Annotated[()]", "dict[()]", "list[()]", "tuple[()]", "-1", "''",
     r"'Iterable[\x00]'", "'Iterable['", "Iterable['Iterable[']", "Iterable[lambda: 1]", "Literal[1, ...]"],
)  # fmt: skip
def test_a_hint_that_means_nothing_is_open(project: Project, hint: str) -> None:
    project.write("workflows/f.py", f"def odd(x: {hint}) -> {hint}: ...\n")
    assert codes(project, "{python: 'f.py:odd', with: {x: {y: [1]}}}") == []
