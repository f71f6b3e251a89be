"""The shapes of outputs that the kinds of step always have."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.domain.failure import KINDS as FAILURES
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.statuses import RUN_ENDED, SETTLED
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.expressions.types.lattice import (
    ANY,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    TEXTS,
    Array,
    Object,
    Scalar,
    Type,
    of_value,
    or_default,
    union,
)
from agentflow_cli.language.expressions.types.schemas import type_of_schema

_ENDS = ("succeeded", "failed", "skipped", "cancelled")
STATUS = Scalar("string", dict.fromkeys(sorted(SETTLED, key=_ENDS.index)))
ERROR = Object({"kind": Scalar("string", dict.fromkeys(FAILURES)), "message": STRING})
_RUN_STATUS = Scalar("string", dict.fromkeys(sorted(RUN_ENDED, key=_ENDS.index)))
RUN = Object({"id": STRING, "workflow": STRING, "status": _RUN_STATUS, "error": ERROR}, ANY)
PROJECT = Object({"name": STRING}, ANY)
VARIABLES = Object({}, STRING)
"""`env` and `secrets`."""

_PASSAGE = Object({"text": STRING, "source": STRING, "score": NUMBER, "id": STRING})
_REMEMBERED = Object({"documents": INTEGER, "passages": INTEGER, "unchanged": INTEGER, "ids": TEXTS})
_RESPONSE = Object({"status": INTEGER, "headers": Object({}, STRING), "body": ANY})
_RECEIPT = Object({"channel": STRING, "message": STRING, "at": STRING})

BUILT_IN_TOOLS: Mapping[str, Type] = {
    "http_get": Object({"status": INTEGER, "content_type": STRING, "body": STRING}),
    "read_file": STRING,
}
BESIDE: Mapping[str, Type] = {"exit_code": Scalar("integer", {0: None}), "stderr": STRING}
"""Of a `run`, beside its output."""
_FIXED: Mapping[str, Type] = {
    "prompt": STRING, "recall": Array(_PASSAGE), "remember": _REMEMBERED, "http": _RESPONSE, "notify": _RECEIPT,
    "wait": NULL,
}  # fmt: skip
_FORMATS: Mapping[Json, Type] = {"text": STRING, "lines": TEXTS}
_APPROVAL = ("approve", "reject")


def output_of_kind(step: Step) -> Type:
    """The output of one step that declares none, as far as its kind and its settings say."""
    match step.kind:
        case "run":
            how = step.settings["format"].value if "format" in step.settings else "text"
            return _FORMATS.get(how, ANY) if isinstance(how, str) else ANY
        case "ask":
            return _answer(step)
    return _FIXED.get(step.kind, ANY)


def _answer(step: Step) -> Type:
    form = step.settings["form"].value if "form" in step.settings else None
    fields: dict[str, Type] = {}
    if isinstance(form, dict):
        for name, schema in form.items():
            fields[name] = type_of_schema(schema)
            if isinstance(schema, dict) and "default" in schema:
                fields[name] = or_default(fields[name], schema["default"])
    else:
        choices = step.settings["choices"].value if "choices" in step.settings else _APPROVAL
        fields["choice"] = union(*map(of_value, choices)) if isinstance(choices, (list, tuple)) else ANY
    return Object({**fields, "by": STRING, "at": STRING})
