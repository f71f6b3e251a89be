"""The filters, tests and functions of the language: one table, read by the evaluator, the checks and `explain`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions import filters_convert as convert
from agentflow_cli.language.expressions import filters_list as lists
from agentflow_cli.language.expressions import filters_text as text
from agentflow_cli.language.expressions import predicates as p


class Function(NamedTuple):
    """A filter, test or function. `parameters` are the names after the value; the last `optional` may be left out."""

    name: str
    summary: str
    example: str
    """An expression over literals; a test evaluates it."""
    example_value: Json
    parameters: tuple[str, ...] = ()
    optional: int = 0
    result: str = "any"
    """The JSON Schema type of the result, `any` when it depends, `number` for either."""
    implementation: Callable[..., Json] | None = None
    """None for those that the evaluator does itself: they need to see a missing value, or name another function."""

    @property
    def signature(self) -> str:
        """`replace(old, new, count?)`."""
        required = len(self.parameters) - self.optional
        names = [name if position < required else f"{name}?" for position, name in enumerate(self.parameters)]
        return f"{self.name}({', '.join(names)})" if names else self.name


def _table(*functions: Function) -> Mapping[str, Function]:
    return {function.name: function for function in functions}


_F = Function
_ATTRIBUTE = ("case_sensitive", "attribute")

FILTERS = _table(
    _F("default", "another value where this one is missing", "inputs.nothing | default('none')", "none",
       ("value",), 0),
    # Of anything
    _F("length", "characters, elements or keys", "['a', 'b'] | length", 2, (), 0, "integer", lists.length),
    _F("tojson", "the value as JSON text", "{'a': [1, true]} | tojson", '{"a": [1, true]}',
       ("indent",), 1, "string", convert.to_json_text),
    _F("fromjson", "the value that JSON text says", "'[1, 2]' | fromjson", [1, 2],
       (), 0, "any", convert.from_json_text),
    _F("string", "a number or boolean as text", "1.5 | string", "1.5", (), 0, "string", convert.to_text),
    _F("int", "a whole number; the argument where that is impossible", "'12' | int", 12,
       ("default",), 1, "any", convert.to_integer),
    _F("float", "a number; the argument where that is impossible", "'1.5' | float", 1.5,
       ("default",), 1, "any", convert.to_float),
    _F("bool", "`true` or `false` from text; the argument where that is impossible", "'true' | bool", True,
       ("default",), 1, "any", convert.to_boolean),
    # Numbers
    _F("round", "rounded to `precision` digits, by 'common', 'ceil' or 'floor'", "2.345 | round(1)", 2.3,
       ("precision", "method"), 2, "number", convert.round_number),
    _F("abs", "without its sign", "(-3) | abs", 3, (), 0, "number", convert.absolute),
    # Text
    _F("lower", "in small letters", "'Ab' | lower", "ab", (), 0, "string", text.lower),
    _F("upper", "in capital letters", "'Ab' | upper", "AB", (), 0, "string", text.upper),
    _F("capitalize", "the first letter a capital, the others small", "'aB c' | capitalize", "Ab c",
       (), 0, "string", text.capitalize),
    _F("title", "each word with a capital", "'a tale' | title", "A Tale", (), 0, "string", text.title),
    _F("trim", "without white space (or `chars`) at both ends", "'  a ' | trim", "a",
       ("chars",), 1, "string", text.trim),
    _F("replace", "`old` by `new`, everywhere or `count` times", "'a-b-c' | replace('-', '+')", "a+b+c",
       ("old", "new", "count"), 1, "string", text.replace),
    _F("truncate", "at most `length` characters, `end` where something was cut", "'abcdef' | truncate(4)", "abc…",
       ("length", "end"), 2, "string", text.truncate),
    _F("indent", "every line but the first moved right", "'a\\nb' | indent(2)", "a\n  b",
       ("width", "first"), 2, "string", text.indent),
    _F("split", "the parts between white space or `separator`", "'a,b' | split(',')", ["a", "b"],
       ("separator",), 1, "array", text.split),
    _F("lines", "the lines of a text", "'a\\nb' | lines", ["a", "b"], (), 0, "array", text.lines),
    _F("slugify", "small letters, digits and dashes", "'Ünit 1!' | slugify", "unit-1", (), 0, "string", text.slugify),
    _F("b64encode", "text as base64", "'hi' | b64encode", "aGk=", (), 0, "string", text.b64encode),
    _F("b64decode", "text from base64", "'aGk=' | b64decode", "hi", (), 0, "string", text.b64decode),
    # Objects
    _F("items", "the pairs of an object, as {key, value}", "{'a': 1} | items", [{"key": "a", "value": 1}],
       (), 0, "array", lists.items),
    _F("keys", "the keys of an object", "{'a': 1} | keys", ["a"], (), 0, "array", lists.keys),
    _F("values", "the values of an object", "{'a': 1} | values", [1], (), 0, "array", lists.values),
    # Lists
    _F("list", "the elements, keys or characters as an array", "'ab' | list", ["a", "b"],
       (), 0, "array", lists.to_list),
    _F("join", "the elements as one text", "[1, 'b'] | join(', ')", "1, b",
       ("separator", "attribute"), 2, "string", lists.join),
    _F("first", "the first element; missing when there is none", "[1, 2] | first", 1, (), 0, "any", lists.first),
    _F("last", "the last element; missing when there is none", "[1, 2] | last", 2, (), 0, "any", lists.last),
    _F("min", "the smallest element; missing when there is none", "[2, 1] | min", 1,
       _ATTRIBUTE, 2, "any", lists.smallest),
    _F("max", "the largest element; missing when there is none", "[2, 1] | max", 2,
       _ATTRIBUTE, 2, "any", lists.largest),
    _F("sum", "the sum of numbers", "[{'n': 1}, {'n': 2}] | sum(attribute='n')", 3,
       ("attribute", "start"), 2, "number", lists.total),
    _F("sort", "in order; text without regard to case unless `case_sensitive`", "['b', 'A'] | sort", ["A", "b"],
       ("reverse", *_ATTRIBUTE), 3, "array", lists.sort),
    _F("reverse", "from the end to the beginning", "[1, 2] | reverse", [2, 1], (), 0, "any", lists.reverse),
    _F("unique", "each once; text without regard to case unless `case_sensitive`", "[1, 2, 1] | unique", [1, 2],
       _ATTRIBUTE, 2, "array", lists.unique),
    _F("batch", "arrays of `size` elements; `fill` completes the last", "[1, 2, 3] | batch(2)", [[1, 2], [3]],
       ("size", "fill"), 1, "array", lists.batch),
    _F("flatten", "arrays inside the array opened, `depth` levels", "[[1], [2]] | flatten", [1, 2],
       ("depth",), 1, "array", lists.flatten),
    _F("groupby", "groups by an attribute, as {grouper, list}", "[{'k': 1}] | groupby('k')",
       [{"grouper": 1, "list": [{"k": 1}]}], ("attribute", "default"), 1, "array", lists.groupby),
    # Naming another filter or test
    _F("map", "each element through a filter, or its `attribute`", "[{'n': 1}] | map(attribute='n')", [1],
       ("filter", "…"), 2, "array"),
    _F("select", "the elements that pass a test", "[1, 2, 3] | select('odd')", [1, 3], ("test", "…"), 1, "array"),
    _F("reject", "the elements that do not pass a test", "[1, 2, 3] | reject('odd')", [2], ("test", "…"), 1, "array"),
    _F("selectattr", "the elements whose attribute is true, or passes a test",
       "[{'n': 1}, {'n': 2}] | selectattr('n', 'gt', 1)", [{"n": 2}], ("attribute", "test", "…"), 2, "array"),
    _F("rejectattr", "the elements whose attribute is false, or does not pass a test",
       "[{'n': 1}, {'n': 2}] | rejectattr('n', 'gt', 1)", [{"n": 1}], ("attribute", "test", "…"), 2, "array"),
)  # fmt: skip

TESTS = _table(
    _F("defined", "whether there is a value", "inputs.nothing is defined", False, (), 0, "boolean", p.defined),
    _F("undefined", "whether the value is missing", "inputs.nothing is undefined", True, (), 0, "boolean", p.undefined),
    _F("none", "whether it is null", "none is none", True, (), 0, "boolean", p.none),
    _F("string", "whether it is text", "'a' is string", True, (), 0, "boolean", p.string),
    _F("number", "whether it is a number", "1.5 is number", True, (), 0, "boolean", p.number),
    _F("integer", "whether it is a whole number", "1.5 is integer", False, (), 0, "boolean", p.integer),
    _F("boolean", "whether it is true or false", "false is boolean", True, (), 0, "boolean", p.boolean),
    _F("mapping", "whether it is an object", "{} is mapping", True, (), 0, "boolean", p.mapping),
    _F("sequence", "whether it is an array", "[] is sequence", True, (), 0, "boolean", p.sequence),
    _F("empty", "whether a text, array or object has nothing in it", "[] is empty", True, (), 0, "boolean", p.empty),
    _F("even", "whether two divides it", "2 is even", True, (), 0, "boolean", p.even),
    _F("odd", "whether two does not divide it", "2 is odd", False, (), 0, "boolean", p.odd),
    _F("divisibleby", "whether a number divides it", "6 is divisibleby(3)", True,
       ("divisor",), 0, "boolean", p.divisibleby),
    _F("eq", "equal", "1 is eq(1)", True, ("other",), 0, "boolean", p.eq),
    _F("ne", "not equal", "1 is ne(1)", False, ("other",), 0, "boolean", p.ne),
    _F("lt", "less", "1 is lt(2)", True, ("other",), 0, "boolean", p.lt),
    _F("le", "less or equal", "1 is le(1)", True, ("other",), 0, "boolean", p.le),
    _F("gt", "greater", "1 is gt(2)", False, ("other",), 0, "boolean", p.gt),
    _F("ge", "greater or equal", "1 is ge(1)", True, ("other",), 0, "boolean", p.ge),
    _F("in", "whether it is an element, a part or a key", "'a' is in(['a'])", True, ("values",), 0, "boolean", p.is_in),
    _F("contains", "whether it has an element, a part or a key", "['a'] is contains('a')", True,
       ("value",), 0, "boolean", p.has),
    _F("startswith", "how a text begins", "'abc' is startswith('ab')", True,
       ("beginning",), 0, "boolean", p.startswith),
    _F("endswith", "how a text ends", "'abc' is endswith('bc')", True, ("ending",), 0, "boolean", p.endswith),
)  # fmt: skip

FUNCTIONS = _table(
    _F("coalesce", "the first argument that is neither missing nor null", "coalesce(inputs.nothing, none, 'c')", "c",
       ("value", "…"), 1),
)  # fmt: skip

ALIASES: Mapping[str, str] = {
    "d": "default", "count": "length", "len": "length", "size": "length", "json": "tojson", "to_json": "tojson",
    "from_json": "fromjson", "parse_json": "fromjson", "str": "string", "strip": "trim", "lowercase": "lower",
    "uppercase": "upper", "filter": "select", "sorted": "sort", "uniq": "unique", "splitlines": "lines",
    "dictsort": "items", "number": "float", "integer": "int", "boolean": "bool", "e": "tojson", "escape": "tojson",
    "b64": "b64encode", "base64": "b64encode", "equalto": "eq", "sameas": "eq", "==": "eq", "!=": "ne", ">": "gt",
    ">=": "ge", "<": "lt", "<=": "le", "null": "none", "iterable": "sequence", "array": "sequence", "list": "sequence",
    "object": "mapping", "dict": "mapping", "bool": "boolean", "int": "integer", "lessthan": "lt", "greaterthan": "gt",
    "match": "contains", "true": "eq", "false": "eq", "float": "number", "exists": "defined", "present": "defined",
}  # fmt: skip
"""What people write who come from elsewhere → our name, for suggestions only: there is one spelling for each thing."""
