"""What other tools read of this repository."""

from __future__ import annotations

import re
import shlex

import yaml

from tests.docs.documents import ROOT
from tests.docs.session import Project

HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


def test_the_hooks_of_pre_commit_have_what_it_asks_for() -> None:
    assert [hook["id"] for hook in HOOKS] == ["agentflow-validate", "agentflow-fix"]
    for hook in HOOKS:
        assert {"id", "name", "entry", "language"} <= hook.keys()
        assert hook["language"] == "python"


def test_a_hook_is_given_workflows_agents_and_project_files_alone() -> None:
    for hook in HOOKS:
        given = [
            name
            for name in ("workflows/a.yaml", "x/agents/b.yml", "agentflow.yaml", ".github/workflows/ci.yaml", "a.yaml")
            if re.search(hook["files"], name)
        ]
        assert given == ["workflows/a.yaml", "x/agents/b.yml", "agentflow.yaml"]


def test_the_entry_of_a_hook_checks_the_files_that_it_is_given(project: Project) -> None:
    path = project.root / "workflows" / "slip.yaml"
    for hook, code in zip(HOOKS, (1, 0), strict=True):
        path.write_text("apiVersion: agentflow/v1\nsteps:\n  a: {promt: Hi}\n")
        command, *arguments = shlex.split(hook["entry"])
        assert command == "agentflow"
        assert project.agentflow(*arguments, "workflows/slip.yaml").returncode == code
    assert "prompt: Hi" in path.read_text()
