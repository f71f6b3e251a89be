"""A file with parts of a wrong shape: the rest is checked all the same, and nothing is said twice."""

from __future__ import annotations

import pytest

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


def test_a_mistake_of_shape_hides_no_mistake_of_meaning_in_the_same_step(project: Project) -> None:
    found = codes(
        project,
        "inputs:\n"
        "  topic: {type: string}\n"
        "steps:\n"
        '  a: {http: {url: "https://x.test", method: PSOT, json: {q: "${{ inputs.topci }}"}}}\n'
        "  b:\n"
        "    foreach: inputs.topic\n"
        "    tiemout: 5m\n"
        '    when: steps.a.output.status == "x"\n'
        '    prompt: "${{ item }} ${{ steps.nope.output }}"\n'
        '  c: {run: ls, retry: 101, env: {X: "${{ steps.a.outptu }} ${{ inputs.topic.x }}"}}\n'
        '  d: {run: ls, timeout: 5, on_error: {value: "${{ inputs.z }}"}}\n',
    )
    assert found == [("AF204", 5), ("AF311", 5), ("AF416", 7), ("AF201", 8), ("AF312", 10),
                     ("AF206", 11), ("AF318", 11), ("AF210", 12), ("AF311", 12)]  # fmt: skip


def test_a_group_of_a_wrong_shape_is_looked_into(project: Project) -> None:
    found = codes(
        project,
        "inputs: {topics: {type: array, items: {type: object, properties: {name: {type: string}}}}}\n"
        "steps:\n"
        "  g:\n"
        "    foreach: inputs.topics\n"
        "    max_paralel: 3\n"
        "    steps:\n"
        '      i: {set: {v: "${{ item.nmae }}"}}\n'
        '      j: {set: {v: "${{ steps.i.output.w }} ${{ previous.x }} ${{ iteration }}"}}\n'
        '    outputs: {r: "${{ steps.k.output }}"}\n'
        "outputs: {o: '${{ steps.g.output[0].anything }}'}\n",
    )
    assert found == [("AF201", 6), ("AF318", 8), ("AF318", 9), ("AF312", 10)]


def test_what_a_misspelt_field_would_have_named_is_no_second_mistake(project: Project) -> None:
    found = codes(
        project,
        "inputs: {names: {type: array}}\n"
        "steps:\n"
        '  a: {foreeach: inputs.names, set: {x: "${{ item }} ${{ index }}"}}\n'
        '  b: {foreach: inputs.names, as_: name, set: {x: "${{ name }}"}}\n'
        '  c: {reapeat: {max: 3}, set: {x: "${{ iteration }} ${{ previous.c.x }}"}}\n'
        '  d: {run: ls, secretss: [KEY], env: {K: "${{ secrets.KEY }}"}}\n',
    )
    assert found == [("AF201", 4), ("AF201", 5), ("AF201", 6), ("AF201", 7)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("inptus: {n: {type: string}}\nsteps: {a: {set: {x: '${{ inputs.n }}'}}}\n", 2),
        ("stpes: {a: {run: ls}}\noutputs: {o: '${{ steps.a.output }}'}\n", 2),
        ("agnets: {h: {instructions: x}}\nsteps: {a: {agent: h, task: x}}\n", 2),
        ("steps:\n  g:\n    stpes: {i: {run: ls}}\n    outputs: {o: '${{ steps.i.output }}'}\n", 4),
        ("steps: {a: {foraech: [1, 2], as: n, max_parallel: 2, run: [echo, '${{ n }}']}}\n", 2),
        ("steps: {a: {notify: {chanel: terminal, message: x}}}\n", 2),
        ("steps: {a: {http: {ulr: 'https://x.test'}}}\n", 2),
        ("steps: {a: {repeat: {mx: 3}, run: ls}}\n", 2),
        (
            "agents: {h: {instructions: x, tools: [read_file, add_note]}}\n"
            "steps: {a: {agent: h, task: x, limts: {turns: 3}}}\n",
            3,
        ),
        (
            "steps: {a: {run: ls, on_eror: continue}, b: {run: ls, needs: [a], when: steps.a.status == 'failed'}}\n",
            2,
        ),
    ],
)
def test_one_slip_in_a_field_is_told_once(project: Project, text: str, line: int) -> None:
    project.write("tools/notes.py", 'def add_note(text: str) -> str:\n    """Keeps a note."""\n    return text\n')
    assert codes(project, text) == [("AF201", line)]


def test_a_required_field_without_a_property_is_there(project: Project) -> None:
    found = codes(
        project,
        "steps:\n"
        "  a:\n"
        "    prompt: x\n"
        "    output: {type: object, properties: {kind: {type: string}}, required: [knd]}\n"
        "outputs: {o: '${{ steps.a.output.knd }}'}\n",
    )
    assert found == [("AF532", 5)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("inputs: [n]\nsteps: {a: {set: {x: '${{ inputs.n }}'}}}\n", "AF203"),
        ("steps: [a]\noutputs: {o: '${{ steps.a.output }}'}\n", "AF203"),
        ("steps: {a: {shell: ls}}\n", "AF207"),
    ],
)
def test_a_section_or_step_of_a_wrong_shape_is_told_once(project: Project, text: str, code: str) -> None:
    assert [found for found, _ in codes(project, text)] == [code]
