"""The views of a run: what they say of each transition, and that a wide fan-out costs them little."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Iterable

import pytest

from agentflow_cli.cli.block_text import block_text
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.progress.board import Board
from agentflow_cli.cli.progress.choose import may_ask, may_move, view_for
from agentflow_cli.cli.progress.listeners import Listeners, NoProgress
from agentflow_cli.cli.progress.live import LiveView
from agentflow_cli.cli.progress.plain import PlainView
from agentflow_cli.cli.progress.summary import failure_text
from agentflow_cli.domain import events as e
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.plan import Plan, PlanForeach, PlanStep
from agentflow_cli.domain.run_state import RunState, StepState
from tests.fakes.services import FakeClock


def plan() -> Plan:
    steps = {
        "fetch": PlanStep("fetch", "run", line=3),
        "each": PlanStep("each", "set", foreach=PlanForeach(None, [1, 2, 3], "item", None, False), reads=("fetch",)),
        "draft": PlanStep("draft", "prompt", reads=("each",)),
    }
    waves = (("fetch",), ("each",), ("draft",))
    return Plan("triage", "workflows/triage.yaml", "", "p", {}, steps, {}, waves, ("fetch", "each", "draft"))


EVENTS: list[e.Event] = [
    e.RunAccepted("2py000-aaaaaaaa", "triage", "sha256:0", {}, "0"),
    e.EpochStarted(1, 1),
    e.StepStarted("fetch"),
    e.StepRetrying("fetch", 1, Failure("exit_code", "it broke\nand said \x1b[31mmuch"), 1.5),
    e.StepStarted("fetch", 2),
    e.StepSucceeded("fetch", "x"),
    e.StepExpanded("each", [1, 2, 3]),
    e.StepSucceeded("each[0]", 1),
    e.StepFailed("each[1]", Failure("expression", "no `x`"), tolerated=True),
    e.StepSucceeded("each[2]", 1),
    e.StepSucceeded("each", [1, None, 1]),
    e.StepStarted("draft"),
    e.StepSucceeded("draft", "text", usage={"input_tokens": 10, "output_tokens": 5}),
    e.RunFinished("succeeded"),
]


def play(events: Iterable[e.Event], view: object, played: Plan | None = None) -> RunState:
    state = RunState.initial(played or plan())
    for seq, event in enumerate(events, 1):
        record = e.Record(seq, 1000.0 + seq, 1, event)
        state.apply(record)
        view.recorded(record, state)  # type: ignore[attr-defined]
    return state


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def plain_lines(events: Iterable[e.Event]) -> list[str]:
    console = Console(Terminal(), Terminal(), {"NO_COLOR": "1"})
    play(events, PlainView(console, plan(), FakeClock()))
    return console.stderr.getvalue().splitlines()  # type: ignore[attr-defined]


SETTLING: list[e.Event] = [
    e.StepStarted("fetch"),
    e.StepFailed("fetch", Failure("exit_code", "it broke")),
    e.StepStarted("@finally#0"),
    e.StepStarted("@finally#0/clean"),
    e.StepSucceeded("@finally#0/clean", "x"),
    e.StepExpanded("@finally#0/tell", ["a", "b"]),
    e.StepFailed("@finally#0/tell[1]", Failure("http", "nobody answers"), tolerated=True),
]


def settling_plan() -> Plan:
    each = PlanForeach(None, ["a", "b"], "item", None, False)
    finally_steps = {"clean": PlanStep("clean", "run"), "tell": PlanStep("tell", "http", foreach=each)}
    return dataclasses.replace(plan(), finally_steps=finally_steps)


def test_the_plain_view_tells_of_steps_that_run_as_the_run_settles() -> None:
    console = Console(Terminal(), Terminal(), {"NO_COLOR": "1"})
    play([*EVENTS[:2], *SETTLING], PlainView(console, settling_plan(), FakeClock()), settling_plan())
    assert console.stderr.getvalue().splitlines()[2:] == [  # type: ignore[attr-defined]
        "   5.0s  ▸ started    @finally/clean  run",
        "   6.0s  ✓ succeeded  @finally/clean  run     1.0s",
        "   7.0s  ▸ started    @finally/tell   http    2 items",
        "   8.0s  ! went on    @finally/tell[1]  http    nobody answers",
    ]


def test_the_live_view_shows_them_below_the_workflow_and_those_of_the_present_end_only() -> None:
    console = Console(Terminal(), Terminal(), {"NO_COLOR": "1", "COLUMNS": "100"})
    view = LiveView(console, settling_plan(), FakeClock())
    again = [
        e.RunFinished("failed"),
        e.EpochStarted(2, 2),
        e.StepStarted("@finally#1"),
        e.StepStarted("@finally#1/clean"),
    ]
    play([*EVENTS[:2], *SETTLING, *again], view, settling_plan())
    view.end()
    painted = console.stderr.getvalue()  # type: ignore[attr-defined]
    shown = [line.split() for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", painted).splitlines()]
    assert [line[1:4] for line in shown if any("@finally" in word for word in line)] == [
        ["@finally/clean", "run", "running"],
        ["@finally/tell", "http", "pending"],
    ]


def test_the_plain_view_gives_each_transition_a_line_in_stable_columns() -> None:
    assert plain_lines(EVENTS) == [
        "   2.0s  ▸ started    fetch  run",
        "   3.0s  ↻ retrying   fetch  run     attempt 2 in 1.5s: it broke",
        "   4.0s  ▸ started    fetch  run     attempt 2",
        "   5.0s  ✓ succeeded  fetch  run     3.0s",
        "   6.0s  ▸ started    each   set     3 items",
        "   8.0s  ! went on    each[1]  set     no `x`",
        "  10.0s  ✓ succeeded  each   set     4.0s  3/3, 1 failed",
        "  11.0s  ▸ started    draft  prompt",
        "  12.0s  ✓ succeeded  draft  prompt  1.0s  15 tokens",
    ]


def test_failures_of_many_children_are_counted_after_the_first_few() -> None:
    many = [e.StepFailed(f"each[{n}]", Failure("exception", "no")) for n in range(100)]
    lines = plain_lines([e.StepExpanded("each", list(range(100))), *many])
    assert len(lines) == 11


def test_the_live_view_draws_a_gutter_and_every_status_as_a_word() -> None:
    console = Console(Terminal(), Terminal(), {"NO_COLOR": "1"})
    view = LiveView(console, plan(), FakeClock())
    play(EVENTS[:9], view)
    view.delta("draft", "some \x1b]52;c;eA\x07words")
    frame = view._frame_text(final=False).plain
    assert "✓  fetch" in frame and "succeeded" in frame
    assert "each" in frame and "2/3 (1 failed)" in frame
    assert "1 done · 1 running · 1 pending" in frame
    assert "\x1b" not in frame


def test_the_live_view_shows_the_last_words_of_a_streaming_step() -> None:
    console = Console(Terminal(), Terminal(), {"NO_COLOR": "1"})
    view = LiveView(console, plan(), FakeClock())
    play(EVENTS[:12], view)
    view.delta("draft", "a" * 500 + " the very end")
    assert "the very end" in view._frame_text(final=False).plain
    view.delta("draft", "")
    assert "the very end" not in view._frame_text(final=False).plain


def test_a_message_that_the_terminal_has_no_room_for_ends_in_an_ellipsis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    view = LiveView(Console(Terminal(), Terminal(), {"NO_COLOR": "1"}), plan(), FakeClock())
    play([*EVENTS[:12], e.StepFailed("draft", Failure("exception", "all of the words that say what went wrong"))], view)
    row = next(line for line in view._frame_text(final=False).plain.splitlines() if "draft" in line)
    assert row.endswith("…") and len(row) == 60 and "all of" in row


def test_a_model_that_was_passed_over_is_said_while_the_next_one_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    terminal = Terminal()
    view = LiveView(Console(terminal, terminal, {"NO_COLOR": "1"}), plan(), FakeClock())
    passed = e.ModelPassedOver("draft", "openai/big", Failure("rate_limit", "busy"), "endpoint/small")
    play([*EVENTS[:12], passed], view)
    row = next(line for line in view._frame_text(final=False).plain.splitlines() if "draft" in line)
    assert "running" in row and "openai/big failed (rate_limit), endpoint/small is asked" in row
    play([*EVENTS[:12], passed, EVENTS[12]], view)
    assert "openai/big" not in view._frame_text(final=False).plain


def test_a_live_view_leaves_its_whole_last_frame_behind() -> None:
    console = Console(Terminal(), Terminal(), {"NO_COLOR": "1"})
    view = LiveView(console, plan(), FakeClock())
    view.begin()
    play(EVENTS, view)
    view.end()
    tail = console.stderr.getvalue().split("\x1b[2K")[-1]  # type: ignore[attr-defined]
    for step in ("fetch", "each", "draft"):
        assert step in tail


def test_ten_thousand_children_cost_a_view_a_few_microseconds_each() -> None:
    import time

    board, state = Board.of(plan()), RunState.initial(plan())
    records = [e.Record(1, 1.0, 1, e.StepExpanded("each", list(range(10_000))))]
    records += [e.Record(n + 2, 1.0, 1, e.StepSucceeded(f"each[{n}]", n)) for n in range(10_000)]
    spent = 0.0
    for record in records:
        state.apply(record)
        start = time.process_time()
        board.take(record, state)
        spent += time.process_time() - start
    assert (board.rows["each"].done, board.rows["each"].total) == (10_000, 10_000)
    assert spent < 1.0  # 0.05 s here; one that walked the children would take minutes


def test_a_view_that_breaks_is_left_out_and_the_others_go_on() -> None:
    class Broken(NoProgress):
        def recorded(self, record: e.Record, state: RunState) -> None:
            raise ValueError

    console = Console(Terminal(), Terminal(), {"NO_COLOR": "1"})
    play(EVENTS, Listeners(Broken(), PlainView(console, plan(), FakeClock())))
    assert len(console.stderr.getvalue().splitlines()) == 9  # type: ignore[attr-defined]


def test_auto_is_live_only_before_a_person() -> None:
    def at(environment: dict[str, str], terminal: bool = True) -> Console:
        return Console(io.StringIO(), Terminal() if terminal else io.StringIO(), environment)

    assert may_move(at({}))
    for name, value in (("CI", "true"), ("TERM", "dumb"), ("CLAUDECODE", "1"), ("AGENT", "x")):
        assert not may_move(at({name: value}))
    assert not may_move(at({}, terminal=False))
    assert may_move(at({"CI": "false"}))
    assert isinstance(view_for(at({}), plan(), None), LiveView)
    assert isinstance(view_for(at({"CI": "1"}), plan(), None), PlainView)
    assert isinstance(view_for(at({}), plan(), "none"), NoProgress)
    assert isinstance(view_for(at({"AGENTFLOW_PROGRESS": "plain"}), plan(), None), PlainView)
    assert may_ask(at({}), True) and not may_ask(at({}), False) and not may_ask(at({"CI": "1"}), True)


def test_strict_block_text_reads_back_as_the_same_value() -> None:
    import yaml

    value = {
        "text": "a\nb\n",
        "odd": ["007", "true", "~", "a: b", "- x", "", " lead", "trail ", "#no", "é", "\x1b", "x\n\n", "null"],
        "nested": {"empty": {}, "list": [[1, [2.5, None]], {"k": [True]}], "no": "y"},
        "1": "one",
    }
    assert yaml.safe_load(block_text(value, strict=True)) == value


def test_strings_of_a_list_cannot_be_taken_for_lists_or_mappings_in_it() -> None:
    value = ["- a", "-", "key: value", "key:", "plain - text", "at 12:30", ["a"], {"key": "value"}]
    assert block_text(value).split("\n") == [
        '- "- a"', '- "-"', '- "key: value"', '- "key:"', "- plain - text", "- at 12:30", "- - a", "- key: value",
    ]  # fmt: skip


def test_of_children_that_speak_at_once_one_is_heard_until_it_ends() -> None:
    board = Board.of(plan())
    row = board.rows["each"]
    state = RunState.initial(plan())

    def take(seq: int, event: e.Event) -> None:
        record = e.Record(seq, 1000.0, 1, event)
        state.apply(record)
        board.take(record, state)

    take(1, e.StepExpanded("each", [1, 2]))
    board.hear("each[0]", "one ")
    board.hear("each[1]", "two ")
    board.hear("each[1]", "")
    board.hear("each[0]", "more")
    assert row.words == "one more"
    take(2, e.StepSucceeded("each[1]", 1))
    assert row.words == "one more"
    take(3, e.StepSucceeded("each[0]", 1))
    assert row.words == ""
    board.hear("each[1]", "now me")
    assert row.words == "now me"


def test_a_programs_last_words_are_told_once_and_in_their_order() -> None:
    step = StepState("a", "failed")
    stderr = "one\ntwo\nthree\nfour\n"
    step.error = Failure("exit_code", "it ended with exit code 1\ntwo\nthree\nfour", data={"stderr": stderr})
    assert failure_text(step).split("\n") == ["it ended with exit code 1", "one", "two", "three", "four"]
    step.error = Failure("exit_code", "it ended with exit code 1", data={"stderr": stderr})
    assert failure_text(step).split("\n") == ["it ended with exit code 1", "one", "two", "three", "four"]
