"""A person at the terminal: shows a question, reads the answer line by line, says what does not fit."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager

from agentflow_cli.cli.console import Console
from agentflow_cli.domain.events import AskOpened
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.ports.people import Answer

APPROVAL = ["approve", "reject"]


class EndOfInput(Exception):
    """Nobody answers here any more."""


class TerminalPerson:
    """A ports.people.Person. `paused` keeps the live view still while somebody types."""

    def __init__(
        self, console: Console, paused: Callable[[], AbstractContextManager[None]], descriptor: int = 0
    ) -> None:
        """`descriptor` is the terminal's, from which lines are read without blocking the loop."""
        self._console = console
        self._paused = paused
        self._descriptor = descriptor
        self._buffer = b""

    async def ask(self, question: AskOpened) -> Answer | None:
        with self._paused():
            self._show(question)
            try:
                if question.form:
                    return await self._form(question)
                return await self._choice(question)
            except EndOfInput:
                self._console.insist("")
                return None

    def _show(self, question: AskOpened) -> None:
        console = self._console
        sign = "◆" if console.unicode else "?"
        console.insist(f"\n{console.paint(sign, 'magenta')} {console.paint(clean(question.path), 'bold')} asks:")
        for line in clean(question.message).rstrip("\n").split("\n"):
            console.insist(f"  {line}")

    async def _choice(self, question: AskOpened) -> Answer:
        choices = [clean(choice, keep_newlines=False) for choice in question.choices]
        for number, choice in enumerate(choices, 1):
            self._console.insist(f"  {number}  {choice}")
        while True:
            said = (await self._line("choose by number or name")).strip()
            if not said:
                continue
            if said.isdigit() and 1 <= int(said) <= len(choices):
                choice = question.choices[int(said) - 1]
            else:
                matching = [c for c in question.choices if c.lower() == said.lower()] or [
                    c for c in question.choices if c.lower().startswith(said.lower())
                ]
                if len(matching) != 1:
                    near = closest(said, question.choices)
                    self._console.insist(
                        f"  `{clean(said)}` is not a choice" + (f"; did you mean `{near}`?" if near else "")
                    )
                    continue
                choice = matching[0]
            if question.choices == APPROVAL and choice == "reject":
                reason = (await self._line("why? (may be empty)")).strip()
                return Answer({"choice": choice}, user_name(), rejected=True, reason=reason)
            return Answer({"choice": choice}, user_name())

    async def _form(self, question: AskOpened) -> Answer:
        from agentflow_cli.language.schema.value_problems import value_problems

        values: dict[str, Json] = {}
        for name, schema in question.form.items():
            while True:
                said = await self._line(_prompt(name, schema, question.needs(name)))
                if not said.strip() and "default" in schema:
                    values[name] = schema["default"]
                    break
                if not said.strip() and not question.needs(name):
                    break
                value = field_value(schema, said)
                problems = value_problems(schema, value)
                if not problems:
                    values[name] = value
                    break
                self._console.insist(f"  {clean(name)}: {clean(problems[0][1])}")
        return Answer(values, user_name())

    async def _line(self, prompt: str) -> str:
        """One line without its end. EndOfInput at the end of input."""
        self._console.stderr.write(f"  {clean(prompt, keep_newlines=False)}: ")
        self._console.stderr.flush()
        while b"\n" not in self._buffer:
            data = await self._read()
            if not data:
                raise EndOfInput
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    async def _read(self) -> bytes:
        """What has been typed; the wait for it can be cancelled, for somebody may answer elsewhere first."""
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()

        def readable() -> None:
            if not ready.done():
                ready.set_result(None)

        loop.add_reader(self._descriptor, readable)
        try:
            await ready
            return os.read(self._descriptor, 4096)
        except OSError:
            return b""
        finally:
            loop.remove_reader(self._descriptor)


def field_value(schema: Json, text: str) -> Json:
    """What somebody typed for a form's field, as the declared type where it can be read as one."""
    declared = schema.get("type", []) if isinstance(schema, dict) else []
    kinds = [declared] if isinstance(declared, str) else list(declared)
    if not kinds or "string" in kinds:
        return text
    said = text.strip()
    if "boolean" in kinds and said.lower() in ("y", "yes", "n", "no"):
        return said.lower().startswith("y")
    try:
        return json.loads(said)
    except ValueError:
        return text


def user_name() -> str:
    """Who answers, as the record names them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def _prompt(name: str, schema: Json, needed: bool) -> str:
    parts = [str(schema.get("description") or name)]
    kind = schema.get("type")
    if options := schema.get("enum"):
        parts.append(f"({', '.join(map(str, options))})")
    elif kind == "boolean":
        parts.append("(yes or no)")
    elif isinstance(kind, str) and kind != "string":
        parts.append(f"({kind})")
    if "default" in schema:
        parts.append(f"[{json.dumps(schema['default'], ensure_ascii=False)}]")
    elif not needed:
        parts.append("(may be empty)")
    return " ".join(parts)
