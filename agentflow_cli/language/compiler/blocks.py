"""Steps that are scheduled together, and what can be read from within: the names of a group end at its edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agentflow_cli.domain.workflow import Step, Workflow


@dataclass(frozen=True, eq=False)
class StepBlock:
    """The main steps, those of `finally` or `on_failure`, or the inner steps of a group."""

    steps: Mapping[str, Step]
    group: Step | None = None
    """The group whose inner steps they are."""
    around: StepBlock | None = None
    """The block in which the group stands."""
    section: str = "steps"
    """`steps`, `on_failure` or `finally`."""
    main: Mapping[str, Step] = field(default_factory=dict)
    """Steps that have settled before any of these starts: they are read without being waited for."""

    def find(self, step_id: str) -> tuple[Step, StepBlock] | None:
        """The step that `steps.ID` means here, and the block that it is in: the innermost one."""
        block: StepBlock | None = self
        while block is not None:
            if step_id in block.steps:
                return block.steps[step_id], block
            if block.around is None and step_id in block.main:
                return block.main[step_id], block
            block = block.around
        return None

    def visible(self) -> Iterator[str]:
        """Every id that can be read here, the nearest first; without the groups around."""
        block: StepBlock | None = self
        inside: Step | None = None
        while block is not None:
            yield from (step_id for step_id in block.steps if inside is None or step_id != inside.id)
            yield from block.main
            inside, block = block.group, block.around

    def groups(self) -> Iterator[Step]:
        """The groups around, the innermost first."""
        block: StepBlock | None = self
        while block is not None:
            if block.group is not None:
                yield block.group
            block = block.around

    def inner(self, group: Step) -> StepBlock:
        """The block of a group of this block."""
        return StepBlock(group.steps, group, self, self.section)


def sections_of(workflow: Workflow) -> list[StepBlock]:
    """The outermost blocks of a workflow; those that hold no step are left out."""
    main = StepBlock(workflow.steps)
    late = [("on_failure", workflow.on_failure), ("finally", workflow.finally_steps)]
    return [main, *(StepBlock(steps, None, None, name, workflow.steps) for name, steps in late if steps)]


def blocks_of(workflow: Workflow) -> Iterator[StepBlock]:
    """Every block, a group's after the one in which it stands."""
    todo = sections_of(workflow)
    for block in todo:  # which grows
        yield block
        todo += [block.inner(step) for step in block.steps.values() if step.steps]


def homes_of(workflow: Workflow, *, groups: bool = False) -> dict[str, StepBlock]:
    """The first block that holds a step of each id; with `groups`, among those of groups alone."""
    homes: dict[str, StepBlock] = {}
    for block in blocks_of(workflow):
        if block.group is not None or not groups:
            for step_id in block.steps:
                homes.setdefault(step_id, block)
    return homes


def steps_with_blocks(workflow: Workflow) -> Iterator[tuple[Step, StepBlock]]:
    """Every step whose shape is right, with the block in which it stands."""
    for block in blocks_of(workflow):
        for step in block.steps.values():
            if step.whole:
                yield step, block
