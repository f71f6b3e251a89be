"""Reads of `previous` that are made in the first repetition too, where there is nothing before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.control_flow.certain_reads import certain_reads
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.dependencies import Dependencies
from agentflow_cli.language.compiler.names import previous_steps, repeating
from agentflow_cli.language.compiler.sites import Site


def check_first_round(flow: Flow, sites: Iterable[Site], diagnostics: Diagnostics) -> None:
    """Report each that is made whatever happens; none where a condition may keep its step from running."""
    reading = [site for site in sites if "previous" in site.text]
    dependencies = {id(block.steps): found for block, found in flow.dependencies.items()} if reading else {}
    for site in reading:
        around = repeating(site)
        if around is None or not _runs_at_once(dependencies, site, around[0]):
            continue
        known = previous_steps(site)
        for reference in certain_reads(site):
            if reference.root == "previous" and reference.path and reference.path[0] in known:
                chain = f"previous.{reference.path[0]}"
                diagnostics.add(
                    Diagnostic("AF516", f"`{chain}` is missing in the first repetition, so that it fails",
                               site.span(reference.start, reference.end), label="nothing before the first",
                               help=f"give a fall-back, `{chain} | default(…)`, or read it where `iteration > 0`")
                )  # fmt: skip


def _runs_at_once(dependencies: Mapping[int, Mapping[str, Dependencies]], site: Site, repeated: Step) -> bool:
    """Whether what stands at `site` is evaluated in the first repetition of `repeated`, and its failure counts."""
    step, block = site.step, site.block
    if step is None or block is None or repeated.on_error.action != "fail":
        return False
    if step is repeated:
        return step.foreach is None or site.field in ("until", "outputs")
    while step is not None and step is not repeated and block is not None:
        if block.group is step:  # its `until` and `outputs` stand among its inner steps
            block = block.around
            continue
        conditional = step.when is not None and not (step is site.step and site.field == "when")
        listed = step.foreach is not None and not (step is site.step and site.field == "foreach")
        if (
            conditional
            or listed
            or step.on_error.action != "fail"
            or _may_be_skipped(dependencies[id(block.steps)], step, block)
        ):
            return False
        step, block = block.group, block.around
    return step is repeated


def _may_be_skipped(dependencies: Mapping[str, Dependencies], step: Step, block: StepBlock) -> bool:
    """Whether a step that `step` needs has a condition."""
    todo, seen = [step.id], {step.id}
    while todo:
        found = dependencies[todo.pop()]
        for name in (*found.reads, *found.needs):
            if name not in seen:
                seen.add(name)
                todo.append(name)
    return any(block.steps[name].when is not None or not block.steps[name].whole for name in seen - {step.id})
