"""AF53x, AF54x: contracts. Schemas, what calls are given, and what agents may do."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = "apiVersion: agentflow/v1\n"


def _output(schema: str) -> str:
    return f"{_HEAD}steps:\n  judge:\n    prompt: Judge the text.\n    output: {schema}\n"


CODES: tuple[Code, ...] = (
    Code(
        "AF531",
        "an object of which every field may be missing",
        "A JSON Schema with `properties` says how the fields look if they are there; which must be there stands in"
        " `required`. Without it a model may answer `{}`, and the step that reads a field fails. List the fields that"
        " the workflow reads, or write `required: []` if really all may be missing. `validate --fix` lists all.",
        _output("{type: object, properties: {score: {type: integer}}}"),
        _output("{type: object, properties: {score: {type: integer}}, required: [score]}"),
        Severity.WARNING,
    ),
    Code(
        "AF532",
        "a required field that is not described",
        "`required` names fields of `properties`. A name that is not there is misspelt, or its description is missing:"
        " no step could read it.",
        _output("{type: object, properties: {score: {type: integer}}, required: [scroe]}"),
        _output("{type: object, properties: {score: {type: integer}}, required: [score]}"),
    ),
    Code(
        "AF533",
        "a schema that contradicts itself",
        "No value can match: the least is more than the most, or a value of `enum` or `const` is refused by the rest"
        " of the schema.",
        _output("{type: integer, minimum: 5, maximum: 1}"),
        _output("{type: integer, minimum: 1, maximum: 5}"),
    ),
    Code(
        "AF534",
        "a rule for values of another type",
        "JSON Schema has its rules by type: `minLength` for strings, `minimum` for numbers, `items` for arrays,"
        " `properties` for objects. For a value of another type such a rule is always fulfilled, so that it says"
        " nothing.",
        _output("{type: string, maximum: 100}"),
        _output("{type: string, maxLength: 100}"),
        Severity.WARNING,
    ),
)
