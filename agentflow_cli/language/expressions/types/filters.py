"""Filters and tests as types see them: what they can use, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.calls import NAMING
from agentflow_cli.language.expressions.functions import FILTERS, Function
from agentflow_cli.language.expressions.types.comparing import Operand, check_comparison
from agentflow_cli.language.expressions.types.lattice import (
    ANY,
    ANY_ARRAY,
    INTEGER,
    NUMBER,
    PLAIN,
    STRING,
    TEXTS,
    Array,
    Object,
    Scalar,
    Type,
    described,
    kinds,
    may_be,
    of_value,
    options,
    union,
)
from agentflow_cli.language.expressions.types.reading import every_field, field_of, items_of, known_fields, suggestion
from agentflow_cli.language.expressions.types.signatures import (
    FILTER_SIGNATURES,
    TEST_SIGNATURES,
    Kinds,
    Signature,
    kinds_text,
)
from agentflow_cli.language.expressions.types.texts import made_of

if TYPE_CHECKING:
    from agentflow_cli.language.expressions.types.inference import Inference

Arguments = Mapping[str, Operand]
"""By the name of the parameter, those given by position first."""

_COMPARED = {"eq": "eq", "ne": "ne", "lt": "lt", "le": "lteq", "gt": "gt", "ge": "gteq", "in": "in", "contains": "in"}
"""Tests that are comparisons → the operator."""


def filter_type(inference: Inference, node: s.Filter) -> Type:
    """The type of `value | name(…)`, with what is wrong about it reported."""
    value = inference.type_of(node.value)
    arguments = _arguments(inference, FILTERS[node.name], node)
    if node.name == "default":
        return _default(inference, node, value, [argument.type for argument in arguments.values()])
    signature = FILTER_SIGNATURES[node.name]
    if node.name in ("int", "float", "bool") and arguments:
        signature = Signature()
    fits = _check_value(inference, node, signature, value, inference.quoted(node.value))
    fits = _check_arguments(inference, node.name, signature, arguments) and fits
    if not fits:
        return PLAIN[FILTERS[node.name].result] if FILTERS[node.name].result != "array" else ANY
    if node.name in NAMING:
        return _naming(inference, node, value, arguments)
    elements = items_of(value) if "array" in kinds(value) else ANY
    if "attribute" in arguments and elements is not ANY:
        elements = _attribute(inference, arguments["attribute"], elements)
    if not arguments and made_of(node.name, value) == []:
        _never_cast(inference, node, value)
        return PLAIN[_CASTS[node.name][0]]
    if signature.elements and not may_be(elements, signature.elements):
        _wrong_elements(inference, node, signature.elements, elements, "attribute" in arguments)
        return PLAIN[FILTERS[node.name].result] if FILTERS[node.name].result != "array" else ANY
    return _result(node.name, value, {name: argument.type for name, argument in arguments.items()}, elements)


def _default(inference: Inference, node: s.Filter, value: Type, fall_backs: Sequence[Type]) -> Type:
    """`value | default(…)`, reported where only null can be meant, which it lets pass."""
    if "null" in kinds(value) and inference.is_there(node.value):
        fall_back = (node.arguments or [argument for _, argument in node.keywords])[0]
        if isinstance(fall_back, s.Literal) and fall_back.value is None:
            return value  # null is meant
        other = inference.written(fall_back)
        message = f"`default` never helps here: {inference.quoted(node.value)} is never missing, and null passes it"
        inference.report("AF441", message, node.name_start, node.name_end, "null stays null",
                         f"write `coalesce({inference.written(node.value)}, {other})`")  # fmt: skip
    return union(value, *fall_backs)


def test_type(inference: Inference, node: s.Test) -> None:
    """Report what is wrong about `value is name(…)`."""
    value = inference.operand(node.value)
    arguments = [inference.operand(argument) for argument in (*node.arguments, *(a for _, a in node.keywords))]
    check_test(inference, node.name, value, arguments, (node.start, node.name_start, node.name_end, node.end))


def check_test(
    inference: Inference, name: str, value: Operand, arguments: Sequence[Operand], places: tuple[int, int, int, int]
) -> None:
    """Report what is wrong about a test of `value`. `places`: of the whole, of the name (from, to), of the end."""
    start, name_start, name_end, end = places
    if name in _COMPARED:
        if arguments:
            left, right = (arguments[0], value) if name == "contains" else (value, arguments[0])
            check_comparison(_COMPARED[name], left, right, start, end, inference.report)
        return
    signature = TEST_SIGNATURES[name]
    if signature.value and not may_be(value.type, signature.value):
        given = described(value.type)
        inference.report("AF436", f"`{name}` needs {kinds_text(signature.value)}, and {value.text} is {given}",
                         name_start, name_end, f"given {given}")  # fmt: skip
    for argument, wanted in zip(arguments, signature.arguments, strict=False):
        if wanted and not may_be(argument.type, wanted):
            message = f"the argument of `{name}` is {kinds_text(wanted)}, not {described(argument.type)}"
            inference.report("AF436", message, argument.start, argument.end)


def _arguments(inference: Inference, function: Function, node: s.Applied) -> Arguments:
    found: dict[str, Operand] = {}
    for position, argument in enumerate(node.arguments):
        known = position < len(function.parameters) and function.parameters[position] != "…"
        name = function.parameters[position] if known else str(position)
        found[name] = inference.operand(argument)
    for name, argument in node.keywords:
        found[name] = inference.operand(argument)
    return found


def _check_value(inference: Inference, node: s.Applied, signature: Signature, value: Type, text: str) -> bool:
    if not signature.value or may_be(value, signature.value):
        return True
    inference.report("AF436", f"`{node.name}` needs {kinds_text(signature.value)}, and {text} is {described(value)}",
                     node.name_start, node.name_end, f"given {described(value)}",
                     _value_help(node.name, signature.value, value))  # fmt: skip
    return False


_CASTS = {"int": ("integer", "a text that is a whole number"), "float": ("number", "a text that is a number"),
          "bool": ("boolean", "`'true'` or `'false'`")}  # fmt: skip


def _never_cast(inference: Inference, node: s.Filter, value: Type) -> None:
    """`… | int` of a text whose values are all known, and none of them is a number."""
    texts = [text for option in options(value) if isinstance(option, Scalar) for text in option.values or ()]
    listed = ", ".join(f"`'{text}'`" for text in texts if text is not None)
    only = "is only" if len(texts) == 1 else "is one of"
    help = f"compare it: `… == '{texts[0]}'`" if node.name == "bool" else f"give a fall-back: `… | {node.name}(0)`"
    inference.report("AF436", f"`{node.name}` needs {_CASTS[node.name][1]}, and {inference.quoted(node.value)} {only}"
                     f" {listed}", node.name_start, node.name_end, "always fails", help)  # fmt: skip


def _value_help(name: str, wanted: Kinds, value: Type) -> str | None:
    named = kinds(value)
    if wanted == ("array",) and named == {"object"}:
        return f"`… | items | {name}` goes through its pairs, `… | values | {name}` through its values"
    if wanted == ("array",) and named == {"string"}:
        return "`… | lines` and `… | split(',')` make an array of a text"
    if wanted == ("string",) and named <= {"integer", "number", "boolean"}:
        return "make it text first: `… | string`"
    if wanted == ("string",) and named == {"array"}:
        return f"for each element: `… | map('{name}')`"
    if set(wanted) <= {"integer", "number"} and named == {"string"}:
        return "make it a number first: `… | int`, `… | float`"
    return None


def _check_arguments(inference: Inference, name: str, signature: Signature, arguments: Arguments) -> bool:
    fits = True
    for parameter, wanted in zip(FILTERS[name].parameters, signature.arguments, strict=False):
        if parameter in arguments and wanted and not may_be(arguments[parameter].type, wanted):
            given = arguments[parameter]
            inference.report("AF436", f"`{parameter}` of `{name}` is {kinds_text(wanted)}, not {described(given.type)}",
                             given.start, given.end, None, f"for example `{FILTERS[name].example}`")  # fmt: skip
            fits = False
    return fits


def _wrong_elements(inference: Inference, node: s.Filter, wanted: Kinds, elements: Type, named: bool) -> None:
    what = {"join": "texts or numbers", "sum": "numbers"}.get(node.name, "numbers or texts, which have an order")
    help = None
    fields = [field for field in known_fields(elements) if may_be(_attribute_type(elements, field), wanted)]
    if not named and fields:
        help = f"name the field to use: `{node.name}(attribute='{fields[0]}')`"
    elif node.name == "join" and kinds(elements) <= {"object", "array"}:
        help = "write each as text first: `… | map('tojson') | join(', ')`"
    inference.report("AF436", f"`{node.name}` needs {what}, and each element here is {described(elements)}",
                     node.name_start, node.name_end, None, help)  # fmt: skip


# Attributes


def _attribute(inference: Inference, argument: Operand, elements: Type) -> Type:
    """The type at a dotted path in each element; reported when no element can have it."""
    node = argument.node
    if not isinstance(node, s.Literal) or not isinstance(node.value, str):
        return ANY if not isinstance(node, s.Literal) or node.value is not None else elements
    current, done = elements, ""
    for part in node.value.split("."):
        found = [field for option in options(current) if (field := _part(option, part)) is not None]
        if not found:
            where = "no element here" if not done else f"`{done}` of no element here"
            if kinds(current) - {"null"} == {"object"}:
                message = f"{where} has a field `{part}`"
            else:
                what = "each element" if not done else f"`{done}` of each element"
                message = f"{what} is {described(current)}, and has no field `{part}`"
            inference.report("AF437", message, node.start, node.end, "not there",
                             suggestion(part, known_fields(current), "its fields"))  # fmt: skip
            return ANY
        current, done = union(*found), f"{done}.{part}" if done else part
    return current


def _attribute_type(elements: Type, field: str) -> Type:
    return union(*(found for option in options(elements) if (found := _part(option, field)) is not None))


def _part(option: Type, part: str) -> Type | None:
    if isinstance(option, Array):
        return option.items if part.isdecimal() and len(part) < 10 else None
    return None if option.kind == "string" else field_of(option, part)


# Filters that name another filter or a test


def _naming(inference: Inference, node: s.Filter, value: Type, arguments: Arguments) -> Type:
    elements = items_of(value)
    if node.name == "map":
        return Array(_mapped(inference, node, elements, arguments))
    tested = elements
    if node.name.endswith("attr"):
        tested = _attribute(inference, arguments["attribute"], elements)
        what = f"`{a.value}` of each element" if isinstance(a := node.arguments[0], s.Literal) else "each value"
    else:
        what = "each element"
    position = NAMING[node.name]
    if len(node.arguments) <= position:
        if not may_be(tested, ("boolean",)):
            message = f"`{node.name}` without a test needs true or false, and {what} is {described(tested)}"
            help = f"name a test: `{FILTERS[node.name].example}`"
            inference.report("AF436", message, node.name_start, node.name_end, None, help)
        return Array(elements)
    named = node.arguments[position]
    assert isinstance(named, s.Literal)
    rest = list(arguments.values())[position + 1 :]
    check_test(inference, str(named.value), Operand(tested, None, what), rest,
               (named.start, named.start, named.end, node.arguments[-1].end))  # fmt: skip
    return Array(elements)


def _mapped(inference: Inference, node: s.Filter, elements: Type, arguments: Arguments) -> Type:
    if not node.arguments:
        found = _attribute(inference, arguments["attribute"], elements) if "attribute" in arguments else ANY
        return union(found, arguments["default"].type) if "default" in arguments else found
    named = node.arguments[0]
    assert isinstance(named, s.Literal)
    name = str(named.value)
    function, signature = FILTERS[name], FILTER_SIGNATURES[name]
    rest = list(arguments.values())[1:]
    given = {parameter: argument.type for parameter, argument in zip(function.parameters, rest, strict=False)}
    if name in ("int", "float", "bool") and given:
        signature = Signature()
    if signature.value and not may_be(elements, signature.value):
        inference.report("AF436", f"`{name}` needs {kinds_text(signature.value)}, and each element here is"
                         f" {described(elements)}", named.start, named.end)  # fmt: skip
        return ANY
    return _result(name, elements, given, items_of(elements) if "array" in kinds(elements) else ANY)


# Results


def _result(name: str, value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    made = made_of(name, value) if not arguments else None
    if made:
        return union(*map(of_value, made))
    rule = _RESULTS.get(name)
    if rule is not None:
        return rule(value, arguments, elements)
    return PLAIN[FILTERS[name].result]


_Rule = Callable[[Type, Mapping[str, Type], Type], Type]


def _cast(found: Type) -> _Rule:
    return lambda value, arguments, elements: union(found, *arguments.values())


def _element(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    """Of an array an element, of a text a character."""
    return union(*(STRING if option.kind == "string" else items_of(option)
                   for option in options(value) if option.kind in ("string", "array", "any")))  # fmt: skip


def _same_array(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    return Array(items_of(value))


def _reversed(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    return union(*(STRING if option.kind == "string" else option
                   for option in options(value) if option.kind in ("string", "array", "any")))  # fmt: skip


def _listed(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    inner = []
    for option in options(value):
        if option.kind in ("array", "any"):
            inner.append(items_of(option))
        elif option.kind in ("string", "object"):
            inner.append(STRING)
    return Array(union(*inner))


def _pairs(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    return Array(Object({"key": STRING, "value": _field(value)}, closed=True))


def _field(value: Type) -> Type:
    """Any field of any of its objects."""
    return union(*(every_field(option) if isinstance(option, Object) else ANY
                   for option in options(value) if option.kind in ("object", "any")))  # fmt: skip


def _absolute(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    return INTEGER if kinds(value) == {"integer"} else NUMBER


def _sum(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    start = arguments.get("start", INTEGER)
    if not may_be(start, ("integer", "number")):
        return ANY
    return INTEGER if kinds(elements) == {"integer"} and kinds(start) == {"integer"} else NUMBER


def _batch(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    inner = items_of(value)
    return Array(Array(union(inner, arguments["fill"]) if "fill" in arguments else inner))


def _flat(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    if "depth" in arguments:
        return ANY_ARRAY
    inner = items_of(value)
    return Array(union(*(option.items if isinstance(option, Array) else option for option in options(inner))))


def _groups(value: Type, arguments: Mapping[str, Type], elements: Type) -> Type:
    key = union(elements, arguments["default"]) if "default" in arguments else elements
    return Array(Object({"grouper": key, "list": Array(items_of(value))}, closed=True))


_RESULTS: Mapping[str, _Rule] = {
    "int": _cast(INTEGER), "float": _cast(NUMBER), "bool": _cast(PLAIN["boolean"]), "abs": _absolute, "sum": _sum,
    "split": lambda *_: TEXTS, "lines": lambda *_: TEXTS, "keys": lambda *_: TEXTS, "items": _pairs,
    "values": lambda value, arguments, elements: Array(_field(value)), "list": _listed, "first": _element,
    "last": _element, "min": _element, "max": _element, "sort": _same_array, "unique": _same_array,
    "reverse": _reversed, "batch": _batch, "flatten": _flat, "groupby": _groups,
}  # fmt: skip
