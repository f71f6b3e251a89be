"""The walls of the house: who may import whom, and who may print, sleep, read the clock or roll dice."""

from __future__ import annotations

import ast

import pytest
from importlinter.cli import lint_imports

from tests.architecture.sources import ROOT, imported, trees

ONE_IMPORTER = {
    "yaml": "agentflow_cli/language/loader/",
    "jsonschema": "agentflow_cli/language/schema/",
    "jsonschema_rs": "agentflow_cli/language/schema/",
    "jinja2": "agentflow_cli/language/expressions/",
    "networkx": "agentflow_cli/language/compiler/",
    "chromadb": "agentflow_cli/services/memory/",
    "pydantic_settings": "agentflow_cli/services/memory/",  # chromadb's own settings are made of it
    "wordllama": "agentflow_cli/services/memory/",
    "xllamacpp": "agentflow_cli/services/llm/providers/",
    "litellm": "agentflow_cli/services/llm/providers/",
    "aiohttp": "agentflow_cli/services/llm/providers/",
    "httpx": "agentflow_cli/services/llm/providers/",
    "h11": "agentflow_cli/services/tools/",
    "diskcache": "agentflow_cli/services/cache/",
    "textual": "agentflow_cli/tui/",
    "watchfiles": "agentflow_cli/cli/",
}
"""Library → the room in which its one importing file stands."""

MANY_IMPORTERS = {"typer", "rich", "agentflow_cli"}
"""What the rooms of the command line may share."""


def test_imports_go_down_and_siblings_are_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


@pytest.mark.parametrize("library", sorted(ONE_IMPORTER))
def test_a_heavy_library_has_at_most_one_importing_file_in_its_room(library: str) -> None:
    importers = [path for path, tree in trees().items() if library in imported(tree)]
    assert len(importers) <= 1, importers
    assert all(path.startswith(ONE_IMPORTER[library]) for path in importers)


def test_every_third_party_library_has_a_home() -> None:
    import sys

    known = set(sys.stdlib_module_names) | set(ONE_IMPORTER) | MANY_IMPORTERS
    strangers = {(path, name) for path, tree in trees().items() for name in imported(tree) if name not in known}
    assert not strangers


def test_rich_and_typer_stay_in_the_command_line() -> None:
    for path, tree in trees().items():
        if imported(tree) & {"rich", "typer"}:
            assert path.startswith(("agentflow_cli/cli/", "agentflow_cli/__main__")), path


def calls(tree: ast.Module) -> set[str]:
    """Dotted names of what a file calls: `print`, `time.sleep`."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


HOMES = {
    "print": (),
    "input": (),
    "time.sleep": ("agentflow_cli/services/tools/processes.py", "agentflow_cli/foundation/lock.py"),
    "time.time": ("agentflow_cli/foundation/clock.py",),
    "datetime.now": ("agentflow_cli/foundation/clock.py",),
    "pickle.loads": (),
    "pickle.dumps": (),
    "eval": (),
    "exec": ("agentflow_cli/services/tools/python_worker.py",),
    "sys.exit": ("agentflow_cli/__main__.py", "agentflow_cli/cli/", "agentflow_cli/services/tools/python_worker.py"),
    "random.random": ("agentflow_cli/engine/attempt.py",),
}
"""Call → the files or rooms that may make it. What waits for a process to end in a thread has no loop to sleep in;
a lock is taken before there is one, and a reader may hold it for a moment."""


@pytest.mark.parametrize("call", sorted(HOMES))
def test_what_touches_the_world_has_its_home(call: str) -> None:
    guilty = [path for path, tree in trees().items() if call in calls(tree) and not path.startswith(HOMES[call] or "-")]
    assert not guilty


def test_files_hold_one_idea() -> None:
    lines = {path: len((ROOT / path).read_text().splitlines()) for path in trees()}
    assert {path: count for path, count in lines.items() if count > 400} == {}
    forbidden = ("utils", "manager", "helper", "helpers", "common", "misc")
    assert not [path for path in lines if any(f"/{word}" in path.replace(".py", "") for word in forbidden)]


def test_every_module_says_what_it_is() -> None:
    silent = [
        path for path, tree in trees().items() if not ast.get_docstring(tree) and (ROOT / path).read_text().strip()
    ]
    assert not silent
