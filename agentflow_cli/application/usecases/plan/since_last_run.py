"""What has changed since this workflow was run last, by the rules of `fork`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.fork.identity import code_of, differences
from agentflow_cli.application.usecases.fork.verdicts import Change, StepVerdict, judge
from agentflow_cli.application.usecases.plan.report import LastRun, SinceLastRun
from agentflow_cli.application.usecases.runs import RunView, look
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.foundation.errors import AgentflowError

MOST_LOOKED_AT = 200
"""Runs, the newest first, among which the last one of this workflow is looked for."""
LARGEST = 100_000_000
"""Bytes of a run that is read for a comparison."""


def last_run_of(container: Container, plan: Plan) -> tuple[RunView | None, str | None]:
    """The newest run of this workflow; or why it cannot be looked at. Nothing is made for it."""
    if not (container.state / "runs").is_dir():
        return None, None
    try:
        for number, summary in enumerate(container.runs.newest()):
            if number == MOST_LOOKED_AT:
                break
            if summary.workflow == plan.workflow and summary.status != "damaged":
                if _size(container.state / "runs" / summary.short) > LARGEST:
                    return None, f"run {summary.short} is too large to compare with"
                view = look(container, summary.run)
                if view.plan.file == plan.file:
                    return view, None
    except AgentflowError as error:
        return None, error.message
    return None, None


class Comparison:
    """The plan beside a run. `known` are the inputs that a run would have now; the others cannot be compared."""

    def __init__(self, view: RunView, plan: Plan, known: Mapping[str, Json]) -> None:
        old = view.plan
        self._view = view
        self._plan = plan
        self._known = known
        self._inputs = tuple(
            name for name, value in known.items() if name not in view.state.inputs or view.state.inputs[name] != value
        )
        self._code = tuple(file for file in {**old.code, **plan.code} if old.code.get(file) != plan.code.get(file))
        self._verdicts = judge(view.state, plan, Change(inputs=self._inputs, code=self._code))

    def of(self, path: str, step: PlanStep) -> SinceLastRun:
        """Of a main step, or of one inside it."""
        verdict = self._verdicts.get(path)
        if verdict is not None:
            return self._of_main(step, verdict)
        before = _step_at(self._view.plan.root, path)
        if before is None:
            return SinceLastRun("new")
        changed = differences(before, step) or code_of(step, dict.fromkeys(self._code, ""))
        return SinceLastRun("changed", f"{', '.join(changed)} changed") if changed else SinceLastRun("same")

    def run(self) -> LastRun:
        unknown = self._plan.inputs.keys() - self._known.keys()
        inputs = "changed" if self._inputs else "unknown" if unknown else "same"
        return LastRun(
            run=self._view.short,
            status=self._view.status,
            inputs=inputs,
            inputs_changed=self._inputs,
            reusable=sum(verdict.stands for verdict in self._verdicts.values()),
        )

    def _of_main(self, step: PlanStep, verdict: StepVerdict) -> SinceLastRun:
        before = self._view.plan.steps.get(step.id)
        if before is None:
            return SinceLastRun("new")
        if verdict.stands:
            return SinceLastRun("same")
        surely = verdict.why.endswith(" changed") and "may have" not in verdict.why
        if surely or differences(before, step):
            return SinceLastRun("changed", verdict.why)
        runs_again = {f"`{name}` runs" for name in step.dependencies}
        return SinceLastRun("follows" if verdict.why in runs_again else "again", verdict.why)


def _size(directory: Path) -> int:
    files = [directory / "journal.db", *(directory / "blobs").glob("*")]
    return sum(file.stat().st_size for file in files if file.is_file())


def _step_at(block: Block, path: str) -> PlanStep | None:
    """The step at a path such as `essays/draft`."""
    *groups, last = path.split("/")
    for group in groups:
        inner = block.steps.get(group)
        if inner is None or inner.block is None:
            return None
        block = inner.block
    return block.steps.get(last)
