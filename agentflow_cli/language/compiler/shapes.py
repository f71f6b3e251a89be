"""What the output of a step will look like, as far as its definition says: a JSON Schema, or None for anything.

Declared objects are strict: the fields that they list are the fields that can be read. What says nothing stays open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.language.expressions.problem import ExpressionErrors
from agentflow_cli.language.expressions.scope import STEP_FIELDS
from agentflow_cli.language.expressions.template import compile_template
from agentflow_cli.language.loader.load import Loaded

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer"}
_PASSAGES: Schema = {
    "type": "array",
    "items": {"type": "object", "properties": {"text": _TEXT, "score": {}, "source": _TEXT, "id": _TEXT}},
}
_REMEMBERED: Schema = {
    "type": "object",
    "properties": {"documents": _COUNT, "passages": _COUNT, "unchanged": _COUNT, "ids": {}},
}
_RESPONSE: Schema = {"type": "object", "properties": {"status": _COUNT, "headers": {}, "body": {}}}


def step_fields(step: Step, *, child: bool = False) -> dict[str, str]:
    """What can be read of a step (or of a child of its foreach), with a line about each."""
    fields = dict(STEP_FIELDS)
    if step.foreach is None or child:
        del fields["children"]
        fields.update(KINDS[step.kind].beside)
    return fields


class Shapes:
    """The outputs of the steps of a workflow, as far as they are known."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    def output(self, step: Step) -> Schema | None:
        """The schema of `steps.ID.output`; None when it is not known."""
        if step.on_error.action == "value":
            return None
        single = self.single(step)
        if step.foreach is None:
            return single
        # A child that was skipped or tolerated is null in the list; fields are read of the others.
        return {"type": "array", "items": single or {}}

    def single(self, step: Step) -> Schema | None:
        """The schema of the output of one child of a `foreach`, or of one repetition."""
        if step.output is not None:
            return step.output.value if isinstance(step.output.value, dict) else None
        match step.kind:
            case "prompt":
                return _TEXT
            case "run":
                how = step.settings["format"].value if "format" in step.settings else "text"
                return {"text": _TEXT, "lines": {"type": "array", "items": _TEXT}}.get(how)
            case "set":
                return {"type": "object", "properties": {k: _value(v) for k, v in step.templates["set"].value.items()}}
            case "ask":
                form = step.settings["form"].value if "form" in step.settings else {"choice": _TEXT}
                return {"type": "object", "properties": {**form, "by": _TEXT, "at": _TEXT}}
            case "recall":
                return _PASSAGES
            case "remember":
                return _REMEMBERED
            case "http":
                return _RESPONSE
            case "agent":
                return self._agent(step)
            case "steps":
                return _object(step.outputs)
            case "workflow":
                called = self._loaded.calls.get(step.path)
                return None if called is None else _object(called.workflow.outputs)
        return None

    def _agent(self, step: Step) -> Schema | None:
        found = self._loaded.agents.get(step.settings["agent"].value)
        if found is None:
            return None
        output = found.agent.output
        return _TEXT if output is None else output.value if isinstance(output.value, dict) else None


def _object(outputs: Mapping[str, Located]) -> Schema:
    return {"type": "object", "properties": {name: _value(located.value) for name, located in outputs.items()}}


def _value(value: Json) -> Schema:
    """The schema of a value of `set`."""
    if isinstance(value, dict):
        return {"type": "object", "properties": {key: _value(element) for key, element in value.items()}}
    if isinstance(value, str):
        try:
            found = compile_template(value).result_type
        except ExpressionErrors:
            return {}
        return {} if found is None else {"type": found}
    return {}
