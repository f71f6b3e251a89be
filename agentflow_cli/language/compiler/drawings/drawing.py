"""What the drawings of a plan share: sections, the state of a run, colours, and foreign text made safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.foundation.terminal_text import clean


@dataclass(frozen=True, slots=True)
class Shown:
    """How a step of a run stands: a word, its sign, and more about it (`7 of 12`)."""

    word: str
    sign: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        return " ".join(part for part in (self.sign, self.word, self.note) if part)


States = Mapping[str, Shown]
"""By the path of the step in the plan: `essay/draft`, `@finally/tidy`. Empty for a plan that does not run."""

COLOURS: Mapping[str, tuple[str, str]] = {
    "succeeded": ("#d3f9d8", "#2b8a3e"),
    "failed": ("#ffe3e3", "#c92a2a"),
    "went on": ("#fff3bf", "#e67700"),
    "running": ("#d0ebff", "#1864ab"),
    "retrying": ("#d0ebff", "#1864ab"),
    "waiting": ("#f3d9fa", "#862e9c"),
    "answered": ("#f3d9fa", "#862e9c"),
    "skipped": ("#f1f3f5", "#868e96"),
    "cancelled": ("#e9ecef", "#868e96"),
    "pending": ("#ffffff", "#868e96"),
}
"""Word → (fill, line). Never colour alone: the word stands in the label."""


def sections(plan: Plan) -> Iterator[tuple[str, Block]]:
    """(name, steps): the main steps under the name '', then what runs when the run settles."""
    yield "", plan.root
    for name, steps in (("on_failure", plan.on_failure), ("finally", plan.finally_steps)):
        if steps:
            yield name, Block(steps)


def label_lines(step: PlanStep, state: Shown | None = None) -> list[str]:
    """What a box says: the step, its kind, what steers it, and how it stands."""
    lines = [one_line(step.id, 80), step.kind]
    lines += [part for part in notes(step).split("  ") if part]
    return lines if state is None else [*lines, one_line(state.text, 80)]


def notes(step: PlanStep, longest: int = 60) -> str:
    """What it calls and what steers it: its own name, the agent, `foreach …`, `repeat …`, `when …`."""
    parts = []
    if step.name:
        parts.append(step.name)
    if step.kind == "workflow" and step.block is not None:
        parts.append(step.block.file)
    elif step.agent is not None:
        parts.append(step.agent.name)
    elif step.kind in ("tool", "wait"):
        parts.append(str(step.settings.get(step.kind)))
    if step.foreach is not None:
        items = step.foreach.items
        parts.append(f"foreach {step.foreach.expression}" if items is None else f"foreach of {len(items)}")
    if step.repeat is not None:
        until = f" until {step.repeat.until}" if step.repeat.until is not None else ""
        parts.append(f"repeat up to {step.repeat.max}{until}")
    if step.when is not None:
        parts.append(f"when {step.when}")
    return "  ".join(one_line(part, longest) for part in parts)


def one_line(text: str, longest: int) -> str:
    """Foreign text without control characters, on one line, its runs of blanks one blank."""
    text = " ".join(clean(text, keep_newlines=False).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
