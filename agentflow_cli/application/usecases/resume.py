"""Take a run up again, by the plan that was frozen when it was started."""

from __future__ import annotations

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.domain.plan import Plan
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.services.journal.sqlite_journal import SqliteJournal


def open_run(container: Container, run: str) -> tuple[SqliteJournal, Plan]:
    """The journal of `run` with its lock taken, and its plan.

    NotFoundError, LockedError while a driver has it, UsageError when code that it calls has changed since.
    """
    from agentflow_cli.language.compiler.compile import changed_code

    journal, plan = container.runs.open(run)
    try:
        changed = changed_code(plan, container.root)
        if changed:
            which = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
            raise UsageError(
                f"{which} changed since run {journal.run[:6]} was started, and a resume must run what was frozen",
                hint="put the old content back, or fork: steps that do not run that code are reused",
                next_command=f"agentflow fork {journal.run[:6]}",
            )
    except BaseException:
        journal.close()
        raise
    return journal, plan
