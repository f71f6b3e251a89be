"""The valid files: those of the corpus, of the project, its examples, and the blocks of its documentation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.loader.load import load_workflow
from tests.docs.documents import PAGES, blocks

REPOSITORY = Path(__file__).parents[3]
OK = REPOSITORY / "tests/diagnostics/ok"


@dataclass(frozen=True, slots=True)
class Valid:
    """A file about which nothing is said. It need not be on disk; what it names is found from `path`."""

    name: str
    path: Path
    root: Path
    text: str


@cache
def corpus() -> tuple[Valid, ...]:
    found = [Valid(path.name, path, OK.parent, _read(path)) for path in sorted(OK.glob("*.yaml"))]
    found += [_of_project(path, REPOSITORY) for path in sorted((REPOSITORY / "workflows").glob("*.yaml"))]
    found += [_of_project(path, path.parent) for path in sorted((REPOSITORY / "examples").glob("*/workflow.yaml"))]
    for page in PAGES:
        for block in blocks(page, "yaml"):
            if "invalid" in block.words or "project" in block.words:
                continue
            text = block.text
            if "steps" in block.words:
                text = "apiVersion: agentflow/v1\nsteps:\n" + "".join(f"  {line}\n" for line in text.splitlines())
            valid = Valid(str(block), REPOSITORY / "workflows/block.yaml", REPOSITORY, text)
            if not said(valid, text):  # a block may name files that only its page has
                found.append(valid)
    return tuple(found)


def said(valid: Valid, text: str) -> Diagnostics:
    """What is said about `text` in the place of the file, which is called `x.yaml`."""
    diagnostics = Diagnostics()
    sources: dict[str, str] = {}
    loaded = load_workflow(valid.path, valid.root, diagnostics, display="x.yaml", text=text, sources=sources)
    if loaded is not None:
        check_workflow(loaded, diagnostics, sources)
    return diagnostics


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")  # line ends stay as they are


def _of_project(path: Path, root: Path) -> Valid:
    return Valid(path.relative_to(REPOSITORY).as_posix(), path, root, _read(path))
