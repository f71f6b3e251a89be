"""Workflows that call others: frozen together, checked together."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.loader.files import Files
from agentflow_cli.language.loader.load import load_workflow

from .workflows import HEAD, Project

GREET = (
    HEAD
    + """\
timeout: 1m
inputs: {who: {type: string}, times: {type: integer, default: 1}}
steps:
  say: {prompt: {file: greet.md}}
  clean: {python: "clean.py:clean", with: {text: "${{ steps.say.output }}"}}
outputs: {text: "${{ steps.clean.output }}"}
"""
)


def write_greet(project: Project) -> None:
    project.write("workflows/sub/greet.yaml", GREET)
    project.write("workflows/sub/greet.md", "Greet ${{ inputs.who }}.")
    project.write("workflows/sub/clean.py", "def clean(text): ...\n")


def test_a_called_workflow_is_frozen_into_the_plan_with_its_files(project: Project) -> None:
    write_greet(project)
    plan = project.plan(
        "steps:\n"
        "  a: {workflow: sub/greet.yaml, with: {who: Ann}}\n"
        "  b: {workflow: sub/greet.yaml, with: {who: '${{ steps.a.output.text }}'}, timeout: 5s}\n"
    )
    block = plan.steps["a"].block
    assert block is not None
    assert (block.workflow, block.file, list(block.steps)) == ("greet", "workflows/sub/greet.yaml", ["say", "clean"])
    assert block.inputs["who"].required and block.inputs["times"].default == 1
    assert block.outputs == {"text": "${{ steps.clean.output }}"}
    assert block.steps["say"].templates["prompt"] == "Greet ${{ inputs.who }}."
    assert block.steps["clean"].reads == ("say",)
    assert (plan.steps["a"].timeout, plan.steps["b"].timeout) == (60, 5)
    assert plan.steps["a"].settings["workflow"] == "workflows/sub/greet.yaml"
    assert set(plan.files) == {"workflows/flow.yaml", "workflows/sub/greet.md", "workflows/sub/greet.yaml"}
    assert set(plan.code) == {"workflows/sub/clean.py"}
    assert plan.steps["b"].reads == ("a",)


def test_the_fingerprint_changes_with_a_called_file(project: Project) -> None:
    write_greet(project)
    text = "steps:\n  a: {workflow: sub/greet.yaml, with: {who: Ann}}\n"
    before = project.plan(text).fingerprint
    project.write("workflows/sub/greet.md", "Hail ${{ inputs.who }}.")
    assert project.plan(text).fingerprint != before


def test_a_mistake_in_a_called_file_is_told_once_at_its_place_with_the_place_of_the_call(project: Project) -> None:
    project.write("workflows/bad.yaml", HEAD + "steps:\n  a: {prompt: '${{ inputs.x }}'}\n  b: {promt: x}\n")
    path = project.write("workflows/flow.yaml", HEAD + "steps:\n  a: {workflow: bad.yaml}\n  b: {workflow: bad.yaml}\n")
    files, found = Files(), Diagnostics()
    loaded = load_workflow(path, project.root, found, files=files)
    assert loaded is not None
    check_workflow(loaded, found)
    own = [d for d in found if d.code in ("AF311", "AF201")]
    assert [(d.code, d.span.line, d.secondary[0].span.line, d.secondary[0].label) for d in own if d.span] == [
        ("AF311", 3, 3, "called here"),
        ("AF201", 4, 3, "called here"),
    ]
    again = Diagnostics()
    bad = load_workflow(project.root / "workflows/bad.yaml", project.root, again, files=files)
    assert bad is not None
    check_workflow(bad, again)
    assert not again


def test_a_circle_of_files_is_told_with_its_path(project: Project) -> None:
    project.write("workflows/b.yaml", HEAD + "steps:\n  a: {workflow: flow.yaml}\n")
    path = project.write("workflows/flow.yaml", HEAD + "steps:\n  g: {steps: {a: {workflow: b.yaml}}}\n")
    found = Diagnostics()
    load_workflow(path, project.root, found)
    [circle] = found
    assert circle.code == "AF363"
    assert "`workflows/b.yaml` calls `workflows/flow.yaml` calls `workflows/b.yaml`" in circle.message


def test_a_long_chain_of_calls_ends_in_a_message(project: Project) -> None:
    for number in range(60):
        project.write(f"workflows/w{number}.yaml", HEAD + f"steps:\n  a: {{workflow: w{number + 1}.yaml}}\n")
    project.write("workflows/w60.yaml", HEAD + "steps:\n  a: {prompt: x}\n")
    found = Diagnostics()
    load_workflow(project.root / "workflows/w0.yaml", project.root, found)
    [deep] = found
    assert (deep.code, "32 deep" in deep.message) == ("AF363", True)
