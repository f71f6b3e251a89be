"""Conversations that are kept, and those that pass: one behaviour."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from agentflow_cli.foundation.errors import NotTrustedError
from agentflow_cli.ports.conversations import KEPT, LONGEST, Conversations, Turn
from agentflow_cli.services.memory.conversations import KeptConversations, PassingConversations


@pytest.fixture(params=["kept", "passing"])
def conversations(request: pytest.FixtureRequest, tmp_path: Path) -> Conversations:
    return PassingConversations() if request.param == "passing" else KeptConversations(tmp_path / "state" / "talk")


async def test_turns_come_back_in_their_order_each_conversation_for_itself(conversations: Conversations) -> None:
    assert await conversations.turns("a", "") == []
    for number, name in enumerate(["", "x", ""]):
        await conversations.add("a", name, Turn(f"t{number}", f"é{number}"), str(number))
    await conversations.add("b", "", Turn("other", "agent"), "9")
    assert await conversations.turns("a", "") == [Turn("t0", "é0"), Turn("t2", "é2")]
    assert await conversations.turns("a", "x") == [Turn("t1", "é1")]
    assert {(info.agent, info.name, info.turns) for info in conversations.list()} == {
        ("a", "", 2),
        ("a", "x", 1),
        ("b", "", 1),
    }


async def test_a_turn_with_a_known_key_is_not_kept_again(conversations: Conversations) -> None:
    for text in ("first", "again"):
        await conversations.add("a", "", Turn(text, text), "run:step")
    assert await conversations.turns("a", "") == [Turn("first", "first")]


async def test_old_turns_and_the_ends_of_long_ones_are_forgotten(conversations: Conversations) -> None:
    for number in range(KEPT + 3):
        await conversations.add("a", "", Turn(str(number), "x" * (LONGEST + 1)), str(number))
    turns = await conversations.turns("a", "")
    assert [turn.task for turn in turns] == [str(number) for number in range(3, KEPT + 3)]
    assert turns[0].answer.startswith("x" * LONGEST + "\n[cut off")


async def test_what_is_forgotten_is_gone_and_the_rest_stays(conversations: Conversations) -> None:
    for number, (agent, name) in enumerate([("a", ""), ("a", "x"), ("a", "x"), ("b", "")]):
        await conversations.add(agent, name, Turn("t", "a"), str(number))
    assert conversations.forget("a", "x") == 2
    assert [(info.agent, info.name) for info in conversations.list()] in (
        [("b", ""), ("a", "")],
        [("a", ""), ("b", "")],
    )
    assert conversations.forget("a", None) == 1
    assert await conversations.turns("b", "") == [Turn("t", "a")]


async def test_text_that_is_no_unicode_is_kept_all_the_same(conversations: Conversations) -> None:
    await conversations.add("a", "", Turn("\ud800", "ok"), "1")
    assert (await conversations.turns("a", ""))[0].task == "\\ud800"


async def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    stores = [KeptConversations(tmp_path / "talk") for _ in range(4)]
    await asyncio.gather(*(stores[n % 4].add("a", "", Turn(str(n), "x"), str(n)) for n in range(16)))
    assert sorted(int(turn.task) for turn in await stores[0].turns("a", "")) == list(range(16))


async def test_they_are_private_and_those_that_a_stranger_brought_are_not_read(tmp_path: Path) -> None:
    kept = KeptConversations(tmp_path / "talk")
    assert await kept.turns("a", "") == [] and not (tmp_path / "talk").exists()
    await kept.add("a", "", Turn("t", "a"), "1")
    assert stat.S_IMODE(os.stat(tmp_path / "talk").st_mode) == 0o700
    assert stat.S_IMODE(os.stat(tmp_path / "talk" / "turns.db").st_mode) == 0o600
    (tmp_path / "talk" / ".stamp").unlink()
    with pytest.raises(NotTrustedError):
        await kept.turns("a", "")
