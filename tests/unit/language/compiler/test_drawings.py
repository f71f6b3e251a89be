"""The graph of a plan as text and as Mermaid."""

import dataclasses

from agentflow_cli.domain.plan import Block, PlanForeach, PlanRepeat, PlanStep
from agentflow_cli.language.compiler.drawings.dot import dot
from agentflow_cli.language.compiler.drawings.drawing import Shown
from agentflow_cli.language.compiler.drawings.gutter import gutter, row_order
from agentflow_cli.language.compiler.drawings.json_graph import json_graph
from agentflow_cli.language.compiler.drawings.mermaid import edges, mermaid
from agentflow_cli.language.compiler.drawings.text_graph import text_graph
from tests.fakes.plans import plan_of


def plan(**dependencies: str):
    return plan_of(*(PlanStep(step, "set", needs=tuple(targets.split())) for step, targets in dependencies.items()))


def drawn(of, **options):
    return [line.rstrip() for line in (row.text("●") + (row.step or "") for row in gutter(of, **options))]


def test_a_diamond_opens_and_closes_one_lane():
    assert drawn(plan(a="", b="a", c="a", d="b c")) == ["●  a", "├─╮", "│ ●b", "● │c", "├─╯", "●  d"]


def test_a_lane_that_goes_on_is_crossed_not_joined():
    found = drawn(plan(a="", b="", c="a", d="b", e="c d", f="a e"))
    assert found == ["●    a", "│ ●  b", "├─│─╮", "│ │ ●c", "│ ● │d", "│ ├─╯", "│ ●  e", "├─╯", "●    f"]


def test_a_chain_is_a_straight_line():
    assert drawn(plan(a="", b="a", c="b")) == ["●a", "●b", "●c"]


def test_rows_follow_the_file_but_never_precede_what_they_wait_for():
    assert row_order(plan(c="a", b="", a="")) == ["b", "a", "c"]


def test_fan_out_and_fan_in_of_any_width_stay_narrow():
    middle = {f"m{n}": "a" for n in range(2000)}
    rows = gutter(plan(a="", **middle, z=" ".join(middle)))
    assert max(len(row.text()) for row in rows) <= 7
    assert [row.step for row in rows if row.step] == ["a", *middle, "z"]


def test_many_independent_chains_are_cut_not_drawn_without_end():
    steps = {f"a{n}": "" for n in range(200)} | {f"b{n}": f"a{n}" for n in range(200)}
    rows = gutter(plan(**steps))
    assert len({len(row.text()) for row in rows}) == 1 and len(rows[0].text()) < 70


def test_ascii_is_ascii():
    rows = gutter(plan(a="", b="a", c="a", d="b c", e="a"), ascii_only=True)
    assert all(row.text("*").isascii() for row in rows)


def test_text_shows_kinds_and_what_steers_them_without_control_characters():
    steered = PlanStep("b", "run", needs=("a",), when="x > 1", foreach=PlanForeach(None, [1, 2], "item", None, False),
                       name="bad \x1b]52;c;x\x07name")  # fmt: skip
    assert text_graph(plan_of(PlanStep("a", "set"), steered)) == [
        "●  a  set", "●  b  run  bad name  foreach of 2  when x > 1",
    ]  # fmt: skip


def test_mermaid_labels_cannot_leave_their_quotes():
    hostile = PlanStep("end", "ask", name='"] --> x; click <script>`', optional=("a",))
    source = mermaid(plan_of(PlanStep("a", "set"), hostile))
    assert '  step_a["a<br/>set"]\n' in source and "  step_a -.-> step_end\n" in source
    label = next(line for line in source.splitlines() if "step_end{{" in line)
    assert label.count('"') == 2 and "<script" not in label and "`" not in label and "click #60;script" in label


def test_edges_of_reads_and_needs_are_solid():
    assert "  step_a --> step_b\n" in mermaid(plan(a="", b="a"))


def grouped():
    inner = Block({"d": PlanStep("d", "prompt"), "j": PlanStep("j", "prompt", reads=("d",))})
    group = PlanStep("g", "steps", reads=("a",), block=inner, repeat=PlanRepeat(3))
    last = PlanStep("z", "set", reads=("g",))
    tidy = {"tidy": PlanStep("tidy", "run")}
    return dataclasses.replace(plan_of(PlanStep("a", "set"), group, last), finally_steps=tidy)


def test_the_steps_of_a_group_stand_below_it_beside_the_lanes_that_go_on():
    assert text_graph(grouped()) == [
        "●  a  set", "●  g  steps  repeat up to 3", "│    ●  d  prompt", "│    ●  j  prompt", "●  z  set",
        "", "finally:", "●  tidy  run",
    ]  # fmt: skip


def test_mermaid_draws_a_box_around_a_group():
    source = mermaid(grouped()).splitlines()
    assert '  subgraph step_g["g<br/>steps<br/>repeat up to 3"]' in source
    assert "    step_gIn_d --> step_gIn_j" in source and "  step_a --> step_g" in source
    assert '  subgraph finally_steps["finally"]' in source and source.count("  end") == 2


def test_dot_draws_groups_as_clusters_and_edges_to_their_border():
    source = dot(grouped()).splitlines()
    assert source[0] == 'digraph "test" {' and source[-1] == "}"
    assert '  subgraph "cluster_g" {' in source and '    "g/d" -> "g/j";' in source
    assert '  "a" -> "g/d" [lhead="cluster_g"];' in source and '  "g/j" -> "z" [ltail="cluster_g"];' in source
    assert '  subgraph "cluster_@finally" {' in source
    assert sum(line.endswith("{") for line in source) == sum(line.strip() == "}" for line in source)


def test_dot_labels_cannot_leave_their_quotes_and_mean_themselves():
    hostile = PlanStep("end", "ask", name='"]; x [label=\\N \\" &lt; <b>', optional=("a",))
    source = dot(plan_of(PlanStep("a", "set"), hostile))
    line = next(line for line in source.splitlines() if line.startswith('  "end" ['))
    assert '\\"]; x [label=\\\\N \\\\\\" &amp;lt; <b>' in line
    assert '  "a" -> "end" [style=dashed];' in source


def states():
    return {
        "a": Shown("succeeded", "✓"), "g": Shown("running", "▸", "round 2"), "g/d": Shown("failed", "✗"),
        "@finally/tidy": Shown("went on", "!"),
    }  # fmt: skip


def test_the_state_of_a_run_stands_in_words_and_colours():
    source = mermaid(grouped(), states())
    assert '["a<br/>set<br/>#10003; succeeded"]' in source and "running round 2" in source
    assert "  class step_gIn_d is_failed\n" in source and "  classDef is_failed fill:" in source
    assert "  class finally_tidy is_went_on\n" in source and "classDef is_pending" not in source
    assert 'label="tidy\\nrun\\n! went on", fillcolor="#fff3bf"' in dot(grouped(), states())


def test_text_has_the_sign_and_the_word_of_each_state():
    assert text_graph(grouped(), states=states())[:3] == [
        "✓  a  set    succeeded", "▸  g  steps  running    round 2  repeat up to 3", "│    ✗  d  prompt  failed"
    ]  # fmt: skip


def test_the_data_of_a_graph_has_every_key_always():
    graph = json_graph(grouped(), states())
    keys = {"id", "path", "kind", "name", "when", "foreach", "repeat", "agent", "workflow", "line", "status", "inner"}
    nodes = [*graph["nodes"], *graph["nodes"][1]["inner"]["nodes"], *graph["finally"]["nodes"]]
    assert all(set(node) == keys for node in nodes)
    assert [(node["path"], node["status"]) for node in nodes] == [
        ("a", "succeeded"), ("g", "running"), ("z", None), ("g/d", "failed"), ("g/j", None),
        ("@finally/tidy", "went on"),
    ]  # fmt: skip
    assert graph["edges"][0] == {"from": "a", "to": "g", "required": True} and graph["on_failure"] is None


def test_arrows_are_counted_with_those_inside_groups():
    assert edges(grouped().root) == 3


def test_ids_of_a_plan_from_elsewhere_stay_ids():
    odd = PlanStep('x"] --> y', "set")
    line = mermaid(plan_of(odd)).splitlines()[1]
    assert line.strip().partition("[")[0] == "step_x_34__93__32__45__45__62__32_y"
