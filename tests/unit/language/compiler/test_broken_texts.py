"""A text with a mistake in its grammar hides nothing of the rest: each hole and tag is judged on its own."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from tests.unit.language.compiler.workflows import Project, at

FLOW = """
name: flow
inputs:
  n: {{type: integer}}
  kind: {{type: string, enum: [bug, question]}}
  maybe: {{type: [string, 'null']}}
steps:
  a:
    prompt: hi
    output: {{type: object, properties: {{score: {{type: integer}}}}, required: [score]}}
  b:
    prompt: |
{}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "agentflow.yaml").write_text("apiVersion: agentflow/v1\n")
    return Project(tmp_path)


def findings(project: Project, prompt: str) -> list[tuple[str, str]]:
    """(code, what it points at), in order of place."""
    text = FLOW.format(indent(prompt, "      "))
    return [(found.code, at(found, text)) for found in project.check(text) if found.code != "AF501"]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("${{ steps.a.output.scroe }} and ${{ inputs.n[0] }} and ${{ bad( }}",
         [("AF318", "scroe"), ("AF434", "0"), ("AF401", "(")]),
        ("${{ steps.a.output.scroe | nofilter }}, ${{ inputs.n.b | join('x', 'y', 'z') }}",
         [("AF318", "scroe"), ("AF407", "nofilter"), ("AF318", "b"), ("AF410", "join('x', 'y', 'z')")]),
        ("${{ inputs.n.b is nice }} ${{ nothing(inputs.n.c) }}",
         [("AF318", "b"), ("AF408", "nice"), ("AF409", "nothing"), ("AF318", "c")]),
        ("{% if bad( %}${{ steps.a.output.scroe }}{% elif inputs.kind == 'bgu' %}${{ inputs.n.x }}{% endif %}",
         [("AF401", "("), ("AF318", "scroe"), ("AF432", "'bgu'"), ("AF318", "x")]),
        ("{% if inputs.n %}a{% else %}${{ inputs.n[0] }}", [("AF406", "{% if inputs.n %}"), ("AF438", "inputs.n"),
                                                           ("AF434", "0")]),
        ("{% for x in bad( %}${{ inputs.nope }}${{ inputs.n.b }}${{ x.anything }}{% endfor %}",
         [("AF401", "("), ("AF311", "nope"), ("AF318", "b")]),
        ("{% for key, value in inputs.n %}${{ key }}${{ value.x }}${{ inputs.kind.y }}{% endfor %}",
         [("AF406", "{% for key, value in inputs.n %}"), ("AF318", "y")]),
    ],
)  # fmt: skip
def test_what_stands_beside_a_mistake_is_judged_all_the_same(
    project: Project, prompt: str, expected: list[tuple[str, str]]
) -> None:
    assert findings(project, prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("{% if inputs.maybe is none && true %}${{ inputs.maybe }}{% endif %}", "AF405"),
        ("${{ inputs.n | no(inputs.n) | upper }}", "AF407"),
        ("${{ inputs.maybe | default(inputs.n, 1, 2) | round }}", "AF410"),
        ("{% if steps.a.status == 'succeeded' || true %}${{ steps.a.output }}{% endif %}", "AF405"),
        ("{% for x of inputs.kind %}${{ x.y.z }}{% endfor %}", "AF406"),
    ],
)
def test_a_mistake_makes_no_other_mistakes(project: Project, prompt: str, code: str) -> None:
    found = findings(project, prompt)
    assert [each for each, _ in found if each not in (code, "AF439")] == []
    assert code in [each for each, _ in found]


def test_a_bare_condition_with_an_unknown_filter_is_looked_at(project: Project) -> None:
    text = """
    name: flow
    inputs: {n: {type: integer}}
    steps:
      a:
        when: (inputs.n[0] | nofilter) and inputs.n > 'x'
        run: [echo, a]
    """
    assert [(d.code, at(d, text)) for d in project.check(text)] == [
        ("AF434", "0"), ("AF407", "nofilter"), ("AF431", "inputs.n > 'x'"),
    ]  # fmt: skip


def test_a_read_behind_a_condition_that_cannot_be_read_is_not_required(project: Project) -> None:
    text = """
    name: flow
    steps:
      a:
        when: false
        set: {x: 1}
      b:
        prompt: "{% if steps.a.status = 'succeeded' %}${{ steps.a.output.x }}{% endif %}"
    """
    assert [d.code for d in project.check(text)] == ["AF405"]


@pytest.mark.parametrize("how", ["steps.a.status = 'succeeded'", "steps.a.status == 'succeeded' | no", "both("])
def test_what_a_condition_that_cannot_be_read_makes_sure_of_is_not_doubted(project: Project, how: str) -> None:
    text = f"""
    name: flow
    steps:
      a: {{run: ./build.sh}}
      b:
        prompt: "{{% if {how} %}}x{{% else %}}${{{{ steps.a.output }}}}{{% endif %}}"
    finally:
      tell:
        when: {how}
        run: [echo, "${{{{ steps.a.output }}}}"]
    """
    assert {d.code for d in project.check(text)} <= {"AF401", "AF405", "AF407"}
