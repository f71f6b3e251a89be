"""Following a run, runners of their own, and watching without a screen."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from agentflow_cli.application.usecases.detached import Runner
from agentflow_cli.application.usecases.watch import BATCH, Watch
from agentflow_cli.domain.events import StepStarted
from agentflow_cli.tui.feed import RunFeed
from agentflow_cli.tui.messages import FeedEnded
from tests.tui.projects import ASKING, HEAD, project, run_it


def watched(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agentflow_cli", *arguments], cwd=directory, capture_output=True, text=True, timeout=60
    )


def test_each_look_gives_what_came_since_the_last_one_and_whether_a_driver_is_there(tmp_path: Path) -> None:
    container = project(tmp_path, ASKING)
    run_it(container)
    journal, _ = container.runs.open("last")
    with Watch(container, "last") as watch:
        first = watch.look()
        assert (first.records[0].seq, first.live, first.more) == (1, True, False)
        assert watch.look().records == []
        for attempt in range(BATCH + 1):
            journal.append_now(StepStarted("publish", attempt))
        second, third = watch.look(), watch.look()
        assert (len(second.records), second.more) == (BATCH, True)
        assert (len(third.records), third.more) == (1, False)
    journal.close()


def test_a_runner_is_found_by_the_run_that_it_made(tmp_path: Path) -> None:
    container = project(tmp_path, HEAD + "  one: {set: {a: 1}}\n")
    run_it(container)
    runner = Runner(container, ["run", "demo.yaml", "--progress", "none"], tmp_path)
    run = runner.find_run()
    assert runner.wait() == 0
    assert run == container.runs.resolve("last")
    assert len(container.runs.summaries()) == 2


def test_a_runner_that_never_made_a_run_says_why(tmp_path: Path) -> None:
    container = project(tmp_path, HEAD + "  one: {sett: {a: 1}}\n")
    runner = Runner(container, ["run", "demo.yaml", "--progress", "none"], tmp_path)
    assert runner.find_run() is None
    assert runner.wait() == 2
    assert "did you mean `set`?" in runner.said()


def test_watch_without_a_terminal_prints_lines_and_gives_the_code_of_the_run(tmp_path: Path) -> None:
    run_it(project(tmp_path, ASKING))
    done = watched(tmp_path, "watch")
    assert done.returncode == 8
    assert "publish" in done.stderr
    assert "agentflow approve" in done.stderr.strip().split("\n")[-1]


def test_the_monitor_asks_for_a_terminal_and_names_what_works_without_one(tmp_path: Path) -> None:
    project(tmp_path, ASKING)
    for arguments, other in ((["monitor"], "runs list"), (["run", "--tui", "demo.yaml"], "run demo.yaml")):
        done = watched(tmp_path, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"next: agentflow {other}" in done.stderr


def test_a_run_that_is_not_there_is_said_by_the_feed(tmp_path: Path) -> None:
    heard: list[object] = []

    class Target:
        def post_message(self, message: object) -> None:
            heard.append(message)

    container = project(tmp_path, ASKING)
    run_it(container)
    RunFeed(container, "zzz", Target()).run()  # type: ignore[arg-type]
    assert [type(message) for message in heard] == [FeedEnded]


async def test_a_stopped_feed_ends(tmp_path: Path) -> None:
    container = project(tmp_path, ASKING)
    await asyncio.to_thread(run_it, container)

    class Target:
        def post_message(self, message: object) -> None:
            """Nobody listens."""

    feed = RunFeed(container, "last", Target())  # type: ignore[arg-type]
    running = asyncio.create_task(asyncio.to_thread(feed.run))
    await asyncio.sleep(0)
    feed.stop()
    await asyncio.wait_for(running, 5)
