"""The right side: everything about the selected step, a tab at a time, and its question while one is open."""

from __future__ import annotations

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.tui.pages import TABS, page
from agentflow_cli.tui.run_model import RunModel
from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import Click, ComposeResult, Content, Message, Static, Vertical, VerticalScroll, Widget
from agentflow_cli.tui.widgets.question import Question


class TabLine(Widget):
    """The names of the tabs; the open one stands out without colour too."""

    DEFAULT_CSS = "TabLine { height: 1; padding: 0 1; }"

    class Picked(Message):
        """Another tab was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.tab = TABS[0]
        self.alarm = False
        """Whether there is an error to be read."""

    def render(self) -> Content:
        parts = []
        for name in TABS:
            title = f" {name.capitalize()} "
            style = "bold reverse" if name == self.tab else "ansi_red" if name == "error" and self.alarm else "dim"
            parts.append(Content.styled(title, style))
        return Content(" ").join(parts).truncate(max(1, self.size.width))

    def on_click(self, event: Click) -> None:
        content = event.get_content_offset(self)
        at = 0
        for name in TABS:
            at += len(name) + 3
            if content is not None and content.x < at:
                self.tab = name
                self.refresh()
                self.post_message(self.Picked())
                return


class Details(Vertical):
    DEFAULT_CSS = """
    Details { border: round ansi_bright_black; }
    Details:focus-within { border: round ansi_blue; }
    Details > VerticalScroll { padding: 0 1; scrollbar-size-vertical: 1; }
    Details > .name { height: 1; padding: 0 1; }
    """

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._key: object = None
        self._path: str | None = None

    def compose(self) -> ComposeResult:
        yield Static(classes="name", markup=False)
        yield TabLine()
        with VerticalScroll():
            yield Static(classes="body", markup=False)
        yield Question(self._shown)

    @property
    def tab(self) -> str:
        return self.query_one(TabLine).tab

    def open_tab(self, tab: str) -> None:
        line = self.query_one(TabLine)
        line.tab = tab
        line.refresh()

    def turn_tab(self, by: int) -> None:
        self.open_tab(TABS[(TABS.index(self.tab) + by) % len(TABS)])

    def show(self, model: RunModel, path: str | None) -> None:
        """Show the step or child at `path`; what has not changed is not made again."""
        step = model.step(path) if path else None
        if step is None:
            return
        fresh = path != self._path
        line = self.query_one(TabLine)
        if line.alarm != (step.error is not None):
            line.alarm = step.error is not None
            line.refresh()
        key = (path, line.tab, len(model.records_of(step.path)), model.status_of(step), model.version_of(step))
        if key != self._key:
            self._key, self._path = key, path
            self.query_one(".name", Static).update(self._headline(model, step))
            self.query_one(".body", Static).update(page(line.tab, model, step, self._shown))
            if fresh:
                self.query_one(VerticalScroll).scroll_home(animate=False)
        self.query_one(Question).show(step)

    def _headline(self, model: RunModel, step: StepState) -> Content:
        mark = mark_of(model.status_of(step), step.tolerated)
        plan_step = model.plan_step(step.path)
        separator = " | " if self._shown.ascii_only else " · "
        parts = [plan_step.kind if plan_step is not None else "steps"]
        if step.children is not None:
            parts.append(f"{step.settled_children}/{len(step.children)}")
        model_name = (step.usage or {}).get("model") or (plan_step.settings.get("model") if plan_step else None)
        if isinstance(model_name, str):
            parts.append(self._shown.line(model_name, 40))
        if step.usage and "output_tokens" in step.usage:
            parts.append(f"{step.usage.get('input_tokens', 0)} + {step.usage['output_tokens']} tokens")
        return Content.assemble(
            (f"{self._shown.sign(mark.glyph, mark.ascii)} ", mark.screen_style),
            (step.path, "bold"),
            (f" {mark.word}", mark.screen_style),
            separator + separator.join(parts),
        )
