"""What can be read at a site: the names of the `foreach`es and `repeat`s around it."""

from __future__ import annotations

from collections.abc import Iterator

from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.expressions.scope import OF_CHILD, OF_ITERATION, STEP_FIELDS, Place, names_at


def names_of(site: Site) -> tuple[str, ...]:
    """The names with which a chain can begin at `site`."""
    return names_at(site.place, items=tuple(items_of(site)), repeated=repeating_step(site) is not None)


def items_of(site: Site) -> list[str]:
    """The names of the elements that can be read at `site`, the nearest first."""
    return [step.foreach.as_name for step, _ in _around(site, OF_CHILD) if step.foreach is not None]


def foreach_of(site: Site, name: str) -> tuple[Step, StepBlock] | None:
    """The step whose `foreach` gives its elements the name `name` at `site`, and the block in which it stands."""
    for step, block in _around(site, OF_CHILD):
        if step.foreach is not None and step.foreach.as_name == name:
            return step, block
    return None


def repeating_step(site: Site) -> Step | None:
    """The nearest step around `site` whose repetitions it can tell apart."""
    found = repeating(site)
    return None if found is None else found[0]


def repeating(site: Site) -> tuple[Step, StepBlock] | None:
    """The nearest step around `site` whose repetitions it can tell apart, and the block in which it stands."""
    return next(((step, block) for step, block in _around(site, OF_ITERATION) if step.repeat is not None), None)


def previous_steps(site: Site) -> list[str]:
    """The steps that `previous.ID` can name: those of the group that is repeated, or the repeated step itself."""
    step = repeating_step(site)
    if step is None:
        return []
    return list(step.steps) if step.kind == "steps" else [step.id]


def step_fields(step: Step, *, child: bool = False) -> dict[str, str]:
    """What can be read of a step (or of a child of its `foreach`), with a line about each."""
    fields = dict(STEP_FIELDS)
    if step.foreach is None or child:
        del fields["children"]
        fields.update(KINDS[step.kind].beside)
    return fields


def _around(site: Site, own: frozenset[Place]) -> Iterator[tuple[Step, StepBlock]]:
    """The site's own step where it stands within its repetitions, and the groups around that, with their blocks."""
    block: StepBlock | None = site.block
    if site.step is not None and block is not None:
        if block.group is site.step:
            block = block.around  # `until` and `outputs` of a group stand among its inner steps
        if site.place in own and block is not None:
            yield site.step, block
    while block is not None:
        if block.group is not None and block.around is not None:
            yield block.group, block.around
        block = block.around
