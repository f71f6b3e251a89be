"""What a function gives that is no JSON is found by its type hint: all that a worker would refuse, and nothing else."""

from __future__ import annotations

import asyncio
import os
import re

import pytest

from agentflow_cli.domain.failure import StepFailure
from agentflow_cli.services.tools.environment import base_environment
from agentflow_cli.services.tools.python_functions import WorkerFunctions

from .workflows import Project, at

MODELS = """\
from dataclasses import dataclass
from typing import TypedDict
@dataclass
class Sib:
    x: int
class SibDict(TypedDict):
    p: Sib
"""
FUNCTIONS = """\
from __future__ import annotations
import datetime as dt, enum, typing
from collections import Counter
from dataclasses import dataclass, asdict
from datetime import datetime, date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Iterator, NamedTuple, Optional, Protocol, TypedDict
from uuid import UUID
import pydantic
from pydantic import BaseModel
from models import Sib, SibDict
@dataclass
class P:
    x: int
@dataclass
class Q(P):
    y: int
class M(BaseModel): a: int
class M2(M): b: int
class E1(enum.Enum): A = 1
class E2(str, enum.Enum): A = "a"
class E3(enum.IntEnum): A = 1
class Plain:
    pass
class D(dict): pass
class N(NamedTuple):
    a: int
class T(TypedDict):
    at: datetime
class T2(TypedDict, total=False):
    at: datetime
class Pr(Protocol):
    def x(self): ...
@dataclass
class DD(dict):
    x: int = 1
Alias = list[P]
def point() -> P: return P(1)
def derived() -> "Q": return Q(1,2)
def model() -> M: return M(a=1)
def maybe_model() -> Optional[M2]: return M2(a=1,b=2)
def colour() -> E1: return E1.A
def text_enum() -> E2: return E2.A
def int_enum() -> E3: return E3.A
def plain() -> Plain: return Plain()
def dict_class() -> D: return D(a=1)
def named_tuple() -> N: return N(1)
def dated() -> T: return {"at": datetime.now()}
def maybe_dated() -> T2: return {}
def protocol() -> Pr: return {}
def dict_dataclass() -> DD: return DD()
def points() -> Alias: return [P(1)]
def a_set() -> set[int]: return {1}
def some_bytes() -> bytes: return b""
def today() -> dt.date: return dt.date.today()
def days() -> list[date]: return [date.today()]
def price() -> Decimal: return Decimal(1)
def maybe_path() -> Path | None: return Path("x")
def by_uuid() -> dict[UUID, int]: return {}
def by_number() -> dict[int, str]: return {1: "a"}
def by_pair() -> dict[tuple[int, int], str]: return {(1,1): "a"}
def yields():
    yield 1
def iterator() -> Iterator[int]: return iter([1])
def iterable() -> typing.Iterable[int]: return [1]
def pair() -> tuple[int, P]: return (1, P(1))
def point_or_dict() -> P | dict: return {}
def annotated() -> Annotated[P, "x"]: return P(1)
def elsewhere() -> Sib: return Sib(1)
def rows_elsewhere() -> list[SibDict]: return [{"p": Sib(1)}]
def any_model() -> pydantic.BaseModel: return M(a=1)
def converted() -> dict[str, Any]: return asdict(P(1))
async def later() -> P: return P(1)
def list_of_inner() -> list:
    def inner():
        yield 1
    return list(inner())
def counted() -> Counter[str]: return Counter("aab")
"""
NAMES = re.findall(r"^(?:async )?def (\w+)\(\)", FUNCTIONS, re.MULTILINE)
MAY_BE_EMPTY = {"maybe_dated", "by_uuid"}
"""Of those that are warned of, the functions that give nothing wrong this time."""


@pytest.fixture
def findings(project: Project) -> dict[str, str]:
    """Function → severity."""
    project.write("models.py", MODELS)
    project.write("workflows/f.py", FUNCTIONS)
    text = "steps:\n" + "".join(f"  {name}: {{python: 'f.py:{name}'}}\n" for name in NAMES)
    found = [d for d in project.check(text) if d.code == "AF543"]
    return {re.findall("`(\\w+)` gives", d.message)[0]: d.severity.value for d in found}


def test_what_a_worker_refuses_is_told_and_nothing_else(project: Project, findings: dict[str, str]) -> None:
    async def refused() -> set[str]:
        functions = WorkerFunctions(project.root, base_environment(os.environ))
        found = set()
        try:
            for name in NAMES:
                try:
                    await functions.call(f"workflows/f.py:{name}", {}, on_process=nothing)
                except StepFailure:
                    found.add(name)
        finally:
            await functions.close()
        return found

    async def nothing(group: int, start_time: int) -> None:
        pass

    assert set(findings) - MAY_BE_EMPTY == asyncio.run(refused())


def test_it_is_an_error_only_where_nothing_else_can_come(findings: dict[str, str]) -> None:
    assert {name for name, severity in findings.items() if severity == "warning"} == MAY_BE_EMPTY | {
        "maybe_model", "points", "days", "maybe_path", "by_number", "by_pair", "rows_elsewhere",
    }  # fmt: skip


def test_the_message_says_what_to_give_instead(project: Project) -> None:
    project.write("workflows/f.py", "def rows():\n    yield 1\nasync def day() -> 'frozenset[str]': ...\n")
    generator, a_set = project.check("steps: {a: {python: 'f.py:rows'}, b: {python: 'f.py:day'}}\n")
    assert generator.message == "`rows` gives a generator, which is not JSON"
    assert generator.help == "collect the values in a list, and return that"
    assert a_set.message == "`day` gives a `frozenset` (line 3 of its file), which is not JSON"
    assert a_set.help == "return `sorted(…)` of it, a list"


@pytest.mark.parametrize(
    "source",
    [
        "class Point: ...\nclass Both(dict, Point): ...\ndef f() -> Point: ...",
        "from other import dataclass\n@dataclass\nclass Point: ...\ndef f() -> Point: ...",
        "import other\n@other.serialisable\nclass Point: ...\ndef f() -> Point: ...",
        "from other import Base\nclass Point(Base): ...\ndef f() -> list[Point]: ...",
        "class Point(metaclass=type): ...\ndef f() -> Point: ...",
        "from other import as_dict\nfrom datetime import date\n@as_dict\ndef f() -> date: ...",
        "from other import *\nfrom datetime import date\ndef f() -> date: ...",
        "from other import set\ndef f() -> set: ...",
        "from datetime import date\ndate = str\ndef f() -> date: ...",
        "class A(B): ...\nclass B(A): ...\ndef f() -> A: ...",
        "A = list[A]\ndef f() -> A: ...",
        "from typing import TypeVar\nT = TypeVar('T')\ndef f() -> T: ...",
    ],
)
def test_what_may_be_json_after_all_is_left_alone(project: Project, source: str) -> None:
    project.write("workflows/f.py", source)
    assert project.check("steps: {a: {python: 'f.py:f'}}\n") == []


def test_a_tool_of_an_agent_and_of_a_step_is_told_too(project: Project) -> None:
    project.write("tools/near.py", 'def near(place: str) -> set[str]:\n    """Places near."""\n    return {place}\n')
    agent = "agents: {guide: {instructions: Guide., tools: [near.near], limits: {turns: 3}}}\n"
    steps = "steps: {a: {agent: guide, task: Go.}, b: {tool: near, with: {place: here}}}\n"
    found = [(d.code, at(d, agent + steps)) for d in project.check(agent + steps)]
    assert found == [("AF543", "near.near"), ("AF543", "near")]


TAKES = """\
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
@dataclass
class Point:
    x: int
class Level(Enum):
    LOW = "low"
class Text(str): ...
def f(path: Path = None, point: "Point | None" = None, points: list[Point] = (), level: Level = None, raw: bytes = b"",
      either: str | Path = "", text: Text = "", names: set[str] = (), rows: Iterator[int] = (), own: "Own" = None):
    return path.read_text(), point.x, [p.x for p in points], level.value, raw.decode(), either.read_text(), own.x
"""


def codes_of(project: Project, parameters: str, body: str, given: str) -> list[str]:
    """What is told of a step that calls a function with these parameters and this body."""
    project.write("workflows/f.py", f"from pathlib import Path\ndef f({parameters}):\n    {body}\n")
    return [found.code for found in project.check(f"steps: {{a: {{python: 'f.py:f', with: {{{given}}}}}}}\n")]


def test_an_argument_of_a_type_that_json_has_not_is_doubted(project: Project) -> None:
    project.write("workflows/f.py", TAKES)
    text = "steps: {a: {python: 'f.py:f', with: {path: x, point: {x: 1}, points: [{x: 1}], level: low, raw: x}}}\n"
    found = [(d.code, d.severity.value, at(d, text)) for d in project.check(text)]
    assert found == [("AF544", "warning", name) for name in ("path", "point", "points", "level", "raw")]


@pytest.mark.parametrize(
    "body",
    [
        "return open(path).read()",
        "return Path(path).read_text()",
        "path = Path(path); return path.read_text()",
        "return path.read_text() if isinstance(path, Path) else path",
        "return path.read_text() if hasattr(path, 'read_text') else path",
        "return path.upper()",
        "return (lambda path: path.read_text())(Path(path))",
        "try: return path.read_text()\n    except AttributeError: return open(path).read()",
        "with contextlib.suppress(AttributeError): return path.read_text()\n    return path",
        "if is_text(path): return path\n    return path.read_text()",
        "if path.__class__ is str: return path\n    return path.read_text()",
        "match (path, 1):\n        case (str(), _): return path\n        case _: return path.read_text()",
        "return strict and path.read_text()",
        "return path.read_text() if strict else path",
        "if strict: return path.read_text()\n    return path",
        "import other as path\n    return path.read_text()",
    ],
)
def test_a_function_that_makes_do_with_a_text_is_left_alone(project: Project, body: str) -> None:
    assert codes_of(project, "path: Path, strict=False", body, "path: x") == []


@pytest.mark.parametrize(
    "body",
    [
        "return [open(path).name for path in paths]",
        "return [path.name for path in map(Path, paths)]",
        "made = [Path(one) for one in paths]; return [one.name for one in made]",
        "names = [path for path in paths]; return [path.name for path in Path('.').iterdir()] + names",
        "for path in paths:\n        path = Path(path); path.read_text()",
        "for path in paths:\n        if isinstance(path, str): continue\n        path.read_text()",
        "for path in paths:\n        if is_text(path): continue\n        path.read_text()",
        "return [path.name for path in paths if not is_text(path)]",
    ],
)
def test_a_function_that_makes_do_with_texts_is_left_alone(project: Project, body: str) -> None:
    assert codes_of(project, "paths: list[Path]", body, "paths: [x]") == []


@pytest.mark.parametrize("body", ["return [path.name for path in paths]", "for path in paths:\n        path.unlink()"])
def test_a_function_that_needs_objects_in_a_list_is_told(project: Project, body: str) -> None:
    assert codes_of(project, "paths: list[Path]", body, "paths: [x]") == ["AF544"]


@pytest.mark.parametrize(
    "classes",
    [
        "class Row: pass\nclass Mid(Row): pass\nclass Both(Mid, dict): pass",
        "class Row: pass\ndef make():\n    class Both(Row, dict): pass\n    return Both()",
        "class Row:\n    def __new__(cls): return {}",
    ],
)
def test_a_class_whose_objects_may_be_json_is_left_alone(project: Project, classes: str) -> None:
    project.write("workflows/f.py", f"{classes}\ndef f() -> Row: ...\n")
    assert project.check("steps: {a: {python: 'f.py:f'}}\n") == []


def test_an_argument_that_will_do_and_null_are_left_alone(project: Project) -> None:
    project.write("workflows/f.py", TAKES)
    given = "either: x, text: x, names: [x], rows: [1], own: {a: 1}, path: null, point: null"
    assert project.check(f"steps: {{a: {{python: 'f.py:f', with: {{{given}}}}}}}\n") == []
