"""Python functions in real worker processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.services.tools.environment import base_environment
from agentflow_cli.services.tools.processes import group_alive
from agentflow_cli.services.tools.python_functions import WorkerFunctions

SOURCE = """
import asyncio, os, subprocess, sys, time
from dataclasses import dataclass

def add(a, b=1): return a + b
async def wait(seconds): await asyncio.sleep(seconds); return "waited"
def pid(): return os.getpid()
def give(what): return eval(what)
def talk():
    print("héllo"); print("oops", file=sys.stderr); os.write(1, b"raw"); subprocess.run(["echo", "child"])
def outer(): return inner()
def inner(): raise ValueError("bad row")
def wrong(): return len(5)
def leave(): sys.exit(3)
def vanish(): os._exit(4)
def crash(): os.kill(os.getpid(), 11)
def marked(path):
    open(path, "w").close(); subprocess.run(["sleep", "60"])
def chatty(): print("x" * 1_000_000); return 1
def positional(a, /): return a
def fork():
    child = os.fork()
    if child: os.waitpid(child, 0)
    return "parent" if child else "child"
def move():
    os.chdir("/"); os.environ["LEFT_BEHIND"] = "1"; os.environ.pop("PATH", None)
def variable(name): return os.environ.get(name)
def variable_then_fail(name): raise ValueError(os.environ[name])
def place(): return [os.getcwd(), "LEFT_BEHIND" in os.environ, "PATH" in os.environ]
def meet(path, people):
    open(os.path.join(path, str(os.getpid())), "w").close()
    # Processes that know nothing of each other: a directory is all that they share, and it tells nobody.
    while len(os.listdir(path)) < people: time.sleep(0.01)
def babble_later(body):
    if os.fork() == 0:
        time.sleep(0.1)  # until its parent has answered: the babble is to come unasked
        babble(body)
        os._exit(0)
def babble(body):
    import socket, struct
    for fd in range(3, 1024):
        try: channel = socket.socket(fileno=os.dup(fd))
        except OSError: continue
        channel.sendall(struct.pack("!I", len(body)) + body.encode())
        return os.getpid()
@dataclass
class Row: a: int
not_callable = 5
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "etl.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "mod.py").write_text("def twice(x): return x * 2\n")
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "needs.py").write_text("import no_such_library\ndef f(): return 1\n")
    return tmp_path


@pytest.fixture
async def functions(project: Path) -> AsyncIterator[WorkerFunctions]:
    functions = WorkerFunctions(project, base_environment(os.environ))
    yield functions
    await functions.close()


async def ignore(group: int, start_time: str) -> None:
    return None


async def call(functions: WorkerFunctions, name: str, **arguments: Json) -> Json:
    return await functions.call(name if "." in name else f"tools/etl.py:{name}", arguments, on_process=ignore)


async def failure(functions: WorkerFunctions, name: str, **arguments: Json) -> Failure:
    with pytest.raises(StepFailure) as raised:
        await call(functions, name, **arguments)
    return raised.value.failure


async def test_plain_and_async_functions_of_files_and_modules_are_called(functions: WorkerFunctions) -> None:
    assert await call(functions, "add", a=2, b=3) == 5
    assert await call(functions, "wait", seconds=0) == "waited"
    assert await call(functions, "pkg.mod:twice", x="ab") == "abab"


async def test_values_come_through_unchanged(functions: WorkerFunctions) -> None:
    value = {"a": [1, 2.5, None, True, "é\U0001f600\n\"'"], "": {}, "deep": [[[[]]]], "big": 2**70}
    assert await call(functions, "give", what=repr(value)) == value
    assert await call(functions, "give", what="(1, (2,))") == [1, [2]]
    assert await call(functions, "give", what="'x' * 5_000_000") == "x" * 5_000_000
    assert await call(functions, "add", a="y" * 5_000_000, b="z") == "y" * 5_000_000 + "z"


async def test_a_worker_is_used_again_and_recorded_once_before_its_first_call(functions: WorkerFunctions) -> None:
    groups: list[int] = []

    async def record(group: int, start_time: str) -> None:
        groups.append(group)

    seen = {await functions.call("tools/etl.py:pid", {}, on_process=record) for _ in range(5)}
    assert list(seen) == groups


async def test_variables_are_set_for_one_call_and_gone_in_the_next_one_of_the_same_worker(
    functions: WorkerFunctions,
) -> None:
    async def variable(name: str, env: dict[str, str] | None = None) -> Json:
        return await functions.call("tools/etl.py:variable", {"name": name}, env=env, on_process=ignore)

    worker = await call(functions, "pid")
    assert await variable("GREETING", {"GREETING": "hé\nllo", "PATH": "/nowhere"}) == "hé\nllo"
    assert await variable("GREETING") is None
    assert await variable("PATH") == os.environ["PATH"]
    with pytest.raises(StepFailure, match="ValueError: once"):
        await functions.call("tools/etl.py:variable_then_fail", {"name": "G"}, env={"G": "once"}, on_process=ignore)
    assert await variable("G") is None
    assert await call(functions, "pid") == worker


async def test_a_worker_that_could_not_be_recorded_calls_nothing(functions: WorkerFunctions, tmp_path: Path) -> None:
    async def refuse(group: int, start_time: str) -> None:
        raise OSError("no space")

    mark = tmp_path / "mark"
    with pytest.raises(OSError, match="no space"):
        await functions.call("tools/etl.py:marked", {"path": str(mark)}, on_process=refuse)
    assert not mark.exists()


async def test_long_calls_run_side_by_side_and_many_short_ones_share_the_workers(project: Path) -> None:
    functions = WorkerFunctions(project, base_environment(os.environ), limit=3)
    try:
        seen = await asyncio.gather(*(call(functions, "pid") for _ in range(300)))
        assert len(set(seen)) <= 3
        await asyncio.wait_for(asyncio.gather(*(call(functions, "wait", seconds=0.3) for _ in range(3))), 5)
        assert len(functions._all) == 3
    finally:
        await functions.close()


async def test_what_a_function_prints_is_shown_and_cannot_disturb_its_result(functions: WorkerFunctions) -> None:
    lines: list[str] = []
    assert await functions.call("tools/etl.py:talk", {}, on_process=ignore, on_output=lines.append) is None
    assert lines == ["héllo", "oops", "rawchild"]
    assert await call(functions, "chatty") == 1
    again: list[str] = []
    await functions.call("tools/etl.py:add", {"a": 1}, on_process=ignore, on_output=again.append)
    assert again == []


async def test_an_exception_says_where_in_the_users_code_it_was_raised(functions: WorkerFunctions) -> None:
    found = await failure(functions, "outer")
    assert found.kind == "exception"
    assert found.message == "ValueError: bad row (tools/etl.py:12)"
    assert found.data["traceback"] == [
        "tools/etl.py:11 in outer: def outer(): return inner()",
        'tools/etl.py:12 in inner: def inner(): raise ValueError("bad row")',
    ]
    assert (await failure(functions, "wrong")).message.startswith("TypeError: object of type 'int' has no len() (tools")


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("add", {}, "`with` does not give `a`"),
        ("add", {"a": 1, "bb": 2}, "no parameter `bb` (did you mean `b`?)"),
        ("positional", {"a": 1}, "`a` cannot be given by name"),
        ("adds", {}, "has no function `adds` (did you mean `add`?)"),
        ("not_callable", {}, "is a int, not a function"),
        ("none.py:f", {}, "the file `none.py` is not there"),
        ("../out.py:f", {}, "outside the project"),
        ("no.module:f", {}, "there is no module `no.module`"),
        ("broken.py:f", {}, "SyntaxError: invalid syntax (broken.py:1)"),
        ("needs.py:f", {}, "No module named 'no_such_library' (it is not installed for"),
        ("give", {"what": "{'rows': [1, {2}]}"}, "returned a set at `rows[1]`, which is not JSON; return `sorted(…)`"),
        ("give", {"what": "Row(1)"}, "Row as its value, which is not JSON; return `dataclasses.asdict(…)`"),
        ("give", {"what": "{'a': float('nan')}"}, "nan at `a`"),
        ("give", {"what": "{1: 2}"}, "the key 1; keys must be strings"),
        ("give", {"what": "(x := [], x.append(x), x)[2]"}, "levels deep"),
        ("give", {"what": "'\\ud800'"}, "surrogate"),
        ("give", {"what": "10 ** 5000"}, "limit"),
        ("give", {"what": "'x' * (65 * 1024 * 1024)"}, "67,108,864 is the most"),
    ],
)
async def test_a_wrong_call_or_result_is_named(
    functions: WorkerFunctions, name: str, arguments: dict[str, Json], said: str
) -> None:
    found = await failure(functions, name, **arguments)
    assert found.kind == "exception" and said in found.message


@pytest.mark.parametrize(("name", "said"), [("leave", "sys.exit(3)"), ("vanish", "exit code 4"), ("crash", "SIGSEGV")])
async def test_a_function_that_ends_its_process_fails_and_the_next_call_works(
    functions: WorkerFunctions, name: str, said: str
) -> None:
    found = await failure(functions, name)
    assert found.kind == "crashed" and said in found.message
    assert await call(functions, "add", a=1) == 2


async def test_calls_that_wait_for_a_worker_survive_the_crash_of_another(project: Path) -> None:
    functions = WorkerFunctions(project, base_environment(os.environ), limit=1)
    try:
        results = await asyncio.wait_for(
            asyncio.gather(*(call(functions, n) for n in ("vanish", "pid", "crash", "pid")), return_exceptions=True), 20
        )
        assert [type(r) for r in results] == [StepFailure, int, StepFailure, int]
    finally:
        await functions.close()


async def test_a_child_that_a_function_forks_answers_nothing(functions: WorkerFunctions) -> None:
    assert await call(functions, "fork") == "parent"
    assert [await call(functions, "add", a=number, b=0) for number in range(5)] == [0, 1, 2, 3, 4]


async def test_a_reply_to_another_call_is_dropped(functions: WorkerFunctions) -> None:
    pid = await call(functions, "babble", body='[0, "ok", "another\'s"]')
    assert pid == await call(functions, "pid")


async def test_a_second_reply_to_a_call_is_never_the_next_ones(functions: WorkerFunctions) -> None:
    assert await call(functions, "babble", body='[1, "ok", "forged"]') == "forged"
    assert await call(functions, "add", a=3, b=4) == 7


@pytest.mark.parametrize("body", ['[1, "ok", "late"]', "nonsense", "[]"])
async def test_a_worker_that_answers_unasked_is_ended_and_not_used_again(project: Path, body: str) -> None:
    functions = WorkerFunctions(project, base_environment(os.environ), limit=1)
    try:
        await call(functions, "babble_later", body=body)
        (worker,) = functions._all
        async with asyncio.timeout(10):
            while worker.alive:
                await asyncio.sleep(0)
        assert await call(functions, "add", a=3, b=4) == 7
        assert worker not in functions._all
        assert not group_alive(worker.group)
    finally:
        await functions.close()


async def test_a_call_leaves_neither_its_directory_nor_its_variables_to_the_next(project: Path) -> None:
    functions = WorkerFunctions(project, base_environment(os.environ), limit=1)
    try:
        before = await call(functions, "place")
        await call(functions, "move")
        assert await call(functions, "place") == before == [str(project), False, True]
    finally:
        await functions.close()


async def test_forty_calls_that_need_each_other_run_at_once(functions: WorkerFunctions, tmp_path: Path) -> None:
    (tmp_path / "meeting").mkdir()
    calls = (call(functions, "meet", path=str(tmp_path / "meeting"), people=40) for _ in range(40))
    await asyncio.wait_for(asyncio.gather(*calls), 60)


async def test_who_waits_for_more_than_a_moment_gets_more_workers(functions: WorkerFunctions) -> None:
    await asyncio.gather(*(call(functions, "wait", seconds=0.005) for _ in range(200)))
    assert len(functions._all) > 2


async def test_an_exception_with_half_a_surrogate_pair_can_be_stored(functions: WorkerFunctions) -> None:
    found = await failure(functions, "give", what="1 / 0 if 0 else (_ for _ in ()).throw(ValueError('\\ud800'))")
    assert "\\ud800" in found.message
    found.message.encode()


async def test_a_cancelled_call_is_ended_with_all_that_it_started(functions: WorkerFunctions, tmp_path: Path) -> None:
    groups: list[int] = []

    async def record(group: int, start_time: str) -> None:
        groups.append(group)

    mark = tmp_path / "mark"
    task = asyncio.create_task(functions.call("tools/etl.py:marked", {"path": str(mark)}, on_process=record))
    async with asyncio.timeout(10):
        while not mark.exists():
            await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not group_alive(groups[0])
    assert await call(functions, "add", a=1) == 2


async def test_a_changed_file_is_loaded_again_even_within_a_second(functions: WorkerFunctions, project: Path) -> None:
    for number in range(1, 6):
        (project / "changing.py").write_text(f"def f(): return {number}\n")
        assert await call(functions, "changing.py:f") == number


async def test_closing_leaves_no_process_and_no_descriptor(project: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    functions = WorkerFunctions(project, base_environment(os.environ))
    pids = set(await asyncio.gather(*(call(functions, "pid") for _ in range(20))))
    await functions.close()
    assert not any(group_alive(pid) for pid in pids)
    await asyncio.sleep(0)
    assert len(os.listdir("/dev/fd")) == before


async def test_what_a_function_registered_for_the_end_is_done_on_closing(project: Path) -> None:
    trace = project / "trace"
    (project / "ending.py").write_text(
        f"import atexit\natexit.register(lambda: open({str(trace)!r}, 'w').close())\ndef f(): return 1\n"
    )
    functions = WorkerFunctions(project, base_environment(os.environ))
    await call(functions, "ending.py:f")
    await functions.close()
    assert trace.exists()


DRIVER = """
import asyncio, os, signal, sys
from pathlib import Path
from agentflow_cli.services.tools.python_functions import WorkerFunctions
async def record(group, start):
    print(group, flush=True)
async def main():
    functions = WorkerFunctions(Path(sys.argv[1]), dict(os.environ))
    call = asyncio.create_task(functions.call("tools/etl.py:marked", {"path": "mark"}, on_process=record))
    while not Path(sys.argv[1], "mark").exists():
        await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def test_workers_end_with_a_driver_that_was_killed_even_in_the_middle_of_a_call(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(project)], stdout=subprocess.PIPE, text=True, timeout=30, check=False
    )
    group = int(done.stdout)
    for _ in range(2000):
        if not group_alive(group):
            break
    assert not group_alive(group)
