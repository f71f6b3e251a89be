"""The last line: the keys that do something now."""

from __future__ import annotations

from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import Content, Widget


class Keys(Widget):
    DEFAULT_CSS = "Keys { height: 1; padding: 0 1; }"

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._keys: list[tuple[str, str]] = []

    def show(self, keys: list[tuple[str, str]]) -> None:
        """(key, what it does); what does not fit is left out, the last ones last."""
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render(self) -> Content:
        keys, width = list(self._keys), self.size.width
        while len(keys) > 2 and sum(len(key) + len(word) + 3 for key, word in keys) > width + 2:
            del keys[-3]  # help and the way out stay
        return Content("  ").join([Content.assemble((key, "bold ansi_cyan"), f" {word}") for key, word in keys])
