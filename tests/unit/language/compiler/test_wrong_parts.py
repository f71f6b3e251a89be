"""A file with parts of a wrong shape: the rest is checked all the same, and nothing is said twice."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.loader.load import load_workflow

from .workflows import HEAD, Project


def codes(project: Project, text: str) -> list[tuple[str, int]]:
    path = project.write("workflows/flow.yaml", HEAD + text)
    found = Diagnostics()
    loaded = load_workflow(path, project.root, found)
    assert loaded is not None
    check_workflow(loaded, found)
    return [(d.code, d.span.line) for d in found if d.span is not None]


def test_mistakes_of_shape_and_of_meaning_come_at_once(project: Project) -> None:
    found = codes(
        project,
        "nmae: x\n"
        "inputs:\n"
        "  topic: {type: strin}\n"
        "steps:\n"
        '  a: {promt: "${{ inputs.topic.x }}"}\n'
        '  b: {set: {x: "${{ steps.a.output.z }} ${{ inputs.topic }} ${{ steps.q.output }}"}}\n',
    )
    assert found == [("AF201", 2), ("AF204", 4), ("AF201", 6), ("AF312", 7)]


def test_a_wrong_step_inside_a_group_leaves_the_rest_of_the_group(project: Project) -> None:
    found = codes(
        project,
        "steps:\n"
        "  g:\n"
        "    steps:\n"
        "      i: {run: ls, timeout: 5}\n"
        '      j: {set: {y: "${{ steps.i.output.x }} ${{ steps.nope.output }}"}}\n'
        '    outputs: {r: "${{ steps.j.output.z }}"}\n',
    )
    assert found == [("AF210", 5), ("AF312", 6), ("AF318", 7)]


def test_a_wrong_agent_is_known_to_be_there(project: Project) -> None:
    assert codes(project, "agents:\n  bad: {tools: [x]}\nsteps:\n  d: {agent: bad, task: x}\n") == [("AF202", 3)]


def test_wrong_settling_steps_and_outputs(project: Project) -> None:
    found = codes(
        project,
        "steps:\n  a: {run: ls}\nfinally:\n  b: {notify: 5}\n  c: {set: {x: '${{ steps.z.status }}'}}\noutputs: [1]\n",
    )
    assert found == [("AF203", 5), ("AF312", 6), ("AF203", 7)]
