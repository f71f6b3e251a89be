"""The examples in workflows/ end to end, as processes."""

from __future__ import annotations

import json
import re

import pytest

from tests.docs.documents import ROOT
from tests.docs.session import Project

_EXAMPLES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "workflows").glob("*.yaml"))


@pytest.mark.parametrize("example", _EXAMPLES)
def test_an_example_is_valid(example: str, project: Project) -> None:
    assert project.agentflow("validate", example).stdout == "The file is valid.\n"


def test_hello_is_short_and_says_what_the_model_said(project: Project) -> None:
    assert len((project.root / "workflows" / "hello.yaml").read_text().splitlines()) < 20
    done = project.agentflow("run", "workflows/hello.yaml", "-i", "topic=a bridge", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outputs"] == {"greeting": "This is a scripted answer; no model was asked."}


def test_etl_adds_the_orders_up(project: Project) -> None:
    done = project.agentflow("run", "workflows/etl.yaml", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outputs"] == {
        "table": ["west\t779.0", "north\t731.5", "east\t240.0", "south\t187.0"],
        "strong": ["north", "west"],
        "orders": 8,
    }


def test_etl_takes_another_threshold(project: Project) -> None:
    done = project.agentflow("run", "workflows/etl.yaml", "-i", "threshold:=750", "-o", "json")
    assert json.loads(done.stdout)["outputs"]["strong"] == ["west"]


def test_docs_qa_finds_the_passages_and_writes_the_page(project: Project) -> None:
    pytest.importorskip("wordllama")
    done = project.agentflow("run", "workflows/docs-qa.yaml", "--no-input", "-o", "json")
    assert done.returncode == 0, done.stderr
    outputs = json.loads(done.stdout)["outputs"]
    assert outputs["file"] == "build/FAQ.md\n" or outputs["file"] == "build/FAQ.md"
    answers = {entry["question"]: entry for entry in outputs["answers"]}
    best = {question: _heading(entry["sources"][0]) for question, entry in answers.items()}
    assert best == {
        "What kind of database is the journal?": "The journal",
        "What does Ctrl-C do?": "Ctrl-C",
        "Where is the state of a project kept?": "State",
        "What happens when a Python file has changed before a resume?": "Changed code",
    }
    page = (project.root / "build" / "FAQ.md").read_text()
    assert page.startswith("# Questions and answers\n")
    # The scripted model says nothing that stands in the passages, and the page does not hide it.
    assert page.count("Check this one: only ") == 4


def test_docs_qa_writes_nothing_when_a_person_says_so(project: Project) -> None:
    pytest.importorskip("wordllama")
    waiting = project.agentflow("run", "workflows/docs-qa.yaml", "-i", 'questions:=["What does Ctrl-C do?"]')
    assert waiting.returncode == 8, waiting.stderr
    assert project.agentflow("approve", "last", "--choice", "discard").returncode == 0
    done = project.agentflow("resume", "last", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outputs"]["file"] == "not written"
    assert not (project.root / "build").exists()


def _heading(source: str) -> str:
    """The last heading at or above the place `docs/page.md:12`."""
    name, _, line = source.rpartition(":")
    above = (ROOT / name).read_text().splitlines()[: int(line)]
    return next(found[1] for text in reversed(above) if (found := re.match(r"#+ (.+)", text)))
