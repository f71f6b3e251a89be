"""jsonschema's validators, which explain what in a value a schema does not allow. The only importer of jsonschema.

It tries everything, also what leads to no finding, and what references lead to again and again: for workflows, and for
schemas that fan out, `plain_check` says before what is right.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.local_references import fans_out
from agentflow_cli.language.schema.plain_check import KNOWN_KEYWORDS, conforms
from agentflow_cli.language.schema.validator import UNSURE, finds, is_right, is_small, whole


def explaining(schema: Json, value: Json) -> Any:
    """A validator of jsonschema for `schema`, as is best for `value`."""
    if schema is load_schema():
        return _ours(is_small(value))(schema)
    return (_patiently(schema) if fans_out(schema) else usual())(schema)


@functools.cache
def usual() -> Any:
    """jsonschema's validator, with patterns read as `plain_check` reads them."""
    import jsonschema

    def check_pattern(validator: Any, expected: str, value: Json, schema: Json) -> Iterator[Any]:
        if isinstance(value, str) and not finds(expected, value):
            yield jsonschema.ValidationError("the pattern does not match")

    def check_names(validator: Any, expected: Any, value: Json, schema: Json) -> Iterator[Any]:
        for text, inner in expected.items() if isinstance(value, dict) else ():
            for name in value:
                if finds(text, name):
                    yield from validator.descend(value[name], inner, path=name, schema_path=text)

    def check_others(validator: Any, expected: Any, value: Json, schema: Json) -> Iterator[Any]:
        if not isinstance(value, dict):
            return
        known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        others = [name for name in value if name not in known and not any(finds(text, name) for text in patterns)]
        if expected is False and others:
            yield jsonschema.ValidationError("more fields than are allowed")
        elif isinstance(expected, dict):
            for name in others:
                yield from validator.descend(value[name], expected, path=name)

    validators: Any = jsonschema.validators
    keywords = {"pattern": check_pattern, "patternProperties": check_names, "additionalProperties": check_others}
    return validators.extend(jsonschema.Draft7Validator, keywords)


@functools.cache
def _ours(small: bool) -> Any:
    """The same for workflows: what is right is quickly seen to be so, and only the rest is explained. `small`: not
    much of it."""
    return _asking(load_schema(), lambda reference, value: is_right(reference, value, small), {})


def _patiently(schema: Json) -> Any:
    """The same for a schema that fans out: what only the library knows is passed over, and nothing is tried twice."""
    import jsonschema

    root = whole(schema)
    known = jsonschema.Draft7Validator.VALIDATORS
    others = {word: _passed_over for word in known if word not in KNOWN_KEYWORDS and word != "$ref"}
    return _asking(root, lambda reference, value: conforms({"$ref": reference}, value, root), others)


def _passed_over(validator: Any, expected: Any, value: Json, schema: Json) -> Iterator[Any]:
    return iter(())


def _asking(root: Json, is_right: Callable[[str, Json], bool], others: dict[str, Any]) -> Any:
    """The same, with all that does not lead to a finding asked of `conforms`. `is_right`: whether a value is as the
    part of `root` at a reference says. What `conforms` does not know is passed over where `others` are given."""
    import jsonschema

    known = usual().VALIDATORS

    def check_condition(validator: Any, condition: Json, value: Json, schema: Json) -> Iterator[Any]:
        try:
            branch = "then" if conforms(condition, value, root) else "else"
        except UNSURE:
            if not others:
                yield from known["if"](validator, condition, value, schema)
        else:
            if branch in schema:
                yield from validator.descend(value, schema[branch], schema_path=branch)

    def judged(word: str, fits: Callable[[Any, Json], bool], *, explain: bool = False) -> Callable[..., Iterator[Any]]:
        def check(validator: Any, expected: Any, value: Json, schema: Json) -> Iterator[Any]:
            try:
                right = fits(expected, value)
            except UNSURE:
                right, in_doubt = False, True
            else:
                in_doubt = False
            if right or (in_doubt and others):
                return
            if in_doubt or explain:
                yield from known[word](validator, expected, value, schema)
            else:
                yield jsonschema.ValidationError(f"`{word}` is broken")

        return check

    quick = {
        **others,
        "$ref": judged("$ref", is_right, explain=True),
        "if": check_condition,
        "anyOf": judged("anyOf", lambda parts, value: any(conforms(part, value, root) for part in parts)),
        "oneOf": judged("oneOf", lambda parts, value: sum(conforms(part, value, root) for part in parts) == 1),
        "not": judged("not", lambda part, value: not conforms(part, value, root)),
    }
    validators: Any = jsonschema.validators
    return validators.extend(usual(), quick)
