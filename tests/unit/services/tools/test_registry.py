"""Tools read from real files, called in real workers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.project import TOOL_FILES
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.language.compiler.tools import tool_names
from agentflow_cli.ports.http import HttpReply
from agentflow_cli.services.tools.environment import base_environment
from agentflow_cli.services.tools.python_functions import WorkerFunctions
from agentflow_cli.services.tools.registry import ToolRegistry
from tests.fakes.services import FakeHttp

DOCS = '''
from __future__ import annotations
from typing import Annotated, Literal, Optional, TypedDict

open("imported.txt", "a").write("x")

class Place(TypedDict, total=False):
    city: str

def search(query: str, top: int = 3, kind: Literal["guide", "api"] = "guide", tags: list[str] | None = None) -> list:
    """Search the docs.

    Finds pages by their words.

    Args:
        query: What to look for,
            in a few words.
        top (int): How many.
    Returns:
        Titles.
    """
    print("searching")
    return [f"{query}-{n}-{kind}" for n in range(top)]

async def where(place: Place, near: Annotated[Optional[float], "in km"], *, exact: bool, **rest: object) -> dict:
    """:param place: the place"""
    return {"place": place, "near": near, "exact": exact, "rest": rest}

def untyped(x):
    """No hints."""

def silent(x: int) -> int:
    return x

def odd(path: "pathlib.Path"):
    """Takes a path."""

def rest_only(*args: int):
    """By position."""

def _private(x: int):
    """Nobody's business."""

def fails(x: int):
    """Fails."""
    raise ValueError("no such thing")
'''


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[Callable[..., ToolRegistry]]:
    (tmp_path / "tools").mkdir()
    functions = WorkerFunctions(tmp_path, base_environment(os.environ))

    def build(http: FakeHttp | None = None, **files: str) -> ToolRegistry:
        for name, text in files.items():
            (tmp_path / "tools" / f"{name}.py").write_text(text)
        return ToolRegistry(tmp_path, functions=functions, http=http or FakeHttp())

    yield build
    await functions.close()


async def call(registry: ToolRegistry, name: str, **arguments: Any) -> Any:
    async def on_process(group: int, start: str) -> None:
        return None

    return await registry.call(name, arguments, on_process=on_process)


async def failure(registry: ToolRegistry, name: str, **arguments: Any) -> Failure:
    with pytest.raises(StepFailure) as caught:
        await call(registry, name, **arguments)
    return caught.value.failure


def test_a_function_with_hints_and_a_docstring_is_a_tool_and_nothing_is_imported_to_know_it(
    registry: Callable[..., ToolRegistry], tmp_path: Path
) -> None:
    tools = registry(docs=DOCS)
    assert [tool.name for tool in tools.list()] == ["fails", "http_get", "read_file", "search", "where"]
    search = tools.get("search")
    assert search.description == "Search the docs.\n\nFinds pages by their words."
    assert search.origin == "tools/docs.py:search"
    assert search.parameters == {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "What to look for, in a few words."},
            "top": {"type": "integer", "description": "How many.", "default": 3},
            "kind": {"type": "string", "enum": ["guide", "api"], "default": "guide"},
            "tags": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
        },
        "required": ["query"],
        "additionalProperties": False,
    }
    assert tools.get("where").parameters == {
        "type": "object",
        "properties": {
            "place": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": [],
                "additionalProperties": False,
                "description": "the place",
            },
            "near": {"type": ["number", "null"], "description": "in km"},
            "exact": {"type": "boolean"},
        },
        "required": ["place", "near", "exact"],
    }
    assert not (tmp_path / "imported.txt").exists()


def test_what_is_no_tool_says_why(registry: Callable[..., ToolRegistry]) -> None:
    tools = registry(docs=DOCS, broken="def (")
    reasons = {refused.origin: refused.reason for refused in tools.refused}
    assert set(reasons) == {
        "tools/broken.py",
        *(f"tools/docs.py:{name}" for name in ("untyped", "silent", "odd", "rest_only")),
    }
    assert "no type hint" in reasons["tools/docs.py:untyped"]
    assert "no docstring" in reasons["tools/docs.py:silent"]
    assert "`pathlib.Path`, which is not JSON" in reasons["tools/docs.py:odd"]
    assert "line 1" in reasons["tools/broken.py"]
    with pytest.raises(NotFoundError, match="`silent` is no tool: it has no docstring"):
        tools.get("silent")


async def test_a_tool_is_called_in_a_worker_with_checked_arguments(registry: Callable[..., ToolRegistry]) -> None:
    tools = registry(docs=DOCS)
    assert await call(tools, "search", query="refund", top=2) == ["refund-0-guide", "refund-1-guide"]
    assert await call(tools, "where", place={"city": "Oslo"}, near=None, exact=True, more=1) == {
        "place": {"city": "Oslo"},
        "near": None,
        "exact": True,
        "rest": {"more": 1},
    }
    wrong = await failure(tools, "search", query=7, topp=1)
    assert wrong.kind == "tool"
    assert "`query` must be a string, not the number" in wrong.message and "no field `topp`" in wrong.message
    assert (await failure(tools, "fails", x=1)).message.startswith("ValueError: no such thing (tools/docs.py:")


async def test_a_name_that_two_files_use_needs_its_module(registry: Callable[..., ToolRegistry]) -> None:
    text = 'def {}(x: int) -> str:\n    """Says where it is."""\n    return __file__[-4:]\n'
    tools = registry(a=text.format("look"), b=text.format("look") + text.format("read_file"))
    assert {tool.name for tool in tools.list()} == {"a.look", "b.look", "b.read_file", "read_file", "http_get"}
    assert await call(tools, "a.look", x=1) == "a.py"
    assert tools.get("read_file").origin == "built in"
    assert "several tools `look`; write `a.look` or `b.look`" in (await failure(tools, "look", x=1)).message
    assert "did you mean `b.look`?" in (await failure(tools, "b.loook", x=1)).message


def test_the_checks_of_the_language_know_the_same_tools(registry: Callable[..., ToolRegistry], tmp_path: Path) -> None:
    text = 'def {}(x: int, *, y: str = "") -> str:\n    """Says where it is."""\n    return ""\n'
    two = text.format("look") + text.format("read_file") + text.format("_own")
    tools = registry(docs=DOCS, broken="def (", a=text.format("look"), b=two)
    checked = tool_names(tmp_path, TOOL_FILES)
    for tool in tools.list():
        known = checked.tools[tool.name]
        assert set(known.required) == set(tool.parameters.get("required", ())), tool.name
        assert set(known.required) | set(known.optional) == set(tool.parameters["properties"]), tool.name
    for name in checked.tools:
        tools.get(name)
    for name in checked.refused:
        with pytest.raises(NotFoundError):
            tools.get(name)


async def test_a_full_name_works_where_a_short_one_would_do(registry: Callable[..., ToolRegistry]) -> None:
    assert registry(docs=DOCS).get("docs.search").name == "search"


async def test_http_get_is_not_trusted_with_this_machine(registry: Callable[..., ToolRegistry]) -> None:
    http = FakeHttp(lambda request: HttpReply(200, {"content-type": "text/html"}, "grün".encode()))
    assert await call(registry(http), "http_get", url="https://example.org") == {
        "status": 200,
        "content_type": "text/html",
        "body": "grün",
    }
    assert [(request.method, request.near) for request in http.requests] == [("GET", False)]


async def test_read_file_gives_the_text_or_some_lines_of_it(
    registry: Callable[..., ToolRegistry], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("1\n2\n3\n")
    (tmp_path / "link.txt").symlink_to("a.txt")
    tools = registry()
    assert await call(tools, "read_file", path="a.txt") == "1\n2\n3\n"
    assert await call(tools, "read_file", path="link.txt", start=2, lines=1) == "2\n"
    assert await call(tools, "read_file", path="a.txt", start=9) == ""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("../outside.txt", "denied"),
        ("/etc/passwd", "denied"),
        ("way-out/outside.txt", "denied"),
        ("out.txt", "denied"),
        (".git/config", "denied"),
        ("sub/../.git/config", "denied"),
        ("to-git", "denied"),
        (".agentflow/x", "denied"),
        (".env", "denied"),
        (".env.local", "denied"),
        ("/proc/self/environ", "denied"),
        ("nothing", "tool"),
        ("sub", "tool"),
        ("pipe", "tool"),
        ("binary", "tool"),
        ("a\0b", "tool"),
        ("a\ud800", "tool"),
        ("", "tool"),
    ],
)
async def test_read_file_reads_nothing_outside_and_no_state_and_no_secret(
    registry: Callable[..., ToolRegistry], tmp_path: Path, path: str, kind: str
) -> None:
    root, outside = tmp_path, tmp_path.parent / "outside.txt"
    outside.write_text("secret")
    for directory in (".git", "sub", ".agentflow"):
        (root / directory).mkdir()
    for name in (".git/config", ".agentflow/x", ".env", ".env.local"):
        (root / name).write_text("secret")
    (root / "way-out").symlink_to(root.parent)
    (root / "out.txt").symlink_to(outside)
    (root / "to-git").symlink_to(".git/config")
    os.mkfifo(root / "pipe")
    (root / "binary").write_bytes(b"\xff\xfe")
    found = await failure(registry(), "read_file", path=path)
    assert (found.kind, "secret\n" in found.message) == (kind, False), found


def test_a_typed_dict_that_extends_another_has_the_fields_of_both(registry: Callable[..., ToolRegistry]) -> None:
    tools = registry(
        docs='''
from typing import NotRequired, TypedDict
class Hit(TypedDict):
    id: str
class Rated(Hit, total=False):
    score: float
class Known(Rated):
    id: NotRequired[str]
    source: str
def keep(hit: Known) -> None:
    """Keep it."""
'''
    )
    (hit,) = tools.get("keep").parameters["properties"].values()
    assert list(hit["properties"]) == ["id", "score", "source"]
    assert hit["required"] == ["source"]
