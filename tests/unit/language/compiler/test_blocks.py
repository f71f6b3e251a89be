"""Groups, repeats and what settles a run, as a frozen plan."""

from __future__ import annotations

import json

from agentflow_cli.domain.codec import from_json, to_json
from agentflow_cli.domain.plan import Plan, PlanRepeat

from .workflows import Project

GROUP = """\
inputs: {topics: {type: array}}
steps:
  style: {prompt: Name a style.}
  facts: {prompt: Name facts.}
  other: {prompt: Something else.}
  essays:
    foreach: inputs.topics
    as: topic
    repeat: {max: 3, until: steps.judge.output == facts_are_good or steps.other.status == 'failed', on_max: continue}
    steps:
      draft: {prompt: "${{ topic }} ${{ steps.style.output }} ${{ steps.facts.output | default('') }}"}
      judge: {prompt: "${{ steps.draft.output }} ${{ previous.draft | default('') }}", needs: [draft]}
      inner:
        foreach: [1]
        as: number
        steps: {leaf: {set: {x: "${{ steps.style.output }} ${{ number }} ${{ steps.judge.output }}"}}}
    outputs: {text: "${{ steps.judge.output }}"}
""".replace("facts_are_good", "'good'")


def test_what_the_steps_of_a_group_read_around_it_the_group_waits_for(project: Project) -> None:
    group = project.plan(GROUP).steps["essays"]
    assert (group.reads, group.needs, group.optional) == (("style",), (), ("other", "facts"))


def test_inside_a_group_steps_wait_only_for_each_other(project: Project) -> None:
    block = project.plan(GROUP).steps["essays"].block
    assert block is not None
    assert {step_id: step.dependencies for step_id, step in block.steps.items()} == {
        "draft": (),
        "judge": ("draft",),
        "inner": ("judge",),
    }
    inner = block.steps["inner"].block
    assert inner is not None and inner.steps["leaf"].dependencies == ()
    assert block.outputs == {"text": "${{ steps.judge.output }}"} and (block.workflow, block.file) == ("", "")


def test_previous_is_no_dependency(project: Project) -> None:
    plan = project.plan(
        """\
        steps:
          loop:
            repeat: {max: 2}
            steps:
              a: {set: {x: "${{ previous.b | default(0) }}"}}
              b: {set: {x: "${{ steps.a.output.x }} ${{ iteration }}"}}
        """
    )
    block = plan.steps["loop"].block
    assert block is not None and block.steps["a"].dependencies == ()
    assert plan.steps["loop"].repeat == PlanRepeat(2)


def test_a_condition_of_a_group_makes_the_reads_inside_it_safe(project: Project) -> None:
    plan = project.plan(
        """\
        steps:
          a: {prompt: x}
          b: {prompt: x}
          g:
            when: steps.a.status == 'succeeded'
            steps:
              x: {set: {y: "${{ steps.a.output }}"}}
              z: {when: steps.b.status == 'succeeded', set: {y: "${{ steps.b.output }}"}}
        """
    )
    assert (plan.steps["g"].reads, plan.steps["g"].optional) == ((), ("a", "b"))


def test_a_step_that_is_repeated_reads_itself_only_in_until(project: Project) -> None:
    plan = project.plan(
        "steps:\n  a: {prompt: x, repeat: {max: 9, until: steps.a.output == 'yes' and iteration > 0}}\n"
    )
    assert plan.steps["a"].repeat == PlanRepeat(9, "steps.a.output == 'yes' and iteration > 0")
    assert plan.steps["a"].dependencies == ()
    [found] = project.check("steps:\n  a: {prompt: 'x ${{ steps.a.output }}', repeat: {max: 9}}\n")
    assert found.code == "AF313"


def test_steps_that_settle_the_run_wait_for_no_main_step(project: Project) -> None:
    plan = project.plan(
        """\
        steps:
          a: {prompt: x}
        on_failure:
          tell: {notify: {channel: log, message: "${{ run.error.message }} ${{ steps.a.error.kind | default('') }}"}}
        finally:
          first: {set: {x: "${{ run.status }} ${{ steps.a.output | default('') }}"}}
          second: {set: {x: "${{ steps.first.output.x }}"}}
        """
    )
    assert plan.on_failure["tell"].dependencies == () and plan.finally_steps["first"].dependencies == ()
    assert plan.finally_steps["second"].reads == ("first",)
    assert plan.waves == (("a",),)


def test_modifiers_reach_the_plan(project: Project) -> None:
    plan = project.plan(
        """\
        steps:
          a: {prompt: x, cache: true}
          b:
            run: ./post.sh
            idempotent: true
            on_crash: ask
            secrets: [KEY]
            env: {K: "${{ secrets.KEY }}"}
          c: {wait: 5m}
          d: {http: {url: "https://x.test", query: {q: "${{ steps.a.output }}"}}}
          e: {fail: "No ${{ steps.a.output }}", when: steps.d.output.status > 400}
        """
    )
    a, b = plan.steps["a"], plan.steps["b"]
    assert (a.cache, a.idempotent, a.on_crash, a.secrets) == (True, False, "repeat", ())
    assert (b.cache, b.idempotent, b.on_crash, b.secrets) == (False, True, "ask", ("KEY",))
    assert plan.steps["c"].settings == {"wait": "5m"}
    assert plan.steps["d"].templates == {"url": "https://x.test", "query": {"q": "${{ steps.a.output }}"}}
    assert plan.steps["d"].reads == ("a",) and plan.steps["e"].templates == {"fail": "No ${{ steps.a.output }}"}


def test_a_plan_with_blocks_survives_json(project: Project) -> None:
    plan = project.plan(GROUP)
    assert from_json(Plan, json.loads(json.dumps(to_json(plan)))) == plan


def test_prompts_and_code_of_inner_steps_belong_to_the_plan(project: Project) -> None:
    project.write("workflows/p.md", "Inner ${{ item }}")
    project.write("workflows/f.py", "def go(): ...\n")
    plan = project.plan(
        """\
        steps:
          g:
            foreach: [1]
            steps:
              a: {prompt: {file: p.md}}
              b: {python: "f.py:go"}
        """
    )
    block = plan.steps["g"].block
    assert block is not None and block.steps["a"].templates["prompt"] == "Inner ${{ item }}"
    assert set(plan.files) == {"workflows/flow.yaml", "workflows/p.md"} and set(plan.code) == {"workflows/f.py"}


def test_deep_groups_are_checked_and_compiled_without_trouble(project: Project) -> None:
    text = "{set: {x: '${{ steps.start.output.x }}'}}"
    for depth in range(20):
        text = f"{{steps: {{s{depth}: {text}}}}}"
    plan = project.plan(f"steps:\n  start: {{set: {{x: 1}}}}\n  deep: {text}\n")
    assert plan.steps["deep"].reads == ("start",)
