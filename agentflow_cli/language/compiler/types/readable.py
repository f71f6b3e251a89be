"""What the names of an expression lead to where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.names import foreach_of, previous_steps, repeating
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.compiler.types.known import BESIDE, ERROR, PROJECT, RUN, STATUS, VARIABLES
from agentflow_cli.language.expressions.scope import Place
from agentflow_cli.language.expressions.types.lattice import ANY, INTEGER, Array, Object, Type
from agentflow_cli.language.expressions.types.names import Found

if TYPE_CHECKING:
    from agentflow_cli.language.compiler.types.workflow_types import WorkflowTypes


class Readable:
    """Of one site. What cannot be read there is open: it is told by the check of references."""

    def __init__(self, types: WorkflowTypes, site: Site) -> None:
        self._types = types
        self._site = site

    def chain(self, root: str, path: Sequence[str | int]) -> Found:
        """What `root` and the first of the literal links behind it lead to."""
        each = foreach_of(self._site, root)
        if each is not None:
            return Found(self._types.element(*each), 0, f"`{root}`", True)
        match root:
            case "inputs":
                return self._input(path)
            case "steps":
                return self._step(path)
            case "previous":
                return self._previous(path)
            case "index" | "iteration":
                return Found(INTEGER)
            case "env" | "secrets":
                return Found(VARIABLES)
            case "run":
                return Found(RUN)
            case "project":
                return Found(PROJECT)
        return _open(path)

    def _input(self, path: Sequence[str | int]) -> Found:
        inputs = self._types.loaded.workflow.inputs
        if not path:
            return Found(Object({name: self._types.input(name) for name in inputs}, ANY))
        name = path[0]
        if name not in inputs:
            return _open(path)
        return Found(self._types.input(str(name)), 1, f"input `{name}`", True)

    def _previous(self, path: Sequence[str | int]) -> Found:
        around = repeating(self._site)
        if around is None or not path or path[0] not in previous_steps(self._site):
            return _open(path)
        step, block = around
        what = f"the output of step `{path[0]}`"
        if step.kind != "steps":
            return Found(self._types.single(step, block), 1, what)
        inside = block.inner(step)
        return Found(self._types.output(inside.steps[str(path[0])], inside), 1, what)

    def _step(self, path: Sequence[str | int]) -> Found:
        block = self._site.block
        found = block.find(str(path[0])) if block is not None and path else None
        if block is None or found is None or len(path) < 2 or not found[0].whole:
            return _open(path)
        step, within = found
        own = step is self._site.step
        if (own and self._site.place is not Place.UNTIL) or any(step is group for group in block.groups()):
            return _open(path)  # it reads itself
        if path[1] == "output":
            output = self._types.single(step, within) if own else self._types.output(step, within)
            return Found(output, 2, f"the output of step `{step.id}`")
        fields = _fields(step, with_children=step.foreach is None or own)
        if path[1] in fields:
            return Found(fields[str(path[1])], 2)
        if path[1] == "children" and step.foreach is not None and not own:
            return self._children(step, within, path)
        return _open(path)

    def _children(self, step: Step, block: StepBlock, path: Sequence[str | int]) -> Found:
        fields = {**_fields(step, True), "output": self._types.child(step, block)}
        if len(path) > 3 and isinstance(path[2], int):
            if path[3] in fields:
                return Found(fields[str(path[3])], 4, f"the output of a child of step `{step.id}`")
            return _open(path)  # told by the check of references
        return Found(Array(Object(fields)), 2)


def _fields(step: Step, with_children: bool) -> dict[str, Type]:
    """What can be read of a step, besides its output; of one with `foreach` less."""
    found: dict[str, Type] = {"status": STATUS, "error": ERROR}
    if with_children and step.kind == "run":
        found.update(BESIDE)
    return found


def _open(path: Sequence[str | int]) -> Found:
    return Found(ANY, len(path))
