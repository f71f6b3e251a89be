"""Saying no, with a reason."""

from __future__ import annotations

from typing import ClassVar

from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import Binding, BindingType, ComposeResult, Content, Input, ModalScreen, Static, Vertical


class RejectScreen(ModalScreen[str | None]):
    """Gives the reason, possibly empty, or None when the person changed their mind."""

    CSS = """
    RejectScreen { align: center middle; background: ansi_default; }
    RejectScreen > Vertical { width: 80%; max-width: 70; height: auto; border: heavy ansi_red; padding: 0 1; }
    RejectScreen Input { border: none; height: 1; padding: 0 1; background: ansi_default; text-style: underline; }
    RejectScreen Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, path: str, shown: Shown) -> None:
        super().__init__()
        self._path = path
        self._shown = shown

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content.assemble("Reject ", (self._path, "bold"), ". Why?"), markup=False)
            yield Input(compact=True)
            yield Static(Content.styled("enter reject   esc go back", "bold ansi_red"), markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())
