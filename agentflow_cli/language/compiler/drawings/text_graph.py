"""The graph of a plan as text: the gutter, the steps, and what they are."""

from __future__ import annotations

from agentflow_cli.domain.plan import Block, Plan
from agentflow_cli.language.compiler.drawings.drawing import States, notes, one_line, sections
from agentflow_cli.language.compiler.drawings.gutter import gutter

_LONGEST_NAME = 40


def text_graph(plan: Plan, *, ascii_only: bool = False, states: States | None = None) -> list[str]:
    """One line a step (`●  classify  prompt  foreach inputs.issues`), with lines of connections between them.

    The inner steps of a group stand below it. Steps that run when the run settles follow under a line of their own.
    With the `states` of a run each step has its sign in place of the dot, and its word.
    """
    lines: list[str] = []
    for name, block in sections(plan):
        lines += ["", f"{name}:"] if name else []
        lines += _block_lines(block, ascii_only, states or {}, f"@{name}/" if name else "")
    return lines


def _block_lines(block: Block, ascii_only: bool, states: States, prefix: str) -> list[str]:
    names = min(_LONGEST_NAME, max((len(step_id) for step_id in block.steps), default=0))
    kinds = max((len(step.kind) for step in block.steps.values()), default=0)
    words = [states[path].word for step_id in block.steps if (path := prefix + step_id) in states]
    width = max(map(len, words), default=0)
    lines = []
    for row in gutter(block, ascii_only=ascii_only):
        if row.step is None:
            lines.append(row.text().rstrip())
            continue
        step = block.steps[row.step]
        path = prefix + row.step
        state = states.get(path)
        sign = "*" if ascii_only else "●"
        about = notes(step)
        if state is not None:
            sign = state.sign or sign
            about = "  ".join(part for part in (f"{state.word:<{width}}", state.note, about) if part)
        line = f"{row.text(sign)}  {one_line(step.id, _LONGEST_NAME):<{names}}  {step.kind:<{kinds}}  {about}"
        lines.append(line.rstrip())
        if step.block is not None:
            inner = _block_lines(step.block, ascii_only, states, f"{path}/")
            lines += [f"{row.below}    {line}".rstrip() for line in inner]
    return lines
