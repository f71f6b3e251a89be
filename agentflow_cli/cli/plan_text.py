"""What `plan` prints for people: a row a step, then what the run needs, touches and may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentflow_cli.application.usecases.plan import report as r
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.plan_facts import facts
from agentflow_cli.cli.plan_pieces import pieces
from agentflow_cli.cli.plan_rows import Fold, folded
from agentflow_cli.cli.progress.board import one_line

SIGNS = {
    r.RUNS: ("+", "+", "green"),
    r.CHANGED: ("~", "~", "cyan"),
    r.CACHED: ("≡", "=", "blue"),
    r.CONDITIONAL: ("?", "?", "yellow"),
    r.ASKS: ("!", "!", "magenta"),
    r.SKIPPED: ("-", "-", "dim"),
}
"""Verdict → sign, the same in ASCII, colour."""

_ASCII = {"→": "->", "≤": "<=", "│": "|", "…": "...", "·": "-", "✓": "ok", "✗": "x", "×": "x", "⋮": ":"}
_NARROWEST = 40
_GAP = "   "


def write_plan(console: Console, report: r.PlanReport, every: bool) -> None:
    """`every`: no step is folded away."""
    width = max(_NARROWEST, console.width)
    console.raw(_plain(console, _title(console, report)) + "\n\n")
    shown = list(report.steps) if every else folded(report.steps)
    steps = [entry for entry in shown if isinstance(entry, r.PlannedStep)]
    names = min(width // 3, 28, max((len(label(step)) for step in steps), default=0))
    kinds = max((len(step.kind) for step in steps), default=0)
    for entry in shown:
        if isinstance(entry, Fold):
            console.raw(_plain(console, console.paint_data(f"  ⋮ {entry.said}", "dim")) + "\n")
            continue
        sign, ascii_sign, style = SIGNS[entry.verdict]
        name = one_line(label(entry), names) if len(label(entry)) > names else label(entry)
        head = f"{name:<{names}}  {entry.kind:<{kinds}}  "
        lines = list(wrapped(pieces(entry), width - len(head) - 4))
        mark = console.paint_data(sign if console.unicode else ascii_sign, style)
        console.raw(_plain(console, f"  {mark} {head}{lines[0] if lines else ''}".rstrip()) + "\n")
        for line in lines[1:]:
            console.raw(_plain(console, " " * (len(head) + 4) + line) + "\n")
    console.raw("\n")
    for name, lines in facts(report, every, width - 13):
        for number, line in enumerate(lines):
            head = console.paint_data(f"{name if number == 0 else '':<9}", "dim")
            console.raw(_plain(console, f"  {head}  {line}".rstrip()) + "\n")


def label(step: r.PlannedStep) -> str:
    """Its id, under its group; what runs when the run settles with the name of that."""
    groups = step.path.split("/")[:-1]
    section = groups.pop(0).removeprefix("@") + ": " if groups and groups[0].startswith("@") else ""
    return "  " * len(groups) + section + step.id


def wrapped(parts: Iterable[str], room: int) -> Iterator[str]:
    """`parts` side by side as far as there is room, then below; a part that is too long is cut."""
    room = max(room, 20)
    line = ""
    for part in parts:
        part = one_line(part, room)
        if line and len(line) + len(_GAP) + len(part) > room:
            yield line
            line = part
        else:
            line = f"{line}{_GAP}{part}" if line else part
    if line:
        yield line


def _title(console: Console, report: r.PlanReport) -> str:
    revision = report.revision
    where = ""
    if revision is not None and revision.commit is not None:
        state = {True: " (dirty)", False: "", None: " (unknown whether changed)"}[revision.dirty]
        where = f" @ {revision.commit[:7]}{state}"
    name = console.paint_data(one_line(report.workflow, 60), "bold")
    return f"{name}  {one_line(report.file, 200)}{where}  plan {report.fingerprint[-6:]}"


def _plain(console: Console, line: str) -> str:
    """Our own signs in ASCII where the terminal has no others."""
    if console.unicode:
        return line
    for sign, other in _ASCII.items():
        line = line.replace(sign, other)
    return line
