"""The world behind the ports, in memory: what engine tests give an Engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agentflow_cli.domain.events import AskOpened, Record
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.engine.options import Services
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.ports.cache import CacheStats
from agentflow_cli.ports.commands import CommandResult, OnOutput, OnProcess
from agentflow_cli.ports.http import HttpReply, HttpRequest
from agentflow_cli.ports.memory import Document, Ingested, Passage
from agentflow_cli.ports.model import ModelReply, ModelRequest, OnDelta, OnPassed, Price
from agentflow_cli.ports.people import Answer
from agentflow_cli.ports.tools import Tool
from agentflow_cli.services.memory.conversations import PassingConversations


class FakeClock:
    """Sleeping takes no time and is remembered."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


class FakeModel:
    """Answers with `reply(request)`."""

    def __init__(self, reply: Callable[[ModelRequest], str] = lambda request: f"echo: {request.messages[-1].content}"):
        self.reply = reply
        self.requests: list[ModelRequest] = []

    def resolve(self, name: str | None) -> str:
        return name or "fake/model"

    def identify(self, name: str | None) -> str:
        return self.resolve(name)

    def price(self, name: str | None) -> Price | None:
        return Price()

    async def complete(
        self, request: ModelRequest, on_delta: OnDelta | None = None, on_passed: OnPassed | None = None
    ) -> ModelReply:
        self.requests.append(request)
        text = self.reply(request)
        if on_delta is not None:
            on_delta(text)
        return ModelReply(text, "fake/model")


class FakeMemory:
    """Finds documents that share a word with the query."""

    def __init__(self) -> None:
        self.documents: dict[str, list[Document]] = {}

    async def add(self, memory: str, documents: Iterable[Document]) -> Ingested:
        new = list(documents)
        self.documents.setdefault(memory, []).extend(new)
        return Ingested(len(new), len(new), 0, tuple(document.source for document in new))

    async def add_files(self, memory: str, patterns: Sequence[str]) -> Ingested:
        return await self.add(memory, [Document(pattern, pattern) for pattern in patterns])

    async def search(self, memory: str, query: str, top: int = 5, min_score: float | None = None) -> list[Passage]:
        words = set(query.lower().split())
        found = [d for d in self.documents.get(memory, ()) if words & set(d.text.lower().split())]
        return [Passage(d.source, d.text, d.source, 1.0) for d in found[:top]]


class FakeCommands:
    """Runs `behave(argv, env)` instead of a program."""

    def __init__(self, behave: Callable[[Sequence[str], Mapping[str, str]], CommandResult] | None = None) -> None:
        self.behave = behave or (lambda argv, env: CommandResult(0, (argv[-1] + "\n").encode(), b""))
        self.calls: list[Sequence[str]] = []
        self.survivors: list[Mapping[int, str]] = []

    async def run(
        self,
        argv: Sequence[str],
        *,
        directory: Path,
        env: Mapping[str, str],
        stdin: bytes | None,
        on_process: OnProcess,
        on_output: OnOutput | None = None,
    ) -> CommandResult:
        await on_process(1_000_000 + len(self.calls), "0")
        self.calls.append(argv)
        return self.behave(argv, env)

    def end_survivors(self, processes: Mapping[int, str], *, at_once: bool = False) -> list[int]:
        self.survivors.append(dict(processes))
        return []


class FakeFunctions:
    """Calls real functions by name, in this process."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self.functions = dict(functions or {})
        self.calls: list[tuple[str, dict[str, Json]]] = []
        self.environments: list[dict[str, str]] = []

    async def call(
        self,
        function: str,
        arguments: dict[str, Json],
        *,
        env: Mapping[str, str] | None = None,
        on_process: OnProcess,
        on_output: OnOutput | None = None,
    ) -> Json:
        self.calls.append((function, arguments))
        self.environments.append(dict(env or {}))
        try:
            result = self.functions[function](**arguments)
            return await result if asyncio.iscoroutine(result) else result
        except StepFailure:
            raise
        except Exception as error:
            raise StepFailure(Failure("exception", f"{type(error).__name__}: {error}")) from error

    async def close(self) -> None:
        return None


class FakeHttp:
    """Answers with `reply(request)`."""

    def __init__(self, reply: Callable[[HttpRequest], HttpReply] = lambda request: HttpReply(200, {}, b"")) -> None:
        self.reply = reply
        self.requests: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpReply:
        self.requests.append(request)
        return self.reply(request)


class FakeTools:
    """Calls real functions by name, in this process; each takes any arguments."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self.functions = dict(functions or {})
        self.calls: list[tuple[str, dict[str, Json]]] = []
        self.environments: list[dict[str, str]] = []

    def list(self) -> list[Tool]:
        return [self.get(name) for name in sorted(self.functions)]

    def get(self, name: str) -> Tool:
        if name not in self.functions:
            raise NotFoundError(f"there is no tool `{name}`", hint="there are none")
        return Tool(name, f"The tool {name}.", {"type": "object"}, f"tools/fake.py:{name}")

    async def call(
        self,
        name: str,
        arguments: dict[str, Json],
        *,
        env: Mapping[str, str] | None = None,
        on_process: OnProcess,
        on_output: OnOutput | None = None,
    ) -> Json:
        self.calls.append((name, arguments))
        self.environments.append(dict(env or {}))
        result = self.functions[name](**arguments)
        return await result if asyncio.iscoroutine(result) else result


class FakeCache:
    """Keeps values in memory."""

    def __init__(self) -> None:
        self.values: dict[str, Json] = {}

    def get(self, key: str) -> Json | None:
        return self.values.get(key)

    def put(self, key: str, value: Json) -> None:
        self.values[key] = value

    def stats(self) -> CacheStats:
        return CacheStats(len(self.values), 0, "")

    def clear(self) -> int:
        count = len(self.values)
        self.values.clear()
        return count

    def close(self) -> None:
        return None


class Listening:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.deltas: list[tuple[str, str]] = []
        self.lines: list[tuple[str, str]] = []

    def recorded(self, record: Record, state: RunState) -> None:
        self.records.append(record)

    def delta(self, path: str, text: str) -> None:
        self.deltas.append((path, text))

    def printed(self, path: str, text: str) -> None:
        self.lines.append((path, text))

    def types(self, path: str | None = None) -> list[str]:
        return [r.event.type for r in self.records if path is None or getattr(r.event, "path", None) == path]


class ScriptedPerson:
    """Gives the answers in order; None when they are used up."""

    def __init__(self, *answers: Answer | None) -> None:
        self.answers = list(answers)
        self.asked: list[AskOpened] = []

    async def ask(self, question: AskOpened) -> Answer | None:
        self.asked.append(question)
        return self.answers.pop(0) if self.answers else None


def fake_services(
    *,
    model: FakeModel | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    commands: FakeCommands | None = None,
    memory: FakeMemory | None = None,
    clock: FakeClock | None = None,
    http: FakeHttp | None = None,
    tools: FakeTools | None = None,
    cache: FakeCache | None = None,
) -> Services:
    return Services(
        model=model or FakeModel(),
        memory=memory or FakeMemory(),
        commands=commands or FakeCommands(),
        functions=FakeFunctions(functions),
        clock=clock or FakeClock(),
        http=http or FakeHttp(),
        tools=tools or FakeTools(),
        cache=cache or FakeCache(),
        conversations=PassingConversations(),
    )
