"""Light commands load nothing heavy: seen in `sys.modules` of real processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

HEAVY = {
    "networkx", "litellm", "chromadb", "textual", "numpy", "xllamacpp", "wordllama", "aiohttp", "httpx", "pydantic",
    "openai", "rich", "asyncio", "jsonschema", "diskcache", "watchfiles",
}  # fmt: skip

_PROGRAM = """
import json, sys
sys.argv = ["agentflow", *json.loads(sys.argv[1])]
from agentflow_cli.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
finally:
    print("\\nLOADED " + json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["version"],
        ["run", "--help"],
        ["validate", str(ROOT / "workflows" / "hello.yaml")],
        ["runs", "list"],
    ],
    ids=" ".join,
)
def test_a_light_command_loads_no_heavy_library(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, json.dumps(arguments)], cwd=tmp_path, capture_output=True, text=True
    )
    assert "LOADED" in done.stdout, done.stderr
    loaded = set(json.loads(done.stdout.rsplit("LOADED ", 1)[1]))
    assert loaded & HEAVY == set()


def test_importing_the_package_imports_nothing_else(tmp_path: Path) -> None:
    program = "import sys; before = set(sys.modules); import agentflow_cli; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['agentflow_cli']"
