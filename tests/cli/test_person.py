"""A person at a real terminal (a pty): asked, answered, corrected."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import pty
from typing import Any

import pytest

from agentflow_cli.cli.console import Console
from agentflow_cli.cli.progress.person import TerminalPerson
from agentflow_cli.domain.events import AskOpened
from agentflow_cli.ports.people import Answer


async def ask(question: AskOpened, typed: bytes) -> tuple[Answer | None, str]:
    """The answer to `typed`, and what was shown."""
    leader, follower = pty.openpty()
    stderr = io.StringIO()
    pauses: list[str] = []

    @contextlib.contextmanager
    def paused() -> Any:
        pauses.append("paused")
        yield
        pauses.append("went on")

    person = TerminalPerson(Console(io.StringIO(), stderr, {}), paused, follower)
    os.write(leader, typed)
    try:
        answer = await asyncio.wait_for(person.ask(question), 5)
    finally:
        os.close(leader)
        os.close(follower)
    assert pauses == ["paused", "went on"]
    return answer, stderr.getvalue()


CHOICE = AskOpened("publish", "Publish \x1b[31mthis?", ["publish", "discard"])
FORM = AskOpened(
    "tell",
    "Tell me",
    [],
    {"n": {"type": "integer"}, "ok": {"type": "boolean"}, "why": {"type": "string", "default": "-"}},
)


@pytest.mark.parametrize("typed", [b"1\n", b"publish\n", b"PUBLISH\n", b"pub\n", b"\nnope\n9\n1\n"])
async def test_a_choice_is_made_by_number_name_or_beginning(typed: bytes) -> None:
    answer, shown = await ask(CHOICE, typed)
    assert answer is not None and answer.values == {"choice": "publish"} and answer.by
    assert "Publish this?" in shown and "\x1b" not in shown


async def test_a_misspelt_choice_is_answered_with_the_nearest() -> None:
    _, shown = await ask(CHOICE, b"discrad\ndiscard\n")
    assert "did you mean `discard`?" in shown


async def test_rejecting_an_approval_asks_for_the_reason() -> None:
    answer, _ = await ask(AskOpened("go", "Go?", ["approve", "reject"]), b"reject\ntoo early\n")
    assert answer is not None and answer.rejected and answer.reason == "too early"


async def test_a_field_that_is_not_required_may_be_left_empty() -> None:
    form = {"version": {"type": "string", "minLength": 1}, "note": {"type": "integer"}}
    answer, shown = await ask(AskOpened("q", "Which?", [], form, required=["version"]), b"\n1.2\n\n")
    assert answer is not None and answer.values == {"version": "1.2"}
    assert "note (integer) (may be empty): " in shown


async def test_a_form_is_filled_field_by_field_with_types() -> None:
    answer, shown = await ask(FORM, b"x\n4\nyes\n\n")
    assert answer is not None and answer.values == {"n": 4, "ok": True, "why": "-"}
    assert "whole number" in shown


async def test_the_end_of_input_is_no_answer() -> None:
    answer, _ = await ask(CHOICE, b"\x04")
    assert answer is None


async def test_waiting_for_somebody_can_be_cancelled() -> None:
    leader, follower = pty.openpty()
    person = TerminalPerson(Console(io.StringIO(), io.StringIO(), {}), contextlib.nullcontext, follower)
    task = asyncio.ensure_future(person.ask(CHOICE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    os.close(leader)
    os.close(follower)
