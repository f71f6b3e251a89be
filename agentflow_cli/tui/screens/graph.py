"""The graph of the plan over the whole screen: every step, its status, and what it waits for."""

from __future__ import annotations

from typing import ClassVar

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.language.compiler.drawings.gutter import gutter
from agentflow_cli.tui.run_model import RunModel
from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import Binding, BindingType, ComposeResult, Content, ModalScreen, Static, VerticalScroll
from agentflow_cli.tui.widgets.keys import Keys


class GraphScreen(ModalScreen[None]):
    CSS = """
    GraphScreen { background: ansi_default; }
    GraphScreen VerticalScroll { border: round ansi_blue; padding: 0 1; overflow-x: auto; }
    GraphScreen Static { width: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,g,q,enter", "dismiss(None)", show=False)]

    def __init__(self, model: RunModel, shown: Shown) -> None:
        super().__init__()
        self._model = model
        self._shown = shown

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(markup=False)
        yield Keys(self._shown)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).border_title = "Graph"
        self.query_one(Keys).show([("esc", "back")])
        self.set_interval(0.5, self._draw)
        self._draw()

    def _draw(self) -> None:
        plan = self._model.plan
        lines = []
        for row in gutter(plan, ascii_only=self._shown.ascii_only):
            if row.step is None:
                lines.append(Content.styled(row.before, "dim"))
                continue
            step, state = plan.steps[row.step], self._model.state.steps[row.step]
            mark = mark_of(state.status, state.tolerated)
            waits = ", ".join(step.dependencies)
            arrow = f"   {self._shown.sign('←', '<-')} {waits}" if waits else ""
            count = f" {state.settled_children}/{len(state.children)}" if state.children is not None else ""
            lines.append(
                Content.assemble(
                    (row.before, "dim"),
                    (self._shown.sign(mark.glyph, mark.ascii), mark.screen_style),
                    (row.after, "dim"),
                    "  ",
                    (f"{row.step}{count}", "bold"),
                    f"  {step.kind}",
                    (f"  {mark.word}", mark.screen_style),
                    (arrow, "dim"),
                )
            )
        self.query_one(Static).update(Content("\n").join(lines))
