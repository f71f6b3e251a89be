"""CONTRIBUTING.md is held against the tree: what its recipes name is there."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text()
QUOTED = set(re.findall(r"`([^`\n]+)`", TEXT))
PATHS = sorted(word for word in QUOTED if "/" in word and " " not in word and not word.startswith("-"))

NAMED = {
    "agentflow_cli/domain/kinds.py": ("class Kind", "_KINDS ="),
    "agentflow_cli/engine/executors/__init__.py": ("EXECUTORS",),
    "agentflow_cli/engine/executors/wait.py": ("async def execute(call: Call) -> Outcome", "call.operations.perform"),
    "agentflow_cli/engine/options.py": ("class Services",),
    "agentflow_cli/language/compiler/checks/__init__.py": ("def check_workflow",),
    "agentflow_cli/services/llm/provider.py": ("class Provider(Protocol)",),
    "agentflow_cli/services/llm/make_provider.py": ("class ProviderMaker",),
    "agentflow_cli/services/tools/built_in.py": ("_TOOLS =", "def behaviours"),
    "agentflow_cli/cli/commands/runs/output.py": ("def command(", "OUTPUTS"),
    "agentflow_cli/cli/app.py": ("VERBS =",),
    "agentflow_cli/foundation/terminal_text.py": ("def clean",),
    "tests/diagnostics/test_golden.py": ("AGENTFLOW_REGENERATE",),
    "tests/cli/conftest.py": ("def cli(",),
}
"""File → what a recipe says is in it."""


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("path", sorted(NAMED))
def test_what_a_recipe_names_is_in_its_file(path: str) -> None:
    text = (ROOT / path).read_text()
    assert all(name in text for name in NAMED[path])


def test_every_target_is_one_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = {word for line in re.findall(r"make ((?:test|check|prove|bench|demo| )+)", TEXT) for word in line.split()}
    assert targets >= {"test", "check", "prove"}
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)


def test_there_is_a_recipe_for_each_extension_point() -> None:
    headings = re.findall(r"^## (.+)$", TEXT, re.M)
    assert {"A kind of step", "A check", "A model provider", "A tool", "A command"} <= set(headings)
