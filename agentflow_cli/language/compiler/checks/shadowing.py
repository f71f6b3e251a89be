"""Names that would hide others: ids of steps inside groups and in `finally`, and elements of nested `foreach`es."""

from __future__ import annotations

from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.domain.workflow import Step, Workflow
from agentflow_cli.language.compiler.blocks import StepBlock, blocks_of, sections_of, steps_with_blocks
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.load import Loaded


def check_shadowing(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report names that are taken, at both places."""
    document, workflow = loaded.document, loaded.workflow
    for block in blocks_of(workflow):
        for step in block.steps.values():
            taken = _taken(step, block)
            if taken is not None:
                diagnostics.add(
                    Diagnostic("AF304", f"there is a step `{step.id}` around the group already",
                               document.key_span(step.path), label="would hide it", help="choose another name",
                               secondary=(Secondary(document.key_span(taken.path), f"`{step.id}` can be read inside"),))
                )  # fmt: skip
    diagnostics.extend(_across_sections(document, workflow))
    for step, block in steps_with_blocks(workflow):
        diagnostics.extend(_nested_foreach(document, step, block))


def _taken(step: Step, block: StepBlock) -> Step | None:
    """The step around the group of `block` that has the id of `step`."""
    if block.around is None:
        return None
    found = block.around.find(step.id)
    return None if found is None else found[0]


def _across_sections(document: Document, workflow: Workflow) -> Iterator[Diagnostic]:
    first: dict[str, Step] = {}
    for section in sections_of(workflow):
        for step in section.steps.values():
            other = first.setdefault(step.id, step)
            if other is not step:
                message = f"step `{step.id}` of `{section.section}` has the name of a step of `{other.path[0]}`"
                yield Diagnostic("AF304", message, document.key_span(step.path), label="again",
                                 help="choose another name: every step of a run has its own",
                                 secondary=(Secondary(document.key_span(other.path), "first here"),))  # fmt: skip


def _nested_foreach(document: Document, step: Step, block: StepBlock) -> Iterator[Diagnostic]:
    if step.foreach is None:
        return
    name = step.foreach.as_name
    for group in block.groups():
        if group.foreach is not None and group.foreach.as_name == name:
            place = (*step.path, "as") if name != "item" else (*step.path, "foreach")
            help = f"name its element: `as: {_singular(step)}`" if name == "item" else "choose another name"
            message = f"the `foreach` of step `{step.id}` would hide `{name}` of the group `{group.id}`"
            yield Diagnostic("AF305", message,
                             document.key_span(place), label=f"`{name}` has a meaning already", help=help,
                             secondary=(Secondary(document.key_span((*group.path, "foreach")),
                                                  f"its elements are `{name}`"),))  # fmt: skip
            return


def _singular(step: Step) -> str:
    name = step.id.removesuffix("s")
    return name if name != step.id else f"{name}_item"
