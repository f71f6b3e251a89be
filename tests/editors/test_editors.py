"""What an author sees in an editor: the real language server, with what `schema --install` and modelines tell it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.language.schema.fields import kind_fields, modifiers
from agentflow_cli.language.schema.files import load_schema
from tests.editors.language_server import LanguageServer

pytestmark = pytest.mark.slow

WORKFLOW, AGENT, PROJECT = "workflows/a.yaml", "agents/a.yaml", "agentflow.yaml"
SKELETON = "AgentFlow workflow"
"""What the server calls all required fields at once."""
HEAD = "apiVersion: agentflow/v1\nsteps:\n"
STEP = f"{HEAD}  a:\n"


def labels(editor: LanguageServer, name: str, text: str) -> list[str]:
    return [offer.label for offer in editor.offers(name, text)]


def test_a_step_is_offered_every_kind_once_and_every_modifier(editor: LanguageServer) -> None:
    offered = labels(editor, WORKFLOW, f"{STEP}    |>")
    assert sorted(offered) == sorted([*KINDS, *modifiers()])


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_offered_as_a_snippet_with_what_it_needs(editor: LanguageServer, kind: str) -> None:
    offer = next(offer for offer in editor.offers(WORKFLOW, f"{STEP}    |>") if offer.label == kind)
    assert offer.snippet and offer.text.startswith(f"{kind}:") and offer.about
    needed = next(r["then"].get("required", ()) for r in load_schema()["definitions"]["step"]["allOf"]
                  if r["if"]["required"] == [kind])  # fmt: skip
    assert all(f"\n{name}:" in f"\n{offer.text}" for name in needed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_with_a_kind_is_offered_its_fields_and_no_other_kind(editor: LanguageServer, kind: str) -> None:
    offered = set(labels(editor, WORKFLOW, f"{STEP}    {kind}: x\n    |>")) - {SKELETON}
    assert offered == {*kind_fields()[kind], *modifiers()} - {kind}


@pytest.mark.parametrize("section", ["on_failure", "finally"])
def test_the_other_sections_and_groups_complete_like_steps(editor: LanguageServer, section: str) -> None:
    text = f"{STEP}    run: make\n{section}:\n  b:\n    steps:\n      c:\n        |>"
    assert set(KINDS) <= set(labels(editor, WORKFLOW, text))


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        (WORKFLOW, f"{STEP}    run: make\n    format: |>", ["text", "json", "lines"]),
        (WORKFLOW, f"{STEP}    http:\n      url: https://a.test\n      method: |>", ["GET", "HEAD", "POST"]),
        (WORKFLOW, f"{STEP}    run: make\n    on_crash: |>", ["repeat", "ask"]),
        (WORKFLOW, f"{STEP}    run: make\n    on_error: |>", ["fail", "continue"]),
        (WORKFLOW, "apiVersion: agentflow/v1\ninputs:\n  n:\n    type: |>", ["string", "number", "boolean"]),
        (WORKFLOW, "apiVersion: |>", ["agentflow/v1"]),
        (WORKFLOW, f"{STEP}    run: make\n    cache: |>", ["true", "false"]),
    ],
)
def test_values_are_offered_where_only_some_are_right(
    editor: LanguageServer, name: str, text: str, values: list[str]
) -> None:
    assert set(values) <= set(labels(editor, name, text))


@pytest.mark.parametrize(
    ("name", "snippet", "fields"),
    [
        (WORKFLOW, "workflow", {"inputs", "agents", "steps", "on_failure", "finally", "outputs", "timeout"}),
        (AGENT, "agent", {"instructions", "tools", "limits", "output", "model"}),
        (PROJECT, "project", {"models", "defaults", "tools", "secrets", "notify"}),
    ],
)
def test_an_empty_file_is_offered_a_whole_one_and_the_fields_of_its_kind(
    editor: LanguageServer, name: str, snippet: str, fields: set[str]
) -> None:
    offers = {offer.label: offer for offer in editor.offers(name, "|>")}
    assert offers[snippet].snippet and offers[snippet].text.startswith("apiVersion: agentflow/v1\n")
    assert fields <= set(offers)


def test_inside_steps_a_whole_step_is_offered(editor: LanguageServer) -> None:
    offer = next(offer for offer in editor.offers(WORKFLOW, f"{HEAD}  |>") if offer.label == "step")
    assert offer.snippet and "prompt:" in offer.text


def test_every_field_that_is_offered_inserts_its_colon(editor: LanguageServer) -> None:
    places = [(WORKFLOW, "apiVersion: agentflow/v1\n|>"), (WORKFLOW, f"{STEP}    |>"),
              (WORKFLOW, f"{STEP}    agent: critic\n    |>"), (WORKFLOW, f"{STEP}    recall: x\n    |>"),
              (WORKFLOW, f"{STEP}    run: x\n    output:\n      |>"),
              (WORKFLOW, f"{STEP}    run: x\n    retry:\n      |>"), (AGENT, "apiVersion: agentflow/v1\n|>"),
              (AGENT, "apiVersion: agentflow/v1\nlimits:\n  |>"), (PROJECT, "apiVersion: agentflow/v1\n|>"),
              (PROJECT, "apiVersion: agentflow/v1\ndefaults:\n  |>")]  # fmt: skip
    for name, text in places:
        offers = editor.offers(name, text)
        # A field that may hold a text or a list begins as a text.
        assert not any(offer.label == "type" and "-" in offer.text for offer in offers)
        assert offers and [offer for offer in offers if ":" not in offer.text] == [], (name, text)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (WORKFLOW, f"{STEP}    pro|>mpt: Hello\n", "One model call"),
        (WORKFLOW, f"{STEP}    run: make\n    for|>mat: json\n", "How the printed text is read"),
        (WORKFLOW, f"{STEP}    run: make\n    retry: {{max: 2, de|>lay: 2s}}\n", "it doubles each time"),
        (
            WORKFLOW,
            f"{STEP}    prompt: x\n    output: {{type: object, requ|>ired: [a]}}\n",
            "fields that an object must",
        ),
        (WORKFLOW, f"{STEP}    http: {{url: https://a.test, met|>hod: GET}}\n", "GET when it is left out"),
        (AGENT, "apiVersion: agentflow/v1\ninstruct|>ions: Hi\n", "What the agent is told to be and do"),
        (PROJECT, "apiVersion: agentflow/v1\ndefaults: {pass_|>env: [A]}\n", "Environment variables that every"),
    ],
)
def test_a_field_under_the_pointer_is_explained(editor: LanguageServer, name: str, text: str, said: str) -> None:
    assert said in editor.hover(name, text)


@pytest.mark.parametrize(
    ("name", "text", "said", "place"),
    [
        (WORKFLOW, f"{STEP}    prompt: x\n    modle: y\n", "Property modle is not allowed", (3, 4, 9)),
        (WORKFLOW, f"{STEP}    prompt: x\n    format: json\n", "Property format is not allowed", (3, 4, 10)),
        (WORKFLOW, f"{STEP}    run: y\n    format: yml\n", 'Valid values: "text", "json", "lines"', (3, 12, 15)),
        (WORKFLOW, f"{STEP}    name: y\n", "does not say what it does: give it one of prompt, run", (1, 2, 3)),
        (WORKFLOW, f"{STEP}    run: y\n    timeout: soon\n", "Write a duration like `30s`", (3, 13, 17)),
        (WORKFLOW, f"{HEAD}  A-B:\n    run: y\n", "Use small letters, digits and `_`", (2, 2, 5)),
        (WORKFLOW, f"{STEP}    recall: y\n", 'Missing property "memory"', (1, 2, 3)),
        (WORKFLOW, "apiVersion: v1\nsteps: {a: {run: x}}\n", "reads `apiVersion: agentflow/v1`", (0, 12, 14)),
        (AGENT, "apiVersion: agentflow/v1\ninstructions: x\ntoolz: []\n", "Property toolz is not allowed", (2, 0, 5)),
        (PROJECT, "apiVersion: agentflow/v1\ndefaults: {modle: x}\n", "Property modle is not allowed", (1, 11, 16)),
    ],
)
def test_what_is_wrong_is_underlined_exactly_and_once(
    editor: LanguageServer, name: str, text: str, said: str, place: tuple[int, int, int]
) -> None:
    problems = editor.problems(name, text)
    assert len(problems) == 1 and said in problems[0].message, problems
    line, start, end = place
    line += 1 if text.startswith(STEP) else 0
    assert (problems[0].start, problems[0].end) == ((line, start), (line, end))


def test_notes_of_other_tools_are_allowed(editor: LanguageServer) -> None:
    assert editor.problems(WORKFLOW, f"x-defaults: &d {{timeout: 5m}}\n{STEP}    run: x\n    <<: *d\n") == []


def test_files_of_this_project_are_not_underlined_anywhere(editor: LanguageServer) -> None:
    root = Path(__file__).parents[2]
    seen = 0
    for pattern, name in (("workflows/*.yaml", WORKFLOW), ("examples/*/workflows/*.yaml", WORKFLOW),
                          ("examples/*/agents/*.yaml", AGENT), ("examples/*/agentflow.yaml", PROJECT),
                          ("tests/diagnostics/ok/*.yaml", WORKFLOW)):  # fmt: skip
        for path in sorted(root.glob(pattern)):
            text = path.read_text().partition("$schema=")
            assert editor.problems(name, text[2].partition("\n")[2] if text[1] else text[0]) == [], path
            seen += 1
    assert seen > 10


def test_the_modelines_of_new_files_are_enough_without_any_settings(start: Any, workspace: Path) -> None:
    bare = start({"schemas": {}})
    for name, wrong in (("workflows/hello.yaml", "stepz"), ("agents/critic.yaml", "instructionz"), (PROJECT, "modelz")):
        text = (workspace / name).read_text()
        assert text.startswith("# yaml-language-server: $schema=.")
        assert bare.problems(name, text, in_place=True) == []
        other = f"{name.removesuffix('.yaml')}-2.yaml"
        problems = bare.problems(other, f"{text}{wrong}: 1\n", in_place=True)
        assert [problem.message for problem in problems] == [f"Property {wrong} is not allowed."]
