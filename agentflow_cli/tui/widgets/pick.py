"""One of several values, on one line: left and right change it."""

from __future__ import annotations

from typing import ClassVar

from agentflow_cli.domain.json_value import Json
from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import Binding, BindingType, Click, Content, Message, Widget


class Pick(Widget, can_focus=True):
    """`value` is None until one is picked, unless there is a default."""

    DEFAULT_CSS = """
    Pick { height: 1; padding: 0 1; }
    Pick:focus { text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "turn(1)", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("enter", "settle", show=False),
    ]

    class Settled(Message):
        """The person is done with this field."""

        def __init__(self, pick: Pick) -> None:
            super().__init__()
            self.pick = pick

    def __init__(self, shown: Shown, values: list[Json], default: Json, *, id: str) -> None:
        super().__init__(id=id)
        self._shown = shown
        self._values = values
        self._at = values.index(default) if default in values else -1

    @property
    def value(self) -> Json:
        return self._values[self._at] if self._at >= 0 else None

    def action_turn(self, by: int) -> None:
        self._at = (self._at + by) % len(self._values) if self._at >= 0 else (0 if by > 0 else len(self._values) - 1)
        self.refresh()

    def action_settle(self) -> None:
        self.post_message(self.Settled(self))

    def on_click(self, event: Click) -> None:
        event.stop()
        self.action_turn(1)

    def render(self) -> Content:
        value = "(left and right pick)" if self._at < 0 else _word(self.value, self._shown)
        left, right = ("<", ">") if self._shown.ascii_only else ("◂", "▸")
        return Content.assemble(f"{left} ", (value, "bold" if self._at >= 0 else "dim"), f" {right}")


def _word(value: Json, shown: Shown) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shown.brief(value, 60)
