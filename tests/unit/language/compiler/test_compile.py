"""A workflow as a frozen plan."""

import json
import subprocess
import sys
import time

from agentflow_cli.domain.codec import from_json, to_json
from agentflow_cli.domain.plan import Plan
from agentflow_cli.language.compiler.compile import changed_code


def step(project, line: str, more: str = ""):
    return project.plan(
        f"""\
steps:
  a: {{set: {{x: 1}}}}
  b: {{set: {{x: 1}}}}
  it: {line}
{more}"""
    ).steps["it"]


def test_what_a_step_reads_needs_and_only_waits_for_is_told_apart(project):
    found = step(project, '{set: {x: "${{ steps.a.output }}", y: "${{ steps.b.status }}"}}')
    assert (found.reads, found.needs, found.optional) == (("a",), (), ("b",))
    found = step(project, '{set: {x: "${{ steps.a.output | default(1) }}"}, needs: [a, b]}')
    assert (found.reads, found.needs, found.optional) == ((), ("a", "b"), ())
    found = step(project, '{set: {x: "${{ steps.a.output | default(steps.a.output) }}"}, needs: [a]}')
    assert (found.reads, found.needs, found.optional) == (("a",), (), ())
    found = step(project, '{set: {x: "${{ coalesce(steps.a.output, 1) }}", y: "${{ steps.a.output }}"}}')
    assert (found.reads, found.needs, found.optional) == (("a",), (), ())


def test_a_condition_on_success_makes_the_reads_of_that_step_optional(project):
    guarded = step(project, "{when: steps.a.status == 'succeeded' and true, set: {x: '${{ steps.a.output }}'}}")
    assert (guarded.reads, guarded.optional) == ((), ("a",))
    within = step(project, "{when: steps.a.status == 'succeeded' and steps.a.output.x > 1, set: {x: 1}}")
    assert (within.reads, within.optional) == ((), ("a",))
    other = step(project, "{when: steps.a.status != 'skipped', set: {x: '${{ steps.a.output }}'}}")
    assert other.reads == ("a",)
    line = "{when: steps.a.status == 'succeeded' or steps.b.status != 'failed', set: {x: '${{ steps.a.output }}'}}"
    either = step(project, line)
    assert either.reads == ("a",)


def test_every_field_that_holds_expressions_makes_dependencies(project):
    for line in (
        "{when: steps.a.output.x == 1, set: {y: 1}}",
        "{foreach: steps.a.output | items, set: {y: 1}}",
        "{foreach: ['${{ steps.a.output }}'], set: {y: 1}}",
        "{run: [echo, '${{ steps.a.output | tojson }}']}",
        "{run: cat, stdin: '${{ steps.a.output | tojson }}'}",
        "{run: ls, env: {A: '${{ steps.a.output.x }}'}}",
        "{prompt: [{user: '${{ steps.a.output.x }}'}]}",
        "{prompt: '{% if steps.a.output.x == 1 %}y{% endif %}'}",
        "{ask: {message: '${{ steps.a.output.x }}'}}",
        "{recall: '${{ steps.a.output.x | string }}', memory: m}",
        "{remember: {text: '${{ steps.a.output.x }}', source: s}, memory: m}",
        "{run: ls, on_error: {value: '${{ steps.a.output }}'}}",
    ):
        assert step(project, line).reads == ("a",), line


def test_waves_and_the_critical_path(project):
    plan = project.plan(
        """\
        steps:
          last: {set: {x: 1}, needs: [left, right]}
          first: {set: {x: 1}}
          left: {set: {x: 1}, needs: [first]}
          right: {set: {x: 1}, needs: [middle]}
          middle: {set: {x: 1}, needs: [first]}
        """
    )
    assert plan.waves == (("first",), ("left", "middle"), ("right",), ("last",))
    assert plan.critical_path == ("first", "middle", "right", "last")
    assert list(plan.steps) == ["last", "first", "left", "right", "middle"]


def test_files_are_inlined_or_hashed_and_paths_lead_from_the_root(project):
    project.write("workflows/p/ask.md", "Say ${{ inputs.x }}.")
    project.write("workflows/f.py", "def go(): ...\n")
    project.write("lib/mod.py", "def go(): ...\n")
    project.write("scripts/post.sh", "true\n").chmod(0o755)
    project.write("scripts/data.csv", "1,2\n")
    plan = project.plan(
        """\
        inputs: {x: {type: string, default: y, description: d}}
        timeout: 2m
        steps:
          a: {prompt: {file: p/ask.md}}
          b: {python: "f.py:go"}
          c: {python: "lib.mod:go"}
          d: {run: "./scripts/post.sh < scripts/data.csv"}
          e: {remember: {files: [../docs/**/*.md]}, memory: docs}
          f: {run: [python3, scripts/post.sh], when: true, foreach: [1], retry: 2, idempotent: true, timeout: 5s}
        """
    )
    assert plan.steps["a"].templates["prompt"] == "Say ${{ inputs.x }}."
    assert plan.steps["b"].settings["python"] == "workflows/f.py:go"
    assert plan.steps["e"].settings["files"] == ["docs/**/*.md"]
    assert set(plan.files) == {"workflows/flow.yaml", "workflows/p/ask.md"}
    assert set(plan.code) == {"workflows/f.py", "lib/mod.py", "scripts/post.sh"}
    assert (plan.timeout, plan.inputs["x"].default, plan.steps["f"].when, plan.steps["f"].line) == (
        120,
        "y",
        "true",
        10,
    )
    assert plan.steps["f"].foreach.items == [1] and plan.steps["f"].retry.max == 2
    assert changed_code(plan, project.root) == []
    project.write("lib/mod.py", "def go(): return 1\n")
    (project.root / "workflows/f.py").unlink()
    assert changed_code(plan, project.root) == ["lib/mod.py", "workflows/f.py"]


def test_the_fingerprint_changes_with_every_content_and_with_nothing_else(project):
    text = "steps:\n  a: {prompt: {file: p.md}}\n"
    project.write("workflows/p.md", "one")
    first = project.plan(text)
    assert project.plan(text).fingerprint == first.fingerprint
    project.write("workflows/p.md", "two")
    assert project.plan(text).fingerprint != first.fingerprint


def test_a_plan_survives_json(project):
    plan = project.plan(
        "steps:\n  a: {foreach: [1], set: {x: '${{ item }}'}}\n  b: {run: ls, needs: [a], retry: 1, idempotent: true}\n"
    )
    assert from_json(Plan, json.loads(json.dumps(to_json(plan)))) == plan


def test_wide_and_long_workflows_compile_in_linear_time(project):
    wide = "".join(f"  s{n}: {{set: {{x: {n}}}}}\n" for n in range(1000))
    reads = " ".join(f"${{{{ steps.s{n}.output.x }}}}" for n in range(1000))
    text = f'steps:\n{wide}  all: {{set: {{x: "{reads}"}}}}\n'
    start = time.process_time()
    plan = project.plan(text)
    assert len(plan.steps["all"].reads) == 1000
    assert time.process_time() - start < 10


def test_checking_never_loads_networkx(project):
    path = project.write("workflows/flow.yaml", "apiVersion: agentflow/v1\nsteps:\n  a: {set: {x: 1}}\n")
    script = """
import sys
from pathlib import Path
from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.compiler.compile import compile_plan
from agentflow_cli.language.loader.load import load_workflow
path = Path(sys.argv[1])
loaded = load_workflow(path, path.parent, Diagnostics())
check_workflow(loaded, Diagnostics())
assert "networkx" not in sys.modules and "jinja2" not in sys.modules
compile_plan(loaded)
assert "networkx" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)


def test_a_word_of_a_script_that_can_be_no_file_name_is_no_file(project):
    assert project.plan(f"steps:\n  a: {{run: 'echo {'x' * 300}'}}\n").code == {}
