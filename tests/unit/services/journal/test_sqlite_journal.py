"""The journal on disk: what is committed is there, whole, in order, and private."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agentflow_cli.domain.events import EpochStarted, Record, RunAccepted, RunFinished, StepStarted, StepSucceeded
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.errors import DamagedDataError, LockedError, NotFoundError, StorageError, UsageError
from agentflow_cli.services.journal.run_store import RunStore
from tests.fakes.plans import plan_of, set_step


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / ".agentflow")


def a_plan() -> Plan:
    return plan_of(set_step("a", {"x": 1}), PlanStep("b", "run", settings={"script": "true"}, needs=("a",), line=7))


async def test_what_was_appended_in_one_turn_is_committed_together_in_order_and_heard_of_afterwards(
    store: RunStore,
) -> None:
    journal = store.create(a_plan(), {"n": 1}, "0.1.0")
    heard: list[Record] = []
    journal.on_commit = heard.append
    futures = [journal.append(StepStarted(f"s{n}")) for n in range(5)]
    assert heard == []
    records = await asyncio.gather(*futures)
    assert [r.seq for r in records] == [2, 3, 4, 5, 6]
    assert heard == records
    assert len({r.at for r in records}) == 1
    assert [r.event for r in journal.read(1)] == [StepStarted(f"s{n}") for n in range(5)]
    journal.close()


async def test_a_run_is_found_again_with_its_plan_inputs_and_events(store: RunStore) -> None:
    plan = a_plan()
    journal = store.create(plan, {"text": "é\n'\""}, "0.1.0")
    await journal.append(StepSucceeded("a", {"x": [1, 2.5, None, True, "ü"]}, {"exit_code": 0}))
    journal.close()
    reader = store.reader("last")
    assert reader.plan() == plan
    state = RunState.fold(reader.plan(), reader.read())
    assert state.inputs == {"text": "é\n'\""}
    assert state.steps["a"].output == {"x": [1, 2.5, None, True, "ü"]}
    reader.close()
    reopened, plan_again = store.open(journal.run)
    assert plan_again == plan
    assert reopened.epoch == 2
    reopened.close()


async def test_one_driver_at_a_time_and_the_message_names_the_other(store: RunStore) -> None:
    journal = store.create(a_plan(), {}, "0.1.0")
    with pytest.raises(LockedError, match=str(os.getpid())):
        store.open("last")
    assert store.summaries()[0].live
    journal.close()
    assert not store.summaries()[0].live
    store.open("last")[0].close()


async def test_a_large_value_lives_in_a_private_file_and_comes_back(store: RunStore, tmp_path: Path) -> None:
    journal = store.create(a_plan(), {}, "0.1.0")
    large = "x" * 1_000_000
    await journal.append(StepSucceeded("a", large))
    assert [r.event for r in journal.read(1)] == [StepSucceeded("a", large)]
    (blob,) = (journal.directory / "blobs").iterdir()
    journal.close()
    assert stat.S_IMODE(blob.stat().st_mode) == 0o600
    blob.write_text("tampered")
    with pytest.raises(DamagedDataError):
        list(store.reader("last").read())


async def test_what_a_killed_driver_had_begun_to_write_is_removed_when_the_run_is_taken_up(store: RunStore) -> None:
    journal = store.create(a_plan(), {}, "0.1.0")
    await journal.append(StepSucceeded("a", "x" * 1_000_000))
    blobs = journal.directory / "blobs"
    (kept,) = blobs.iterdir()
    (blobs / f".{kept.name}.abc123").write_text("half of it")
    journal.close()
    store.open("last")[0].close()
    assert list(blobs.iterdir()) == [kept]


async def test_everything_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        journal = RunStore(tmp_path / ".agentflow").create(a_plan(), {}, "0.1.0")
        await journal.append(StepSucceeded("a", 1))
        for path in [journal.directory, *journal.directory.rglob("*")]:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        journal.close()
    finally:
        os.umask(before)


def test_ids_sort_by_time_and_short_prefixes_name_a_run(store: RunStore) -> None:
    runs = []
    for _ in range(3):
        journal = store.create(a_plan(), {}, "0.1.0")
        runs.append(journal.run)
        journal.close()
    assert runs == sorted(runs)
    assert [s.run for s in store.summaries()] == runs[::-1]
    assert store.resolve("last") == runs[-1][:6]
    assert store.resolve(runs[0]) == runs[0][:6]
    assert store.resolve(runs[1][:6]) == runs[1][:6]
    with pytest.raises(UsageError, match="could be any of"):
        store.resolve(runs[0][:2])
    with pytest.raises(NotFoundError):
        store.resolve("zzzzzz")


def test_no_run_yet_says_so(store: RunStore) -> None:
    with pytest.raises(NotFoundError, match="no run yet"):
        store.resolve("last")
    assert store.summaries() == []


async def test_the_status_is_an_explicit_row(store: RunStore, tmp_path: Path) -> None:
    journal = store.create(a_plan(), {}, "0.1.0")
    assert store.summaries()[0].status == "accepted"
    await journal.append(EpochStarted(1, 1))
    await asyncio.gather(journal.append(StepSucceeded("a", 1)), journal.append(StepSucceeded("b[0]", 1)))
    summary = store.summaries()[0]
    assert (summary.status, summary.steps_done, summary.steps_total) == ("running", 1, 2)
    await journal.append(RunFinished("succeeded"))
    journal.close()
    assert store.summaries()[0].status == "succeeded"


async def test_a_run_whose_driver_died_is_shown_as_crashed(store: RunStore) -> None:
    journal = store.create(a_plan(), {}, "0.1.0")
    await journal.append(EpochStarted(1, 1))
    journal.close()
    assert store.summaries()[0].status == "crashed"


def test_a_database_of_a_newer_version_or_a_damaged_one_is_refused_with_exit_65(store: RunStore) -> None:
    journal = store.create(a_plan(), {}, "0.1.0")
    journal.close()
    database = journal.directory / "journal.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(DamagedDataError, match="newer") as caught:
        store.open("last")
    assert int(caught.value.exit_code) == 65
    database.write_bytes(b"no database at all" * 100)
    with pytest.raises(DamagedDataError):
        store.reader("last")
    assert store.summaries()[0].status == "damaged"


async def test_a_full_disk_fails_the_append_and_everything_after_it_and_loses_nothing_before(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = store.create(a_plan(), {}, "0.1.0")
    await journal.append(StepSucceeded("a", 1))
    journal._connection.execute("PRAGMA max_page_count=1")
    with pytest.raises(StorageError) as caught:
        await journal.append(StepSucceeded("b", "y" * 100_000))
    assert int(caught.value.exit_code) == 74
    with pytest.raises(StorageError):
        await journal.append(StepStarted("b"))
    journal.close()
    assert [r.event for r in store.reader("last").read(1)] == [StepSucceeded("a", 1)]


_WRITER = """
import asyncio, sys
from pathlib import Path
from agentflow_cli.domain.events import StepStarted
from agentflow_cli.services.journal.run_store import RunStore
from tests.unit.services.journal.test_sqlite_journal import a_plan

async def main():
    journal = RunStore(Path(sys.argv[1])).create(a_plan(), {}, "0")
    for n in range(100):
        await journal.append(StepStarted(f"s{n}"))
        print(n, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("point", ["journal.before_commit:20", "journal.committed:20"])
def test_what_was_heard_of_before_a_kill_is_there_afterwards(store: RunStore, tmp_path: Path, point: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WRITER, str(tmp_path / ".agentflow")],
        env={**os.environ, "AGENTFLOW_FAULT": f"{point}=kill"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == -9, done.stderr
    heard = len(done.stdout.split())
    kept = [r.event.path for r in store.reader("last").read() if isinstance(r.event, StepStarted)]
    assert heard >= 15
    assert kept[:heard] == [f"s{n}" for n in range(heard)]
    assert len(kept) - heard in (0, 1)


def test_a_run_appears_with_all_that_it_takes_over_or_not_at_all(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    reused = [StepSucceeded("a", 1, reused="old"), StepSucceeded("b", 2, reused="old")]
    store.create(plan_of(), {}, "0", parent="old", reused=reused).close()
    records = list(store.reader("last").read())
    assert [r.event for r in records[1:]] == reused
    assert isinstance(records[0].event, RunAccepted) and records[0].event.parent == "old"
    assert {r.at for r in records} == {records[0].at}
    assert store.summaries()[0].steps_done == 2


async def test_whatever_goes_wrong_in_a_commit_reaches_those_who_wait(store: RunStore) -> None:
    for beside in (False, True):
        journal = store.create(a_plan(), {}, "0.1.0")
        journal._crowded = beside
        with pytest.raises(ValueError, match="Out of range"):
            await asyncio.wait_for(journal.append(StepSucceeded("a", float("inf"))), 5)
        with pytest.raises(ValueError, match="Out of range"):
            await asyncio.wait_for(journal.flush(), 5)
        journal.close()


def test_a_run_killed_while_it_is_made_is_no_run(store: RunStore, tmp_path: Path) -> None:
    for point in ("before", "after"):
        program = (
            "import sys, sqlite3, os\nfrom pathlib import Path\n"
            "from agentflow_cli.services.journal import run_store\n"
            "from tests.unit.services.journal.test_sqlite_journal import a_plan\n"
            "real = run_store.to_row\n"
            "def die(*a):\n    os.kill(os.getpid(), 9)\n"
            f"run_store.{'to_row' if point == 'after' else 'full_run_id'} = die\n"
            "run_store.RunStore(Path(sys.argv[1])).create(a_plan(), {'who': 'ada'}, '0')\n"
        )
        done = subprocess.run([sys.executable, "-c", program, str(tmp_path / ".agentflow")], capture_output=True)
        assert done.returncode == -9
    assert store.summaries() == []
    with pytest.raises(NotFoundError, match="no run yet"):
        store.open("last")


async def test_epochs_count_on_over_crashes(store: RunStore) -> None:
    journal = store.create(a_plan(), {}, "0.1.0")
    for epoch in (1, 2, 3):
        assert journal.epoch == epoch
        await journal.append(EpochStarted(epoch, 1))
        journal.close()
        journal = store.open("last")[0]
    journal.close()


@pytest.mark.parametrize("text", ["{", "[]", '{"workflow": 1}'])
def test_a_plan_that_cannot_be_read_is_damaged_data(store: RunStore, text: str) -> None:
    journal = store.create(a_plan(), {}, "0.1.0")
    journal.close()
    with sqlite3.connect(journal.directory / "journal.db") as connection:
        connection.execute("UPDATE plan SET plan = ?", (text,))
    with pytest.raises(DamagedDataError):
        store.reader("last").plan()
    with pytest.raises(DamagedDataError):
        store.open("last")
