"""Steps without effects whose output nothing reads: they are done for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.checks.forgotten_braces import CODE as FORGOTTEN_BRACES
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.dependencies import references_in
from agentflow_cli.language.compiler.names import repeating_step
from agentflow_cli.language.compiler.sites import Site

_PURE = ("set", "recall")
"""Kinds that do nothing but make their output."""


def check_unread(flow: Flow, sites: Iterable[Site], diagnostics: Diagnostics) -> None:
    """Report them where the workflow or the group says what it gives out, so that nobody else looks at them."""
    if diagnostics.has_errors or any(found.code == FORGOTTEN_BRACES for found in diagnostics):
        return  # a read that is misspelt, or no read at all, would be missed
    pure = [(step, block) for step, block in flow.steps() if step.kind in _PURE and _gives_out(flow, block)]
    if not pure:
        return
    read = {id(step) for step in _read(sites)}
    for step, block in flow.steps():
        read.update(id(block.steps[located.value]) for located in step.needs if located.value in block.steps)
    for step, block in pure:
        if id(step) not in read:
            where = "workflow" if block.group is None else f"group `{block.group.id}`"
            what = "finds" if step.kind == "recall" else "sets"
            diagnostics.add(
                Diagnostic("AF506", f"nothing reads what step `{step.id}` {what}",
                           flow.loaded.document.key_span(step.path), Severity.WARNING, "done for nothing",
                           f"remove it, or read `steps.{step.id}.output` in a step or in the `outputs` of the {where}")
            )  # fmt: skip


def _gives_out(flow: Flow, block: StepBlock) -> bool:
    if block.group is not None:
        return bool(block.group.outputs)
    return block.section == "steps" and bool(flow.loaded.workflow.outputs)


def _read(sites: Iterable[Site]) -> Iterator[Step]:
    """The steps that something else than themselves reads."""
    for site, reference in references_in(sites):
        if reference.root == "steps" and reference.step is not None and site.block is not None:
            found = site.block.find(reference.step)
            if found is not None and found[0] is not site.step:
                yield found[0]
        elif reference.root == "previous":
            around = repeating_step(site)
            if around is None:
                continue
            if not reference.path:
                yield from around.steps.values()
            inner = around.steps.get(str(reference.path[0])) if reference.path else None
            if inner is not None and inner is not site.step:
                yield inner
