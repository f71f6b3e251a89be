"""Other processes reach a live run through its socket."""

from __future__ import annotations

import asyncio
import socket
import stat
from typing import Any

import pytest

from agentflow_cli.domain.events import Record
from agentflow_cli.engine import control
from agentflow_cli.engine.control import send_answer
from agentflow_cli.ports.people import Answer
from tests.engine.driving import drive
from tests.fakes.plans import ask_step, plan_of, python_step
from tests.fakes.services import fake_services


@pytest.fixture(autouse=True)
def runtime_directory(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


async def test_a_live_run_takes_the_first_answer_and_says_who_was_first() -> None:
    asked, release = asyncio.Event(), asyncio.Event()

    async def busy() -> None:
        await release.wait()

    class Waits:
        async def ask(self, question: Any) -> None:
            asked.set()
            await asyncio.Event().wait()

    plan = plan_of(ask_step("sure", choices=["red", "blue"]), python_step("busy", "busy"))
    records: list[Record] = []
    running = asyncio.create_task(
        drive(plan, fake_services(functions={"busy": busy}), records=records, person=Waits())  # type: ignore[arg-type]
    )
    await asked.wait()

    async def send(path: str, answer: Answer) -> str | None:
        return await asyncio.to_thread(send_answer, "memory", path, answer)

    assert "no step `nope`" in str(await send("nope", Answer({}, "ada")))
    assert "`mauve` is not a choice" in str(await send("sure", Answer({"choice": "mauve"}, "ada")))
    assert await send("sure", Answer({"choice": "red"}, "ada")) is None
    assert await send("sure", Answer({"choice": "blue"}, "bob")) == "`sure` was answered already, by ada"
    release.set()
    state = await running
    assert state.steps["sure"].output["choice"] == "red"
    assert [r.event.type for r in records].count("ask_answered") == 1


async def test_the_socket_is_private_and_goes_with_the_run() -> None:
    paths: list[Any] = []

    def look() -> None:
        path = control._socket_path("memory")
        paths.append(stat.S_IMODE(path.parent.stat().st_mode))
        assert path.exists()

    state = await drive(plan_of(python_step("a", "look")), fake_services(functions={"look": look}))
    assert state.status == "succeeded"
    assert paths == [0o700]
    assert not control._socket_path("memory").exists()
    with pytest.raises(ConnectionError):
        send_answer("memory", "a", Answer({}, "ada"))


async def test_nonsense_on_the_socket_is_answered_and_harms_nothing() -> None:
    async def chat() -> str:
        reader, writer = await asyncio.open_unix_connection(control._socket_path("memory"))
        assert await reader.readline() == b'{"ready": true}\n'
        writer.write(b'{"values": 3\n')
        line = await reader.readline()
        writer.close()
        return line.decode()

    state = await drive(plan_of(python_step("a", "chat")), fake_services(functions={"chat": chat}))
    assert "did not understand" in state.steps["a"].output


def test_a_driver_that_does_not_answer_is_handed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_PATIENCE", 0.05)
    path = control._socket_path("memory")
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stopped:
        stopped.bind(str(path))
        stopped.listen(1)
        with pytest.raises(ConnectionError, match="does not answer"):
            send_answer("memory", "sure", Answer({"choice": "red"}, "ada"))
        connection, _ = stopped.accept()
        with connection:
            assert connection.recv(100) == b""


def test_nobody_listening_is_told_apart_from_nobody_answering() -> None:
    with pytest.raises(control.NotListeningError):
        send_answer("memory", "sure", Answer({}, "ada"))
