"""Mistakes in the meaning of a workflow, each found at its exact place."""

import ast
from pathlib import Path

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.check_file import check_file
from agentflow_cli.language.loader.files import Files

from .workflows import Project, at

BASE = """\
inputs:
  topic: {type: string}
  options: {type: object, properties: {depth: {type: integer}}, default: {depth: 1}}
steps:
  fetch: {run: cat notes}
  pick: {set: {title: A tale, rows: "${{ [1] }}"}}
  each: {foreach: [1, 2], as: row, run: [echo, "${{ row }}"]}
  ask_them: {ask: {message: really?, form: {reason: {type: string}}}}
  found: {recall: lighthouse, memory: docs}
  judged:
    prompt: Judge.
    output: {type: object, properties: {score: {type: integer}, open: {type: object}}, required: [score]}
"""


def one(project: Project, line: str):
    text = BASE + line + "\n"
    found = project.check(text)
    assert len(found) == 1, [(d.code, d.message) for d in found]
    return found[0], at(found[0], text)


@pytest.mark.parametrize(
    ("expression", "code", "where", "said"),
    [
        ("inputs.topik", "AF311", "topik", "did you mean `topic`?"),
        ("inputs.options.dept", "AF318", "dept", "did you mean `depth`?"),
        ("inputs.topic.length", "AF318", "length", ""),
        ("steps.fetsh.output", "AF312", "fetsh", "did you mean `fetch`? steps that can be read here: `fetch`, `pick`"),
        ("steps['fetsh'].output", "AF312", "'fetsh'", "did you mean `fetch`?"),
        ("steps.show.output", "AF313", "show", "before it"),
        ("steps.fetch.outptu", "AF315", "outptu", "did you mean `output`?"),
        ("steps.fetch.children", "AF315", "children", "foreach"),
        ("steps.pick.title", "AF315", "title", "write `steps.pick.output.title`"),
        ("steps.each.exit_code", "AF315", "exit_code", "children"),
        ("steps.each.children[0].exit_cod", "AF315", "exit_cod", "`exit_code`"),
        ("steps.fetch", "AF316", "fetch", "steps.fetch.output"),
        ("steps | length", "AF316", "steps", "steps.ID.output"),
        ("run.idd", "AF317", "idd", "did you mean `id`?"),
        ("steps.pick.output.titel", "AF318", "titel", "did you mean `title`?"),
        ("steps.pick.output.titel | default('')", "AF318", "titel", "did you mean `title`?"),
        ("steps.fetch.output.body", "AF318", "body", ""),
        ("steps.each.output.x", "AF318", "x", ""),
        ("steps.each.output[0].x", "AF318", "x", ""),
        ("steps.ask_them.output.choice", "AF318", "choice", "`reason`, `by`, `at`"),
        ("steps.found.output[0].txt", "AF318", "txt", "did you mean `text`?"),
        ("steps.judged.output.scor", "AF318", "scor", "did you mean `score`?"),
        ("steps.judged.output.score.x", "AF318", "x", ""),
        ("topic", "AF301", "topic", "did you mean `inputs.topic`?"),
        ("fetch.output", "AF301", "fetch", "did you mean `steps.fetch.output`?"),
        ("step.fetch", "AF301", "step", "did you mean `steps`?"),
        ("null", "AF301", "null", "did you mean `none`?"),
        ("secrets.KEY", "AF302", "secrets", "only in `env`, `http` and `with`"),
        ("iteration", "AF302", "iteration", "inside a step with `repeat`"),
        ("previous.fetch", "AF302", "previous", "inside a step with `repeat`"),
        ("run.status", "AF317", "status", "`finally` and `on_failure`"),
        ("item", "AF302", "item", "only inside a step with `foreach`"),
        ("inputs.topic | uper", "AF407", "uper", "did you mean `upper`?"),
    ],
)
def test_a_wrong_read_is_found_at_its_link_with_what_would_be_right(project, expression, code, where, said):
    diagnostic, pointed = one(project, f'  show: {{set: {{it: "a ${{{{ {expression} }}}}"}}}}')
    assert (diagnostic.code, pointed) == (code, where)
    assert said in (diagnostic.help or "")


@pytest.mark.parametrize(
    "expression",
    ["steps.judged.output.open.anything[0].x", "steps.fetch.exit_code", "steps.each.children[0].exit_code",
     "steps.each.output[0]", "steps.pick.output.rows[0]", "steps.ask_them.output.by", "env.ANY",
     "run.id ~ project.name",
     "steps.fetch.error.kind | default('')", "inputs.options.depth", "steps.pick.output.title[0]"],
)  # fmt: skip
def test_a_right_read_is_silent(project, expression):
    assert project.check(BASE + f'  show: {{set: {{it: "a ${{{{ {expression} }}}}"}}}}\n') == []


@pytest.mark.parametrize(
    ("step", "code", "where"),
    [
        ("{foreach: [1], when: item > 1, set: {x: 1}}", "AF302", "item"),
        ("{foreach: [1], when: index > 1, set: {x: 1}}", "AF302", "index"),
        ("{foreach: item, set: {x: 1}}", "AF302", "item"),
        ('{foreach: [1], as: row, set: {x: "${{ item }}"}}', "AF302", "item"),
        ("{foreach: [1], as: inputs, set: {x: 1}}", "AF303", "inputs"),
        ("{when: inputs.topic | length, set: {x: 1}}", "AF414", "inputs.topic | length"),
        ("{foreach: inputs.topic | upper, set: {x: 1}}", "AF416", "inputs.topic | upper"),
        ('{when: "${{ inputs.topic }} == 1", set: {x: 1}}', "AF412", " == 1"),
        ("{set: {x: 1}, needs: [fetsh]}", "AF321", "fetsh"),
        ("{set: {x: 1}, needs: [show]}", "AF323", "show"),
        ('{run: "echo ${{ inputs.topic }}"}', "AF415", "${{ inputs.topic }}"),
        ('{prompt: hi, model: "${{ inputs.topic }}"}', "AF418", "${{ inputs.topic }}"),
        ("{run: ls, output: {type: string, pattern: '('}}", "AF351", "'('"),
        ("{prompt: {file: none.md}}", "AF341", "none.md"),
        ("{prompt: {file: ../../x.md}}", "AF341", "../../x.md"),
        ("{remember: {files: ['../../x/*.md']}, memory: docs}", "AF342", "'../../x/*.md'"),
        ("{python: none.py:go}", "AF331", "none.py"),
        ("{python: ../../etc.py:go}", "AF331", "../../etc.py"),
    ],
)
def test_a_mistake_in_a_step_is_found_at_its_place(project, step, code, where):
    diagnostic, pointed = one(project, f"  show: {step}")
    assert (diagnostic.code, pointed) == (code, where)


@pytest.mark.parametrize(
    "step",
    [
        "{prompt: hi, output: {type: string, description: 'ends with ${{ github.sha }}'}}",
        "{prompt: hi, output: {type: string, enum: ['${{ matrix.os }}', none]}}",
        "{prompt: 'x^{{n}} and \\frac{{a}}{{(b+1)*c}}, one of {{[a-z]}}'}",
        "{http: {url: '{% if true %}https://a.test{% endif %}/x'}}",
        "{run: [jq, -n, inputs.topic], on_error: continue}",
        "{run: [echo, inputs.topic.name]}",
        "{run: [echo, steps.show.output]}",
    ],
)
def test_what_is_of_another_language_is_left_alone(project, step):
    assert [diagnostic.message for diagnostic in project.check(f"{BASE}  show: {step}\n")] == []


@pytest.mark.parametrize("field", ["timeout_ms: 500", "timeout_min: 5", "retry: {max: 1, delay_ms: 100}"])
def test_no_fix_takes_the_unit_from_a_duration(tmp_path, field):
    path, found = tmp_path / "w.yaml", Diagnostics()
    path.write_text(f"apiVersion: agentflow/v1\nsteps: {{show: {{run: ls, {field}}}}}\n")
    check_file(path, tmp_path, found, Files())
    assert [(diagnostic.code, diagnostic.fix) for diagnostic in found] == [("AF201", None)]


def test_a_schema_that_means_our_own_names_is_told(project):
    step = "{prompt: hi, output: {type: string, description: 'about ${{ inputs.topic }}'}}"
    diagnostic, pointed = one(project, f"  show: {step}")
    assert (diagnostic.code, pointed) == ("AF418", "${{ inputs.topic }}")


def test_an_output_of_the_workflow_is_checked_and_may_not_read_an_item(project):
    diagnostic, pointed = one(project, 'outputs: {a: "${{ index }}"}')
    assert (diagnostic.code, pointed) == ("AF302", "index")
    assert "outputs" in diagnostic.message


def test_the_fix_for_an_expression_in_a_script_moves_it_to_env(project):
    diagnostic, _ = one(project, '  show: {run: "echo ${{ inputs.topic }}"}')
    assert diagnostic.help == 'add `env: {TOPIC: "${{ inputs.topic }}"}` and write `"$TOPIC"` here'


def test_all_mistakes_are_found_at_once_in_the_order_of_the_file(project):
    found = project.check(
        """\
        steps:
          a:
            set: {x: "${{ nope }} {{ b }} ${{ steps.zz.output }}"}
            needs: [q]
          b:
            prompt: |
              one
              two ${{ steps.a.output.y }}
        """
    )
    assert [(d.code, d.span.line) for d in found] == [
        ("AF301", 4),
        ("AF403", 4),
        ("AF312", 4),
        ("AF321", 5),
        ("AF318", 9),
    ]


def test_a_cycle_is_told_from_its_earliest_place_with_every_other_place(project):
    text = """\
    steps:
      z: {set: {x: 1}, needs: [y]}
      x: {set: {x: "${{ steps.z.output }}"}}
      y: {set: {x: "${{ steps.x.status }}"}}
      p: {set: {x: 1}, needs: [q]}
      q: {set: {x: "${{ steps.p.output | default(1) }}"}}
    """
    first, second = project.check(text)
    assert first.message == "steps wait for each other: `z` needs `y` needs `x` needs `z`"
    assert at(first, text) == "y" and [s.span.line for s in first.secondary] == [5, 4]
    assert second.message.endswith("`p` needs `q` needs `p`")


def test_a_mistake_in_a_prompt_file_is_found_in_that_file(project):
    project.write("workflows/prompts/a.md", "Hello\n\n  ${{ inputs.topik }}\n")
    text = BASE + "  show: {prompt: {file: prompts/a.md}}\n"
    [found] = project.check(text)
    assert found.code == "AF311"
    assert (found.span.file.endswith("prompts/a.md"), found.span.line, found.span.column) == (True, 3, 14)


def test_a_function_is_checked_without_running_its_file(project):
    project.write(
        "workflows/f.py",
        """\
        raise SystemExit("was run")
        def go(a, b=1, *, c): ...
        async def rest(**more): ...
        if True:
            from math import sqrt
        """,
    )
    project.write("pkg/mod.py", "def here(): ...\n")
    project.write("workflows/broken.py", "def go(:\n")

    def codes(step: str) -> list[tuple[str, str]]:
        return [(d.code, d.message) for d in project.check(f"steps:\n  a: {step}\n")]

    assert codes("{python: f.py:go, with: {a: 1, c: 2}}") == []
    assert codes("{python: f.py:rest, with: {z: 1}}") == []
    assert codes("{python: f.py:sqrt, with: {z: 1}}") == []
    assert codes("{python: pkg.mod:here}") == []
    assert codes("{python: not_installed.mod:here}") == []
    assert codes("{python: f.py:goo}") == [("AF332", "there is no function `goo` in `f.py`")]
    assert codes("{python: pkg.mod:her}") == [("AF332", "there is no function `her` in `pkg.mod`")]
    assert codes("{python: f.py:go, with: {a: 1, c: 2, d: 3}}") == [("AF334", "`go` takes no argument `d`")]
    assert codes("{python: f.py:go}") == [("AF334", "`go` needs `a`, `c`, which `with` does not give")]
    assert [code for code, _ in codes("{python: broken.py:go}")] == ["AF333"]


@pytest.mark.parametrize("source", ["def f(x: int) -> str:\n    return ''\n", "def f(:\n"])
def test_a_python_file_is_parsed_once_however_many_steps_call_it(project: Project, monkeypatch, source: str):
    project.write("workflows/f.py", source)
    parsed = []
    parse = ast.parse
    monkeypatch.setattr(ast, "parse", lambda data: parsed.append(data) or parse(data))
    project.check("steps:\n" + "".join(f"  s{n}: {{python: 'f.py:f', with: {{x: 1}}}}\n" for n in range(20)))
    assert len(parsed) == 1


def test_the_tools_of_a_project_are_looked_for_once_however_many_steps_call_one(project: Project, monkeypatch):
    project.write("agentflow.yaml", "apiVersion: agentflow/v1\nname: p\n")
    project.write("tools/t.py", 'def look(x: int) -> str:\n    """Looks."""\n    return ""\n')
    listed = []
    glob = Path.glob
    monkeypatch.setattr(Path, "glob", lambda path, pattern: listed.append(pattern) or glob(path, pattern))
    assert not project.check("steps:\n" + "".join(f"  s{n}: {{tool: look, with: {{x: 1}}}}\n" for n in range(20)))
    assert listed == ["tools/*.py"]
