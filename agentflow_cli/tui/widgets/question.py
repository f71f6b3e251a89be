"""A question that waits for a person, and what they can say: yes or no, a choice, or the fields of a form."""

from __future__ import annotations

import json
from typing import ClassVar

from agentflow_cli.domain.events import AskOpened
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import (
    Binding,
    BindingType,
    ComposeResult,
    Content,
    Input,
    Message,
    Option,
    OptionList,
    Static,
    Vertical,
    VerticalScroll,
)
from agentflow_cli.tui.widgets.pick import Pick

APPROVAL = ["approve", "reject"]
"""What a question offers that names neither choices nor a form."""


class Question(Vertical):
    """Hidden while the shown step asks nothing."""

    DEFAULT_CSS = """
    Question { height: auto; max-height: 70%; border: heavy ansi_magenta; padding: 0 1; display: none; }
    Question > VerticalScroll { height: auto; max-height: 8; }
    Question Static { height: auto; }
    Question OptionList { height: auto; max-height: 8; border: none; padding: 0; background: ansi_default; }
    Question .fields { height: auto; max-height: 10; }
    Question Input { border: none; height: 1; padding: 0 1; background: ansi_default; text-style: underline; }
    Question Input:focus { text-style: bold underline; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    class Said(Message):
        """The person's answer to the question of the step at `path`, not yet checked."""

        def __init__(self, path: str, values: dict[str, Json]) -> None:
            super().__init__()
            self.path = path
            self.values = values

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._step: str | None = None
        self._asked: AskOpened | None = None
        self._sending = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(classes="message", markup=False)
        yield Static(classes="problem", markup=False)
        yield Static(classes="keys", markup=False)

    @property
    def open(self) -> bool:
        """Whether a question can be answered here."""
        return self._asked is not None and not self._sending

    @property
    def is_approval(self) -> bool:
        return self._asked is not None and self._asked.choices == APPROVAL and not self._asked.form

    def show(self, step: StepState) -> None:
        """Show the question of `step`, if it has one that nobody has answered."""
        asked = step.ask if step.status == "waiting" and step.answer is None else None
        if asked == self._asked and step.path == self._step:
            return
        self._asked, self._step, self._sending = asked, step.path, False
        self.query(".answer").remove()
        self.display = asked is not None
        if asked is None:
            return
        self.query_one(".message", Static).update(Content(self._shown.text(asked.message).rstrip("\n")))
        self._say_keys()
        self._say_problem("")
        if asked.form:
            self.mount(self._form(asked.form), before=self.query_one(".problem"))
        elif not self.is_approval:
            options = [Option(Content(self._shown.line(choice))) for choice in asked.choices]
            self.mount(OptionList(*options, classes="answer", markup=False), before=self.query_one(".problem"))

    def begin(self) -> None:
        """The person wants to answer: approve at once, or go to the choices or the first field."""
        if not self.open or self._asked is None:
            return
        if self.is_approval:
            self._send({"choice": "approve"})
            return
        for widget in self.query(".answer, .answer *"):
            if widget.focusable:
                widget.focus()
                return

    def failed(self, path: str, why: str) -> bool:
        """The answer was not taken: the question is open again and says why. False when it is not the one shown."""
        if path != self._step or self._asked is None:
            return False
        self._sending = False
        self._say_keys()
        self._say_problem(why)
        return True

    def action_send(self) -> None:
        """Send the form as it stands. Empty fields are left out: they take their default, or are reported missing."""
        if not self.open or self._asked is None or not self._asked.form:
            return
        values: dict[str, Json] = {}
        for name, schema in self._asked.form.items():
            field = self.query_one(f"#field_{list(self._asked.form).index(name)}")
            if isinstance(field, Pick):
                if field.value is not None:
                    values[name] = field.value
            elif isinstance(field, Input) and field.value != "":
                values[name] = typed(schema, field.value)
        self._send(values)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.open and self._asked is not None:
            self._send({"choice": self._asked.choices[event.option_index]})

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._next_or_send(event.input)

    def on_pick_settled(self, event: Pick.Settled) -> None:
        event.stop()
        self._next_or_send(event.pick)

    def _next_or_send(self, field: Input | Pick) -> None:
        fields = [widget for widget in self.query(".answer *") if isinstance(widget, (Input, Pick))]
        at = fields.index(field)
        if at + 1 < len(fields):
            fields[at + 1].focus()
        else:
            self.action_send()

    def _send(self, values: dict[str, Json]) -> None:
        if self._step is not None:
            self._sending = True
            self.query_one(".keys", Static).update(Content("sending" + self._shown.ellipsis))
            self.post_message(self.Said(self._step, values))

    def _form(self, form: dict[str, Json]) -> VerticalScroll:
        rows: list[Static | Input | Pick] = []
        for index, (name, schema) in enumerate(form.items()):
            schema = schema if isinstance(schema, dict) else {}
            label = self._shown.line(name, 60)
            if schema.get("description"):
                label += f": {self._shown.line(str(schema['description']), 120)}"
            rows.append(
                Static(Content.assemble((label, "bold"), (_expected(schema, self._shown), "dim")), markup=False)
            )
            default = schema.get("default")
            field = f"field_{index}"
            if isinstance(schema.get("enum"), list) and schema["enum"]:
                rows.append(Pick(self._shown, schema["enum"], default, id=field))
            elif schema.get("type") == "boolean":
                rows.append(Pick(self._shown, [True, False], default, id=field))
            else:
                shown = "" if default is None else default if isinstance(default, str) else json.dumps(default)
                rows.append(Input(self._shown.line(shown), id=field, compact=True, select_on_focus=False))
        return VerticalScroll(*rows, classes="answer fields", can_focus=False)

    def _say_problem(self, why: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.display = bool(why)
        problem.update(Content.styled(self._shown.text(why), "ansi_red"))

    def _say_keys(self) -> None:
        if self._asked is None:
            return
        if self._asked.form:
            keys = "a fill in   enter next   ctrl+s send   x reject"
        elif self.is_approval:
            keys = "a approve   x reject"
        else:
            keys = "a choose   enter send   x reject"
        self.query_one(".keys", Static).update(Content.styled(keys, "bold ansi_magenta"))


def typed(schema: Json, text: str) -> Json:
    """What somebody typed for a field, as the declared type where it can be read as one."""
    declared = schema.get("type", []) if isinstance(schema, dict) else []
    kinds = [declared] if isinstance(declared, str) else list(declared)
    if not kinds or "string" in kinds:
        return text
    try:
        return json.loads(text.strip())
    except ValueError:
        return text


def _expected(schema: dict[str, Json], shown: Shown) -> str:
    kind = schema.get("type")
    said = kind if isinstance(kind, str) and kind != "string" else ""
    if "default" not in schema:
        said += ", needed" if said else "needed"
    return f"  {shown.line(said)}" if said else ""
