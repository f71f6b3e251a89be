"""A new run from an old one: what is unchanged is taken over, the rest runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentflow_cli import __version__
from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.fork.carry_over import carried_over
from agentflow_cli.application.usecases.fork.verdicts import Change, StepVerdict, judge
from agentflow_cli.application.usecases.inputs import read_inputs
from agentflow_cli.application.usecases.runs import look
from agentflow_cli.domain.codec import to_json
from agentflow_cli.domain.events import Event
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError, UsageError
from agentflow_cli.foundation.hashing import hash_file, hash_json
from agentflow_cli.services.journal.sqlite_journal import SqliteJournal


@dataclass(frozen=True, slots=True)
class Fork:
    """A fork that may be started."""

    parent: RunState
    plan: Plan
    inputs: dict[str, Json]
    verdicts: dict[str, StepVerdict]
    reused: list[Event]
    """What its record begins with."""


def prepare_fork(
    container: Container,
    run: str,
    *,
    start: str | None = None,
    updated: bool = False,
    assignments: Sequence[str] = (),
    inputs_file: str | None = None,
    read_stdin: Callable[[], str] | None = None,
    model: str | None = None,
) -> Fork:
    """What a fork of `run` would be. Nothing is written.

    `start` is a step that is to run again with all that depends on it; `updated` takes the workflow from its file as it
    is today; `assignments` and `inputs_file` change inputs. NotFoundError, UsageError, InvalidWorkflowError.
    """
    parent = look(container, run).state
    plan = _updated(container, parent.plan) if updated else _same(container, parent.plan)
    if start is not None and start not in plan.steps:
        near = closest(start, plan.steps)
        hint = f"did you mean `{near}`?" if near else f"its steps are {', '.join(plan.steps)}"
        raise NotFoundError(f"`{plan.workflow}` has no step `{start}`", hint=hint)
    inputs = read_inputs(
        plan.inputs, assignments, inputs_file, read_stdin, f"`{plan.workflow}`", base=_kept(parent, plan)
    )
    change = Change(
        inputs=tuple(
            name for name, value in inputs.items() if name not in parent.inputs or parent.inputs[name] != value
        ),
        code=tuple(
            file for file in {**parent.plan.code, **plan.code} if parent.plan.code.get(file) != plan.code.get(file)
        ),
        start=start,
        model=model,
    )
    verdicts = judge(parent, plan, change)
    return Fork(parent, plan, inputs, verdicts, carried_over(parent, verdicts.values()))


def create_fork(container: Container, fork: Fork) -> SqliteJournal:
    """The new run, accepted, with what it takes over already in its record."""
    container.prepare_state()
    return container.runs.create(
        fork.plan, fork.inputs, __version__, parent=fork.parent.run, script=container.script, reused=fork.reused
    )


def _kept(parent: RunState, plan: Plan) -> dict[str, Json]:
    """The parent's inputs, as far as the plan still has them."""
    return {name: value for name, value in parent.inputs.items() if name in plan.inputs}


def _updated(container: Container, old: Plan) -> Plan:
    from agentflow_cli.application.usecases.workflow_files import compile_workflow

    path = container.root / old.file
    if not path.is_file():
        raise NotFoundError(
            f"{old.file}, which the run was made from, is not there", hint="without `--updated` its frozen plan is used"
        )
    return compile_workflow(str(path)).plan


def _same(container: Container, old: Plan) -> Plan:
    """The frozen plan with the code that it runs as it is today."""
    code = {}
    for file in old.code:
        path = container.root / file
        if not path.is_file():
            raise UsageError(
                f"{file}, which the plan runs, is not there any more", hint="put it back, or use `--updated`"
            )
        code[file] = hash_file(path)
    if code == old.code:
        return old
    plan = dataclasses.replace(old, code=code, fingerprint="")
    return dataclasses.replace(plan, fingerprint=hash_json(to_json(plan)))
