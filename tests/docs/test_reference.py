"""The reference says what the program knows: written by `make docs`, and right as it stands."""

from __future__ import annotations

import runpy

import pytest

from agentflow_cli.diagnostics.codes import CODES
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.language.expressions.functions import FILTERS, FUNCTIONS, TESTS
from agentflow_cli.language.schema.catalogue import fields
from tests.docs.documents import REFERENCE, ROOT, blocks
from tests.docs.session import Project

PAGES = runpy.run_path(str(ROOT / "docs/generate.py"))["pages"]()
LANGUAGE = "docs/reference/language.md"


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_what_the_program_says_now(name: str) -> None:
    path = ROOT / "docs/reference" / name
    assert path.read_text() == PAGES[name], f"{name} is out of date: make docs"


def test_every_page_of_the_reference_is_generated() -> None:
    assert {path.name for path in REFERENCE.values()} == set(PAGES)


def test_every_field_code_and_function_has_its_place() -> None:
    page = PAGES["language.md"]
    for field in fields():
        assert f"`{field.path.removeprefix('steps.ID.')}`" in page, field.path
    for function in (*FILTERS.values(), *TESTS.values(), *FUNCTIONS.values()):
        assert f"| `{function.signature}` |" in page, function.name
    assert all(f"\n### {code}\n" in PAGES["diagnostics.md"] for code in CODES)


def test_the_step_that_is_shown_for_each_kind_is_valid(project: Project) -> None:
    shown = [block.text for block in blocks(LANGUAGE, "yaml")]
    assert len(shown) == len(KINDS)
    head = "apiVersion: agentflow/v1\n"
    there = {
        "agents/responder.yaml": f"{head}instructions: Be brief.\nlimits: {{turns: 3}}\n",
        "workflows/other.yaml": f"{head}inputs: {{input: {{type: string}}}}\nsteps: {{a: {{run: 'true'}}}}\n",
        "workflows/tools/file.py": "def name(name: str) -> str:\n    return name\n",
    }
    for number, text in enumerate(shown):
        body = "".join(f"  {line}" for line in text.splitlines(keepends=True))
        there[f"workflows/shown_{number}.yaml"] = f"{head}steps:\n{body}"
    for name, text in there.items():
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (project.root / name).write_text(text)
    done = project.agentflow("validate", *(name for name in there if "shown_" in name))
    assert done.returncode == 0, done.stdout + done.stderr
