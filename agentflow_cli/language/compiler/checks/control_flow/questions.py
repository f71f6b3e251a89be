"""A workflow that says it runs in CI has an answer for every question."""

from __future__ import annotations

from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.loader.load import Loaded


def check_questions(flow: Flow, diagnostics: Diagnostics) -> None:
    """Report each `ask` without `ci:` in a workflow with `ci: true`, also in the workflows that it calls."""
    loaded = flow.loaded
    if not loaded.workflow.ci:
        return
    marked = Secondary(loaded.document.span(("ci",)), "it runs where nobody can be asked")
    for step, _ in flow.steps():
        if step.kind == "ask" and "ci" not in step.settings:
            diagnostics.add(
                Diagnostic("AF515", f"step `{step.id}` has no answer for CI", _place(loaded, step),
                           label="fails there", help=_help(step), secondary=(marked,))
            )  # fmt: skip
        called = loaded.calls.get(step.path)
        for asking, place in _asked(called, set()) if called is not None and not called.workflow.ci else ():
            message = f"step `{step.id}` calls a workflow whose step `{asking.id}` has no answer for CI"
            diagnostics.add(
                Diagnostic("AF515", message, loaded.document.span((*step.path, "workflow")), label="fails there",
                           help=_help(asking), secondary=(Secondary(place, "asks here"), marked))
            )  # fmt: skip
            break


def _asked(loaded: Loaded, seen: set[int]) -> Iterator[tuple[Step, Span]]:
    """The questions without an answer of a called workflow, and of those that it calls; each file once."""
    if id(loaded) in seen:
        return
    seen.add(id(loaded))
    for step, _ in steps_with_blocks(loaded.workflow):
        if step.kind == "ask" and "ci" not in step.settings:
            yield step, _place(loaded, step)
        called = loaded.calls.get(step.path)
        if called is not None:
            yield from _asked(called, seen)


def _place(loaded: Loaded, step: Step) -> Span:
    return loaded.document.key_span((*step.path, "ask"))


def _help(step: Step) -> str:
    if "choices" in step.settings:
        first = step.settings["choices"].value[-1]
        return f"add the choice that is safe when nobody looks: `ci: {first}`"
    if "form" in step.settings:
        fields = ", ".join(f"{name}: …" for name in step.settings["form"].value)
        return f"add the fields: `ci: {{{fields}}}`"
    return "add `ci: reject`, or `ci: approve` if nobody has to look"
