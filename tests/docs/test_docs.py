"""What the documentation says is so."""

from __future__ import annotations

import re
import tomllib

import pytest

from agentflow_cli.cli.app import VERBS
from agentflow_cli.diagnostics.codes import CODES
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.engine.executors import EXECUTORS
from agentflow_cli.foundation.exit_codes import ExitCode
from tests.docs.documents import EVERY_PAGE, PAGES, ROOT, Block, anchors, blocks, code_spans, links, prose, table
from tests.docs.session import Project, agrees

_YAML = [block for page in PAGES for block in blocks(page, "yaml")]
_COMMANDS = {verb.name: {inner.name for inner in verb.verbs} for verb in VERBS}


@pytest.mark.parametrize("block", _YAML, ids=str)
def test_a_yaml_block_is_a_valid_workflow_unless_it_says_otherwise(block: Block, project: Project) -> None:
    text = block.text
    if "project" in block.words:
        (project.root / "agentflow.yaml").write_text(text)
        done = project.agentflow("validate", "agentflow.yaml")
        assert done.returncode == 0, done.stdout + done.stderr
        return
    if "steps" in block.words:
        text = "apiVersion: agentflow/v1\nsteps:\n" + "".join(f"  {line}" for line in text.splitlines(keepends=True))
    assert "apiVersion" in text, f"{block}: say what this is, as in tests/docs/documents.py"
    done = project.agentflow("validate", "-", stdin=text)
    assert done.returncode == (1 if "invalid" in block.words else 0), done.stdout + done.stderr


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")])
def test_commands_print_what_the_page_shows(page: str, project: Project) -> None:
    for block in blocks(page, "yaml"):
        if block.file is not None:
            (project.root / block.file).write_text(block.text)
    for block, command, shown, printed in project.console(blocks(page, "console")):
        assert agrees(shown, printed), f"{block}: `{command}` printed\n{printed}\nand the page shows\n{shown}"


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_links_lead_somewhere(page: str) -> None:
    for link in links(page):
        if re.match(r"https?://|mailto:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (EVERY_PAGE[page].parent / name).resolve() if name else EVERY_PAGE[page]
        assert target.exists() and target.is_relative_to(ROOT), f"{page} links to {link}"
        assert not anchor or anchor in anchors(target), f"{page} links to {link}, and there is no such heading"


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_make_targets_that_are_named_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.M))
    text = "\n".join([*code_spans(page), *(block.text for block in blocks(page, "sh"))])
    named = set(re.findall(r"\bmake ([a-z]+)", text))
    assert named <= targets


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_commands_that_are_named_exist(page: str) -> None:
    for span in code_spans(page):
        words = [word for word in span.split() if not word.startswith("-")]
        if words[:1] != ["agentflow"] or len(words) < 2:
            continue
        assert words[1] in _COMMANDS, f"{page}: `{span}`"
        inner = _COMMANDS[words[1]]
        assert not inner or len(words) == 2 or words[2] in inner, f"{page}: `{span}`"


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_diagnostic_codes_that_are_named_exist(page: str) -> None:
    assert set(re.findall(r"\bAF\d{3}\b", EVERY_PAGE[page].read_text())) <= set(CODES)


def test_the_exit_codes_are_those_of_the_tool() -> None:
    codes = [int(number) for row in table("docs/running.md", "code") for number in row[0].split(",")]
    assert codes == sorted(ExitCode)


def test_the_exit_codes_that_can_be_resumed_are_those_of_the_tool() -> None:
    sentence = re.search(r"Codes ([\d, and]+) leave a run that can be resumed", prose("docs/running.md"))
    assert sentence is not None
    assert [int(n) for n in re.findall(r"\d+", sentence[1])] == sorted(code for code in ExitCode if code.resumable)


def test_the_kinds_of_step_are_those_that_run() -> None:
    rows = {row[0].strip("`"): row for row in table("README.md", "kind")}
    right = {name: [f"`{name}`", kind.summary] for name, kind in KINDS.items()}
    lines = "\n".join(f"| {' | '.join(row)} |" for row in right.values())
    assert rows == right, f"the rows of the table, as domain/kinds.py has them:\n{lines}"
    assert set(EXECUTORS) <= set(rows)


def test_the_floors_are_those_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["name"] == "Imports go down")
    floors = [row[0].strip("`") for row in table("docs/architecture.md", "floor")]
    assert sorted(floors) == sorted(room for layer in layers for room in layer.split(" | "))
    order = {room: height for height, layer in enumerate(reversed(layers)) for room in layer.split(" | ")}
    assert floors == sorted(floors, key=order.__getitem__), "from the lowest floor up"


def test_files_that_the_architecture_names_exist() -> None:
    named = [
        span for span in code_spans("docs/architecture.md") if re.fullmatch(r"[\w.]+(/[\w.]+)*/?", span) and "/" in span
    ]
    assert named
    missing = [name for name in named if not any((ROOT / base / name).exists() for base in (".", "agentflow_cli"))]
    assert missing == []


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_pages_name_no_path_of_a_machine(page: str) -> None:
    assert re.findall(r"/(?:root|work|home|Users)/\S*", EVERY_PAGE[page].read_text()) == []


def test_an_ellipsis_stands_for_text_in_its_line_and_alone_for_lines() -> None:
    assert agrees("run …  ok\n", "run 2pyb  ok\n")
    assert agrees("a\n…\nz\n", "a\nz\n") and agrees("a\n…\nz\n", "a\nb\nc\nz\n")
    assert not agrees("run …  ok\n", "run\n2pyb  ok\n")
    assert not agrees("a\n", "a\nb\n")
