"""`run --watch`: when a file that the run was made from changes, a fork of the last run runs what changed."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.fork.fork import create_fork, prepare_fork
from agentflow_cli.application.usecases.run import RunChoices
from agentflow_cli.cli.driving import drive_and_report, prepare
from agentflow_cli.cli.handler import report_error, report_invalid
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.verdict_lines import say_verdicts
from agentflow_cli.diagnostics.diagnostic import InvalidWorkflowError
from agentflow_cli.domain.plan import Plan
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.foundation.hashing import hash_file

_LOOK_EVERY = 2_000
"""Milliseconds."""
_STOPPED = (ExitCode.INTERRUPTED, ExitCode.TERMINATED, ExitCode.HUNG_UP)


def rerun_on_change(
    invocation: Invocation,
    container: Container,
    run: str,
    plan: Plan,
    snapshot: dict[Path, str],
    choices: RunChoices,
    progress: str | None,
    code: ExitCode,
) -> ExitCode:
    """Go on until somebody presses Ctrl-C; the exit code is that of the last run.

    `snapshot` is what the files of `plan` were when `run` was made from them, `code` how it ended.
    """
    console = invocation.console
    try:
        while code not in _STOPPED:
            console.say(
                f"waiting for changes in {len(snapshot)} {'file' if len(snapshot) == 1 else 'files'}; Ctrl-C ends"
            )
            if not _changed(snapshot):
                return code
            snapshot = snapshot_of(container.root, plan)
            try:
                fork = prepare_fork(container, run, updated=True, model=choices.default_model)
                if all(verdict.stands for verdict in fork.verdicts.values()) and fork.parent.status == "succeeded":
                    console.say("nothing that matters has changed")
                    continue
                prepare(console, container, fork.plan, choices, script=container.script)
            except InvalidWorkflowError as error:
                report_invalid(console, error)
                continue
            except AgentflowError as error:
                report_error(console, error)
                continue
            plan, snapshot = fork.plan, snapshot_of(container.root, fork.plan)
            journal = create_fork(container, fork)
            run = journal.run
            say_verdicts(console, fork)
            code = drive_and_report(invocation, container, plan, journal, choices, progress)
    except KeyboardInterrupt:  # between two runs, and outside the wait for changes
        return code
    return code


def snapshot_of(root: Path, plan: Plan) -> dict[Path, str]:
    """Every file that the plan was made from or runs, with its hash; empty for one that is not there."""
    return _hashed([root / file for file in (*plan.files, *plan.code)])


def _hashed(paths: list[Path]) -> dict[Path, str]:
    return {path: hash_file(path) if path.is_file() else "" for path in paths}


def _changed(snapshot: dict[Path, str]) -> bool:
    """Wait until a file is no longer what it was; False when somebody wants to stop. A change meanwhile counts."""
    import watchfiles

    if _hashed(list(snapshot)) != snapshot:
        return True
    directories = {path.parent for path in snapshot if path.parent.is_dir()}
    # Directories, not files: an editor may put a new file in the old one's place. Looking now and then, too: what
    # changed before the watch began, or on a file system that tells nobody, is seen then.
    news = watchfiles.watch(
        *directories, recursive=False, step=50, debounce=200, rust_timeout=_LOOK_EVERY, yield_on_timeout=True,
        raise_interrupt=False,
    )  # fmt: skip
    return any(_hashed(list(snapshot)) != snapshot for _ in news)
