"""How the steps of a run stand, by their path in the plan: many instances of a step are told as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.language.compiler.drawings.drawing import Shown

_LOUDEST = (
    "running", "waiting", "retrying", "interrupted", "answered", "failed", "went on", "cancelled", "pending",
    "succeeded", "skipped",
)  # fmt: skip
"""Of several instances the first of these speaks."""


def states_of(state: RunState, sign: Callable[[str], str]) -> dict[str, Shown]:
    """`sign` gives the sign of a word. What was not reached is pending."""
    found: dict[str, list[str]] = {}
    notes: dict[str, str] = {}
    for step in state.steps.values():
        _visit(step, step.path, found, notes)
    for name in ("on_failure", "finally"):
        for step in _settling(state, name):
            _visit(step, f"@{name}/{step.step_id}", found, notes)
    return {path: _shown(words, notes.get(path, ""), sign) for path, words in found.items()}


def word_of(step: StepState) -> str:
    """`went on` is a failure that `on_error` let pass; `answered` a question that waits for the run to go on."""
    if step.status == "failed" and step.tolerated:
        return "went on"
    return "answered" if step.status == "waiting" and step.answer is not None else step.status


def _settling(state: RunState, name: str) -> Iterator[StepState]:
    """The steps of `finally` or `on_failure` at the last end of the run."""
    last = None
    for number in range(state.settlements + 1):
        last = state.nodes.get(f"@{name}#{number}", last)
    yield from (last.inner or {}).values() if last is not None else ()


def _visit(step: StepState, path: str, found: dict[str, list[str]], notes: dict[str, str]) -> None:
    found.setdefault(path, []).append(word_of(step))
    if step.children is not None:
        notes[path] = f"{step.settled_children} of {len(step.children)}"
    elif step.iterations:
        notes[path] = f"round {len(step.iterations)}"
    _inside(step, path, found, notes)


def _inside(step: StepState, path: str, found: dict[str, list[str]], notes: dict[str, str]) -> None:
    for child in step.children or ():
        _inside(child, path, found, notes)
    if step.iterations:
        _inside(step.iterations[-1], path, found, notes)
    for inner_id, inner in (step.inner or {}).items():
        _visit(inner, f"{path}/{inner_id}", found, notes)


def _shown(words: list[str], note: str, sign: Callable[[str], str]) -> Shown:
    word = min(words, key=lambda word: _LOUDEST.index(word) if word in _LOUDEST else len(_LOUDEST))
    if len(words) > 1:
        note = f"{words.count(word)} of {len(words)}"
    return Shown(word, sign(word), note)
