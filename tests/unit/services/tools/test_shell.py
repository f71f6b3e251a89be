"""Commands, with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from agentflow_cli.domain.failure import StepFailure
from agentflow_cli.ports.commands import CommandResult
from agentflow_cli.services.tools.environment import base_environment
from agentflow_cli.services.tools.processes import group_alive
from agentflow_cli.services.tools.shell import LocalCommands, script_argv

ENV = base_environment(os.environ)


class Recorder:
    """Remembers the process groups that it was told of."""

    def __init__(self) -> None:
        self.groups: dict[int, str] = {}
        self.told = asyncio.Event()

    async def __call__(self, group: int, start_time: str) -> None:
        self.groups[group] = start_time
        self.told.set()

    @property
    def group(self) -> int:
        return next(iter(self.groups))


async def run(argv: list[str], directory: Path, **options: object) -> CommandResult:
    defaults: dict[str, object] = {"env": ENV, "stdin": None, "on_process": Recorder()}
    return await LocalCommands().run(argv, directory=directory, **{**defaults, **options})  # type: ignore[arg-type]


async def test_output_error_and_exit_code_come_back_apart(tmp_path: Path) -> None:
    result = await run(script_argv("echo out; echo err >&2; exit 3"), tmp_path)
    assert result == CommandResult(3, b"out\n", b"err\n")


async def test_a_signal_shows_as_a_negative_exit_code(tmp_path: Path) -> None:
    assert (await run(script_argv("kill -KILL $$"), tmp_path)).exit_code == -signal.SIGKILL


async def test_a_script_stops_at_the_first_error_the_first_unset_name_and_the_first_failed_pipe(tmp_path: Path) -> None:
    for script in ("false; echo no", "echo $NOT_SET_HERE; echo no", "false | cat; echo no"):
        result = await run(script_argv(script), tmp_path)
        assert result.exit_code != 0 and result.stdout == b""


async def test_arguments_arrive_as_they_are_without_a_shell(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "$HOME; `id`", "", "-n", "a\nb", "*"]
    assert (await run(argv, tmp_path)).stdout.decode().strip() == str(argv[3:])


async def test_standard_input_arrives_whole_however_long_it_is(tmp_path: Path) -> None:
    assert (await run(["wc", "-c"], tmp_path, stdin=b"x" * 5_000_000)).stdout.split() == [b"5000000"]


async def test_without_input_a_command_reads_an_end_at_once(tmp_path: Path) -> None:
    assert (await run(["cat"], tmp_path)).stdout == b""


async def test_a_command_that_does_not_read_its_input_is_no_failure(tmp_path: Path) -> None:
    assert (await run(["true"], tmp_path, stdin=b"x" * 5_000_000)).exit_code == 0


async def test_a_command_gets_its_environment_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_THING", "42")
    env = {**base_environment(os.environ), "GIVEN": "a 'b' $c"}
    shown = (await run(["env"], tmp_path, env=env)).stdout.decode()
    assert "SECRET_THING" not in shown and "AGENTFLOW" not in shown
    assert "GIVEN=a 'b' $c\n" in shown


def test_the_base_environment_has_what_is_listed_and_what_is_passed() -> None:
    source = {"PATH": "/bin", "LC_TIME": "C", "TOKEN": "1", "WANTED": "2"}
    assert base_environment(source, ["WANTED", "ABSENT"]) == {"PATH": "/bin", "LC_TIME": "C", "WANTED": "2"}


async def test_nothing_runs_before_the_process_group_is_recorded(tmp_path: Path) -> None:
    trace = tmp_path / "trace"

    async def record(group: int, start_time: str) -> None:
        assert group_alive(group) and start_time
        await asyncio.to_thread(group_alive, group)
        assert not trace.exists()

    await run(["touch", str(trace)], tmp_path, on_process=record)
    assert trace.exists()


async def test_a_command_whose_group_could_not_be_recorded_never_runs(tmp_path: Path) -> None:
    trace, groups = tmp_path / "trace", []

    async def refuse(group: int, start_time: str) -> None:
        groups.append(group)
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        await run(["touch", str(trace)], tmp_path, on_process=refuse)
    assert not trace.exists() and not group_alive(groups[0])


async def test_cancelling_ends_the_whole_group_and_leaves_no_descriptor(tmp_path: Path) -> None:
    recorder, lines = Recorder(), asyncio.Queue[str]()
    await run(["true"], tmp_path)
    before = len(os.listdir("/dev/fd"))
    script = "trap '' TERM; (trap '' TERM; sleep 60) & echo ready >&2; wait; wait"
    task = asyncio.create_task(
        run(script_argv(script), tmp_path, on_process=recorder, on_output=lines.put_nowait, stdin=b"x" * 1_000_000)
    )
    assert await lines.get() == "ready"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not group_alive(recorder.group)
    await asyncio.sleep(0)
    assert len(os.listdir("/dev/fd")) == before


async def test_a_child_in_the_background_neither_hangs_the_step_nor_outlives_it(tmp_path: Path) -> None:
    for script in ("sleep 60 >/dev/null 2>&1 & echo done", "sleep 60 & echo done"):
        recorder = Recorder()
        result = await asyncio.wait_for(run(script_argv(script), tmp_path, on_process=recorder), 10)
        assert result.stdout == b"done\n"
        assert not group_alive(recorder.group)


async def test_more_output_than_is_kept_ends_the_command_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(StepFailure, match="more than 16,777,216 bytes") as failure:
        await asyncio.wait_for(run(["yes"], tmp_path), 30)
    assert failure.value.failure.kind == "invalid_output"


async def test_of_a_long_standard_error_the_end_is_kept(tmp_path: Path) -> None:
    result = await run(script_argv("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo last >&2"), tmp_path)
    assert result.stderr.endswith(b"xlast\n") and len(result.stderr) < 300_000
    assert result.stderr.startswith(b"[2737861 bytes before this are left out]")


async def test_standard_error_is_shown_line_by_line_while_it_comes(tmp_path: Path) -> None:
    lines: list[str] = []
    await run(script_argv("printf 'a\\nb\\xc3' >&2; printf '\\xa9\\r\\nend' >&2"), tmp_path, on_output=lines.append)
    assert lines == ["a", "bé", "end"]


@pytest.mark.parametrize(
    ("argv", "said", "code"),
    [
        (["no-such-program"], "`no-such-program` is not on the PATH", 127),
        (["./none"], "`./none` is not there", 127),
        (["plain.txt"], "write `./plain.txt`", 127),
        (["./plain.txt"], "chmod", 126),
        (["./bad.sh"], "interpreter in its first line", 127),
        (["."], "is not", 127),
        (["./"], "is a directory", 126),
        ([], "empty", 127),
        (["echo", "x" * 200_000], r"200,000 bytes.*stdin:", 126),
        (["echo", *["x" * 100_000] * 40], "too long for the system; give long values by `stdin:`", 126),
        (["echo", "a\0b"], "NUL", 126),
        (["echo", "\ud800"], "surrogate", 126),
    ],
)
async def test_what_cannot_be_started_says_why(argv: list[str], said: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("x")
    (tmp_path / "bad.sh").write_text("#!/no/such/interpreter\n")
    (tmp_path / "bad.sh").chmod(0o755)
    with pytest.raises(StepFailure, match=said) as failure:
        await run(argv, tmp_path)
    assert failure.value.failure.kind == "exit_code"
    assert failure.value.failure.data == {"exit_code": code}


@pytest.mark.parametrize("env", [{"A": "\ud800"}, {"\ud800": "a"}])
async def test_a_variable_that_is_no_text_is_refused(env: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(StepFailure, match="surrogate") as raised:
        await run(["true"], tmp_path, env={**os.environ, **env})
    raised.value.failure.message.encode()


async def test_a_variable_that_is_too_long_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailure, match=r"the variable `BODY` is too long.*stdin:"):
        await run(["true"], tmp_path, env={**ENV, "BODY": "x" * 140_000})
