"""Saying no, with a reason: to a question, or to a whole run."""

from __future__ import annotations

from typing import ClassVar

from agentflow_cli.tui.toolkit import Binding, BindingType, ComposeResult, Content, Input, ModalScreen, Static, Vertical


class ReasonScreen(ModalScreen[str | None]):
    """Gives the reason, possibly empty, or None when the person changed their mind."""

    CSS = """
    ReasonScreen { align: center middle; background: transparent; }
    ReasonScreen > Vertical { width: 80%; max-width: 70; height: auto; border: heavy ansi_red; padding: 0 1; }
    ReasonScreen Input { border: none; height: 1; padding: 0 1; background: ansi_default; text-style: underline; }
    ReasonScreen Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, verb: str, what: str) -> None:
        """`verb` is what enter will do to `what`."""
        super().__init__()
        self._verb = verb
        self._what = what

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content.assemble(f"{self._verb.capitalize()} ", (self._what, "bold"), ". Why?"), markup=False)
            yield Input(compact=True)
            yield Static(Content.styled(f"enter {self._verb}   esc go back", "bold ansi_red"), markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())
