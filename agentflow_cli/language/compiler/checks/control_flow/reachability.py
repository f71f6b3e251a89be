"""Steps that can never run: what they need excludes each other, or always fails."""

from __future__ import annotations

from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.control_flow.reachability import Condition, Reach, Reachability
from agentflow_cli.language.compiler.dependencies import is_guarded, place_of, references_in
from agentflow_cli.language.compiler.sites import step_sites
from agentflow_cli.language.loader.document import Document


def check_reachability(flow: Flow, reachability: Reachability, diagnostics: Diagnostics) -> None:
    """Report each step that never runs, and not those that need it."""
    for step, block, reach in reachability.found():
        if reach.never == "clash":
            diagnostics.extend(_clash(flow, step, block, reach))
        elif reach.never == "fail":
            diagnostics.add(_after_failure(flow, step, block, reach.needed))


def _after_failure(flow: Flow, step: Step, block: StepBlock, needed: str) -> Diagnostic:
    failing = block.steps[needed]
    document = flow.loaded.document
    help = "what follows a failure stands under `on_failure:`"
    if failing.when is not None:
        help = f"when `{needed}` is skipped, so is what needs it; to wait for it only, read `steps.{needed}.status`"
    return Diagnostic("AF505", f"step `{step.id}` never runs: it needs `{needed}`, which is there to fail",
                      needed_place(flow, step, block, needed), label="never ends well", help=help,
                      secondary=(Secondary(document.key_span(failing.path), "never succeeds"),))  # fmt: skip


def _clash(flow: Flow, step: Step, block: StepBlock, reach: Reach) -> Iterator[Diagnostic]:
    document = flow.loaded.document
    first, second = reach.clash
    said = (*_said(document, step, first), *_said(document, step, second))
    own = first if first.owner is step else second if second.owner is step else None
    if own is not None:
        other = second if own is first else first
        yield _against(flow, step, block, own, other, said)
        return
    where = document.key_span(step.path)
    if first.success or second.success:
        when, ended = (second, first) if first.success else (first, second)
        message = (
            f"step `{step.id}` never runs: it needs `{when.owner.id}`, which runs only when `{ended.owner.id}`, which"
            " it needs too, has not ended well"
        )
    else:
        message = (
            f"step `{step.id}` never runs: it needs `{first.owner.id}` and `{second.owner.id}`, of which never both run"
        )
    help = "read what may be missing under `coalesce(…)` or `default(…)`, which only wait"
    yield Diagnostic("AF504", message, where, label="never runs", help=help, secondary=said)


def _against(
    flow: Flow, step: Step, block: StepBlock, own: Condition, other: Condition, said: tuple[Secondary, ...]
) -> Diagnostic:
    document = flow.loaded.document
    assert step.when is not None
    where = document.span(step.when.path)
    rest = tuple(secondary for secondary in said if secondary.span != where)
    if other.success:
        needing, home = _needing(flow, step, block, other.owner)
        which = "it needs" if needing is step else f"the group `{needing.id}` around it needs"
        message = f"step `{step.id}` never runs: its `when` is true only when `{other.owner.id}`, which {which}, has"
        needed = needed_place(flow, needing, home, other.owner.id)
        return Diagnostic("AF503", f"{message} not ended well", where, label="never true when it could run",
                          help=f"read only `.status` and `.error` of `{other.owner.id}`, or its output under"
                          " `default(…)`: that waits for it and does not need it",
                          secondary=() if needed is None else (Secondary(needed, "needed here"),))  # fmt: skip
    around = other.owner.kind == "steps" and other.owner.path == step.path[: len(other.owner.path)]
    what = f"the group `{other.owner.id}` around it" if around else f"`{other.owner.id}`, on which it depends"
    message = f"step `{step.id}` never runs: its `when` excludes that of {what}"
    help = None if around else "read what may be missing under `coalesce(…)` or `default(…)`, which only wait"
    return Diagnostic("AF503", message, where, label="never true when that one is", help=help, secondary=rest)


def _needing(flow: Flow, step: Step, block: StepBlock, owner: Step) -> tuple[Step, StepBlock]:
    """The group around `step` that needs `owner`; `step` itself where none does."""
    inside, home = step, block
    while owner.id not in home.steps or home.steps[owner.id] is not owner:
        if home.group is None or home.around is None:
            return step, block
        inside, home = home.group, home.around
    return inside, home


def needed_place(flow: Flow, step: Step, block: StepBlock, target: str) -> Span | None:
    """Where `step` needs `target`, rather than only reads its status."""
    for located in step.needs:
        if located.value == target:
            return flow.loaded.document.span(located.path)
    if target not in flow.dependencies[block][step.id].places:
        return None
    for site, reference in references_in(step_sites(flow.loaded.document, step, block, flow.prompts)):
        if reference.step == target and not reference.optional and not is_guarded(site, reference, block):
            return site.span(*reference.segments[1])
    return place_of(flow.loaded.document, step, target, flow.dependencies[block])


def _said(document: Document, step: Step, condition: Condition) -> tuple[Secondary, ...]:
    """The place of a `when`."""
    if condition.success or condition.owner.when is None:
        return ()
    return (Secondary(document.span(condition.owner.when.path), f"`{condition.owner.id}` runs only when this is true"),)
