"""Schemas with data that fit them, and expressions over such data: what a type says is held against what comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from agentflow_cli.language.expressions.types.lattice import ANY, Array, Object, Scalar, Type, Union
from agentflow_cli.language.expressions.types.names import Found

FIELDS = ("kind", "size", "rows", "note")
WORDS = ("a", "b", "bug", "7")

SCALARS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "null"},
        {},
        {"enum": ["a", "bug"]},
        {"const": "b"},
        {"enum": [1, 2.5, None]},
        {"type": "string", "enum": ["7", "a"]},
        {"type": ["string", "null"]},
        {"type": ["integer", "boolean"]},
        {"type": "string", "nullable": True},
    ]
)


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.dictionaries(st.sampled_from(FIELDS), inner, min_size=1, max_size=3)
    closing = st.sampled_from([{}, {}, {"additionalProperties": False}, {"additionalProperties": True}])
    return st.builds(
        lambda properties, required, more: {
            "type": "object",
            "properties": properties,
            "required": [name for name in properties if name in required],
            **more,
        },
        fields,
        st.sets(st.sampled_from(FIELDS)),
        closing,
    )


SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        _objects(inner),
        _objects(inner),
        inner.map(lambda items: {"type": "array", "items": items}),
        inner.map(lambda values: {"type": "object", "additionalProperties": values}),
        st.lists(inner, min_size=2, max_size=2).map(lambda parts: {"anyOf": parts}),
        _objects(inner).map(lambda part: {"allOf": [{"type": "object"}, part]}),
        inner.map(lambda part: {"definitions": {"x": part}, "$ref": "#/definitions/x"}),
    ),
    max_leaves=6,
)
"""`$ref` stands only at the root of what it refers to; see `resolved`."""

ANYTHING = st.sampled_from([None, True, 0, 3, 1.5, "", "bug", "7", [], ["a"], [1, 2], {}, {"kind": "a"}])


def data_for(schema: Any) -> st.SearchStrategy[Any]:
    """Data that `schema` accepts, without fields that a strict object does not declare."""
    if "$ref" in schema:
        return data_for(schema["definitions"]["x"])
    if "allOf" in schema:
        return data_for(schema["allOf"][1])
    if "anyOf" in schema:
        return st.one_of(*map(data_for, schema["anyOf"]))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return st.one_of(*(data_for({"type": one}) for one in kind))
    found = _of_kind(schema, kind)
    return st.one_of(found, st.none()) if schema.get("nullable") else found


def _of_kind(schema: Any, kind: str | None) -> st.SearchStrategy[Any]:
    match kind:
        case "string":
            return st.sampled_from(("", *WORDS))
        case "integer":
            return st.integers(-3, 8)
        case "number":
            return st.sampled_from([0, 2, 1.5, -2.5])
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            return st.lists(data_for(schema["items"]), max_size=3)
        case "object":
            return _object(schema)
    return ANYTHING


def _object(schema: Any) -> st.SearchStrategy[Any]:
    properties = schema.get("properties", {})
    required = {name: data_for(properties[name]) for name in schema.get("required", ())}
    others = {name: data_for(field) for name, field in properties.items() if name not in required}
    found = st.fixed_dictionaries(required, optional=others)
    additional = schema.get("additionalProperties")
    if isinstance(additional, dict):
        return st.dictionaries(st.sampled_from(FIELDS), data_for(additional), max_size=2)
    if additional is True:
        more = st.dictionaries(st.sampled_from(("other", "more")), ANYTHING, max_size=1)
        return st.builds(lambda own, extra: {**extra, **own}, found, more)
    return found


def own_definitions(schema: Any) -> Any:
    """`schema` as one document: what a part calls its own definitions moves to the root."""
    definitions: dict[str, Any] = {}

    def moved(part: Any) -> Any:
        if isinstance(part, list):
            return [moved(element) for element in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            name = f"d{len(definitions)}"
            definitions[name] = None
            definitions[name] = moved(part["definitions"]["x"])
            return {"$ref": f"#/definitions/{name}"}
        return {key: moved(value) for key, value in part.items()}

    root = moved(schema)
    return {"allOf": [root], "definitions": definitions}


# Expressions

_ANY_CHAINS = ("x", "x.kind", "x[0]", "x.rows[0].size", "x[-1]", "x[x.kind]", "x.rows[x.size]", "x[1:]", "x.other")
_LITERALS = (
    "1",
    "0",
    "2.5",
    "'a'",
    "'bug'",
    "''",
    "true",
    "none",
    "[]",
    "[1, 'a']",
    "['a', 'c']",
    "{'kind': 'a'}",
    "{}",
)
_FILTERED = (
    "({}) | length", "({}) | upper", "({}) | int", "({}) | int(0)", "({}) | float('no')", "({}) | bool", "({}) | round",
    "({}) | abs", "({}) | items", "({}) | keys", "({}) | values", "({}) | list", "({}) | first", "({}) | last",
    "({}) | min", "({}) | max(attribute='size')", "({}) | sum", "({}) | sum(attribute='size')", "({}) | sort",
    "({}) | sort(attribute='kind')", "({}) | reverse", "({}) | unique", "({}) | batch(2)", "({}) | flatten",
    "({}) | groupby('kind')", "({}) | join(', ')", "({}) | join('', 'kind')", "({}) | tojson", "({}) | string",
    "({}) | split(',')", "({}) | lines", "({}) | trim", "({}) | replace('a', 'b')", "({}) | truncate(2)",
    "({}) | map('upper') | list", "({}) | map('length') | list", "({}) | map(attribute='kind')", "({}) | map('first')",
    "({}) | map(attribute='rows.0')", "({}) | map(attribute='note', default=1)", "({}) | map('int', 0) | list",
    "({}) | select('string')", "({}) | select('eq', 'a')",  "({}) | reject('none') | list",
    "({}) | selectattr('kind', 'eq', 'a')", "({}) | selectattr('size', 'gt', 1)",
    "({}) | rejectattr('kind', 'in', ['a', 'z'])", "({}) | selectattr('rows', 'defined')", "({}) | default(1)",
    "({}) | select('contains', 'a')", "({}) | slugify", "({}) | indent", "({}) | title",
)  # fmt: skip
_COMPARED = ("({}) == 'bug'", "({}) != 'zz'", "({}) in ['a', 'zz']", "({}) == 1", "({}) == '7'", "({}) == true",
             "'zz' in ({})", "({}) == none", "2.5 == ({})")  # fmt: skip
_TESTED = ("({}) is defined", "({}) is none", "({}) is string", "({}) is number", "({}) is integer",
           "({}) is mapping",
           "({}) is sequence", "({}) is empty", "({}) is even", "({}) is divisibleby(2)", "({}) is startswith('a')",
           "({}) is boolean", "({}) is in(['a', 1])", "({}) is contains('a')", "({}) is lt(3)",
           "not ({})", "-({})")  # fmt: skip
_JOINED = ("({}) + ({})", "({}) - ({})", "({}) * ({})", "({}) / ({})", "({}) // ({})", "({}) % ({})", "({}) ** ({})",
           "({}) ~ ({})", "({}) == ({})", "({}) != ({})", "({}) < ({})", "({}) >= ({})", "({}) in ({})",
           "({}) in ['a', {}]",
           "({}) not in ({})", "({}) and ({})", "({}) or ({})", "({}) | default({})", "coalesce({}, {})", "[{}, {}]",
           "{{'kind': {}, 'size': {}}}", "({})[{}]")  # fmt: skip
_CHOSEN = ("({}) if ({}) else ({})",)
_NARROWED = ("({0}) | length if {0} is string else ({1})", "{0} + 1 if {0} is number else ({1})",
             "{0} is string and {0} | length > 1", "{0} is none or {0} == 'a'", "{0}.kind if {0} != none else ({1})",
             "{0} | upper if not ({0} is none) else ({1})")  # fmt: skip


def chains_in(schema: Any, chain: str = "x") -> Iterator[str]:
    """The chains that lead somewhere in data for `schema`."""
    yield chain
    if chain.count(".") + chain.count("[") > 2:
        return
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from chains_in(part, chain)
    if "$ref" in schema:
        yield from chains_in(schema["definitions"]["x"], chain)
    for name, field in schema.get("properties", {}).items():
        yield from chains_in(field, f"{chain}.{name}")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from chains_in(schema["additionalProperties"], f"{chain}.kind")
    if "items" in schema:
        yield from chains_in(schema["items"], f"{chain}[0]")


def expressions_over(schema: Any) -> st.SearchStrategy[str]:
    """Expressions over `x`, most of which read what can be there."""
    chains = st.sampled_from(sorted(set(chains_in(schema))))

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds(str.format, st.sampled_from(_FILTERED), inner),
            st.builds(str.format, st.sampled_from(_COMPARED), inner),
            st.builds(str.format, st.sampled_from(_TESTED), inner),
            st.builds(str.format, st.sampled_from(_JOINED), inner, inner),
            st.builds(str.format, st.sampled_from(_CHOSEN), inner, inner, inner),
            st.builds(str.format, st.sampled_from(_NARROWED), chains, inner),
        )

    leaves = st.one_of(chains, chains, chains, st.sampled_from((*_ANY_CHAINS, *_LITERALS)))
    return st.recursive(leaves, grown, max_leaves=5)


class OneName:
    """`x` has a type, and nothing else is known."""

    def __init__(self, found: Type) -> None:
        self.found = found

    def chain(self, root: str, path: Sequence[str | int]) -> Found:
        return Found(self.found, 0, "`x`") if root == "x" else Found(ANY, len(path))


def is_of(value: Any, found: Type) -> bool:
    """Whether a value is one of those that a type speaks of."""
    match found:
        case Union(options=options):
            return any(is_of(value, option) for option in options)
        case Array():
            return isinstance(value, (list, tuple)) and all(is_of(element, found.items) for element in value)
        case Object():
            return isinstance(value, dict) and all(_field_is_of(name, field, found) for name, field in value.items())
        case Scalar():
            return _is_scalar(value, found)
    return True


def _field_is_of(name: str, field: Any, found: Object) -> bool:
    known = found.fields.get(name, found.rest)
    return (not found.closed) if known is None else is_of(field, known)


def _is_scalar(value: Any, found: Scalar) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    right = {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "string": isinstance(value, str),
        "number": number,
        "integer": number and float(value).is_integer(),
    }[found.kind]
    return right and (found.values is None or value in found.values)
