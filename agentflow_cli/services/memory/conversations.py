"""Conversations in one SQLite database below the project's state.

Every look and every change takes the lock, opens the database and closes it again: there is one connection at a time,
whatever number of runs talks at once.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.foundation.lock import FileLock
from agentflow_cli.foundation.sqlite import open_writer, storage_failure
from agentflow_cli.foundation.stamp import check_stamp, stamp_directory
from agentflow_cli.ports.conversations import KEPT, LONGEST, ConversationInfo, Turn

MIGRATIONS = (
    """
    CREATE TABLE turn (
        id INTEGER PRIMARY KEY,
        agent TEXT NOT NULL,
        name TEXT NOT NULL,
        at REAL NOT NULL,
        task TEXT NOT NULL,
        answer TEXT NOT NULL,
        key TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX turn_of_conversation ON turn (agent, name, id)
    """,
)

_T = TypeVar("_T")


class KeptConversations:
    """A ports.conversations.Conversations in `directory`, which is made, and stamped, with the first turn."""

    def __init__(self, directory: Path, clock: Clock | None = None) -> None:
        self._directory = directory
        self._clock = clock or SystemClock()

    async def turns(self, agent: str, name: str) -> list[Turn]:
        def look(connection: sqlite3.Connection) -> list[Turn]:
            rows = connection.execute(
                "SELECT task, answer FROM turn WHERE agent = ? AND name = ? ORDER BY id DESC LIMIT ?",
                (agent, name, KEPT),
            ).fetchall()
            return [Turn(*row) for row in reversed(rows)]

        return await asyncio.to_thread(self._look, look, [])

    async def add(self, agent: str, name: str, turn: Turn, key: str) -> None:
        now = self._clock.now()

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT OR IGNORE INTO turn (agent, name, at, task, answer, key) VALUES (?, ?, ?, ?, ?, ?)",
                (agent, name, now, _text(turn.task), _text(turn.answer), key),
            )
            connection.execute(
                "DELETE FROM turn WHERE agent = ? AND name = ? AND id NOT IN"
                " (SELECT id FROM turn WHERE agent = ? AND name = ? ORDER BY id DESC LIMIT ?)",
                (agent, name, agent, name, KEPT),
            )
            connection.execute("COMMIT")

        await asyncio.to_thread(self._write, write)

    def list(self) -> list[ConversationInfo]:
        def look(connection: sqlite3.Connection) -> list[ConversationInfo]:
            rows = connection.execute(
                "SELECT agent, name, count(*), max(at) FROM turn GROUP BY agent, name ORDER BY max(id) DESC"
            )
            return [ConversationInfo(*row) for row in rows]

        return self._look(look, [])

    def forget(self, agent: str, name: str | None) -> int:
        def write(connection: sqlite3.Connection) -> int:
            if name is None:
                return connection.execute("DELETE FROM turn WHERE agent = ?", (agent,)).rowcount
            return connection.execute("DELETE FROM turn WHERE agent = ? AND name = ?", (agent, name)).rowcount

        return self._look(write, 0)

    def _look(self, act: Callable[[sqlite3.Connection], _T], nothing: _T) -> _T:
        """What `act` finds; `nothing` where there is no database yet, which is then not made either."""
        return self._write(act) if (self._directory / "turns.db").exists() else nothing

    def _write(self, act: Callable[[sqlite3.Connection], _T]) -> _T:
        if self._directory.exists():
            check_stamp(self._directory)  # what came with a stranger's repository would speak to the model
        else:
            stamp_directory(self._directory)
        path = self._directory / "turns.db"
        lock = FileLock(self._directory / "lock")
        lock.acquire("the conversations of agents", wait=True)
        try:
            connection = open_writer(path, MIGRATIONS)
            try:
                return act(connection)
            except sqlite3.Error as error:
                raise storage_failure(error, path) from error
            finally:
                connection.close()
        finally:
            lock.release()


class PassingConversations:
    """Forgets when the process ends: for runs in which a script plays the models' part, and for tests."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str], dict[str, Turn]] = {}

    async def turns(self, agent: str, name: str) -> list[Turn]:
        return list(self._turns.get((agent, name), {}).values())[-KEPT:]

    async def add(self, agent: str, name: str, turn: Turn, key: str) -> None:
        self._turns.setdefault((agent, name), {}).setdefault(key, Turn(_text(turn.task), _text(turn.answer)))

    def list(self) -> list[ConversationInfo]:
        return [ConversationInfo(*conversation, len(turns), 0.0) for conversation, turns in self._turns.items()]

    def forget(self, agent: str, name: str | None) -> int:
        chosen = [key for key in self._turns if key[0] == agent and name in (None, key[1])]
        return sum(len(self._turns.pop(key)) for key in chosen)


def _text(text: str) -> str:
    """As much of `text` as is kept, without halves of surrogate pairs, which could not be stored."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n[cut off here: {len(text):,} characters in all]"
    return cut.encode("utf-8", "backslashreplace").decode()
