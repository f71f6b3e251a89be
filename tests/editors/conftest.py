"""A project as `init`, `new` and `schema --install` make it, open in an editor."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.language_server import LanguageServer

SCRIPT = Path(__file__).parent / "node_modules/yaml-language-server/bin/yaml-language-server"


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("editor") / "demo"
    environment = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "PYTHONUTF8": "1"}
    for arguments in (["init", str(root)], ["-C", str(root), "new", "agent", "critic"],
                      ["-C", str(root), "schema", "--install"]):  # fmt: skip
        subprocess.run([sys.executable, "-m", "agentflow_cli", *arguments], env=environment, check=True, timeout=120)
    return root


@pytest.fixture(scope="session")
def start(workspace: Path) -> Iterator[Any]:
    """Start a server with these `yaml` settings, without a network and without the public catalogue."""
    if not SCRIPT.is_file() or shutil.which("node") is None:
        pytest.skip("needs node and the language server: `make prove` installs it with npm")
    servers: list[LanguageServer] = []

    def begin(settings: dict[str, Any]) -> LanguageServer:
        servers.append(LanguageServer(SCRIPT, workspace, {"schemaStore": {"enable": False}, **settings}))
        return servers[-1]

    yield begin
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def editor(workspace: Path, start: Any) -> LanguageServer:
    """An editor that has read the settings that were installed."""
    installed = json.loads((workspace / ".vscode/settings.json").read_text())
    server: LanguageServer = start({"schemas": installed["yaml.schemas"], "hover": True, "completion": True})
    server.wait_for_settings("workflows/first.yaml")
    return server
