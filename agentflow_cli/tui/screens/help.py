"""Every key, and the command that does the same."""

from __future__ import annotations

from typing import ClassVar

from agentflow_cli.tui.toolkit import Binding, BindingType, ComposeResult, Content, ModalScreen, Static, VerticalScroll

KEYS = (
    ("up down j k", "move through the steps; pgup, pgdn, home, end too", ""),
    ("enter", "the children of a foreach; else into the details", "runs show --children"),
    ("esc", "back out", ""),
    ("left right 1-4", "output, input, log, error of the step", "runs output, runs logs"),
    ("l", "the log of the step", "runs logs RUN STEP"),
    ("f", "follow what happens (until you move)", ""),
    ("/", "list only steps or items with some text, or a status", ""),
    ("g", "the graph", "graph"),
    ("a", "go to the question that waits; again: answer it", "approve"),
    ("x", "say no, with a reason", "reject"),
    ("R", "start a runner that goes on with the run", "resume"),
    ("c", "end the run for good", "runs cancel"),
    ("tab", "between the list, the details and the question", ""),
    ("q", "leave; the run goes on by itself", "watch brings it back"),
)


class HelpScreen(ModalScreen[None]):
    CSS = """
    HelpScreen { align: center middle; background: transparent; }
    HelpScreen VerticalScroll { width: 90%; max-width: 86; height: auto; max-height: 100%; }
    HelpScreen VerticalScroll { border: round ansi_blue; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,question_mark", "dismiss(None)", show=False)]

    def compose(self) -> ComposeResult:
        lines = []
        for key, what, command in KEYS:
            twin = (f"  agentflow {command}" if command else "", "dim")
            lines.append(Content.assemble((key.ljust(15), "bold ansi_cyan"), what, twin))
        with VerticalScroll():
            yield Static(Content("\n").join(lines), markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).border_title = "Keys"
