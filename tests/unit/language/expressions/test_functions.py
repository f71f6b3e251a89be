"""The table of filters, tests and functions."""

from contextlib import suppress

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agentflow_cli.language.expressions.functions import ALIASES, FILTERS, FUNCTIONS, TESTS
from agentflow_cli.language.expressions.template import EvaluationError, ExpressionErrors, compile_expression

TABLE = [*FILTERS.values(), *TESTS.values(), *FUNCTIONS.values()]


def value(expression, **scope):
    return compile_expression(expression).evaluate({"inputs": {}, **scope})


@pytest.mark.parametrize("function", TABLE, ids=lambda f: f.name)
def test_every_example_gives_what_the_table_says(function):
    assert value(function.example) == function.example_value


@pytest.mark.parametrize("function", TABLE, ids=lambda f: f.name)
def test_no_filter_or_test_fails_with_anything_but_an_evaluation_error(function):
    operator = "is" if function.name in TESTS and function not in FILTERS.values() else "|"
    if function.name in FUNCTIONS:
        return
    for operand in ("none", "true", "1", "1.5", "''", "'é'", "[]", "[1, 'a', none]", "{}", "{'a': []}", "[[], {}]"):
        for argument in ("none", "1", "-1", "'a'", "[]", "{}"):
            with suppress(EvaluationError, ExpressionErrors):
                value(f"{operand} {operator} {function.name}({', '.join([argument] * len(function.parameters))})")


@pytest.mark.parametrize(
    "expression",
    [
        "['b', 'A', 'c'] | sort",
        "['b', 'A'] | sort(reverse=true, case_sensitive=true)",
        "xs | sort(attribute='n')",
        "['a', 'A', 'b'] | unique | list",
        "['b', 'A'] | min",
        "['b', 'A'] | max(case_sensitive=true)",
        "xs | map(attribute='n') | list",
        "xs | map(attribute='z', default=0) | list",
        "xs | selectattr('n', 'gt', 1) | list",
        "xs | rejectattr('n', 'eq', 1) | list",
        "xs | selectattr('ok') | list",
        "[1, 2, 3] | select('odd') | list",
        "['a', 'b'] | map('upper') | list",
        "'a b-c (d' | title",
        "'  a ' | trim",
        "'xxaxx' | trim('x')",
        "42.55 | round(1, 'floor')",
        "42.4 | round",
        "2.5 | round",
        "-7 // 2",
        "-7 % 3",
        "'abc' | replace('b', 'x')",
        "[1, 2, 3] | sum",
        "xs | sum(attribute='n')",
        "[1, 2, 3, 4] | batch(3, 0) | list",
        "[1, 'a'] | join('-')",
        "xs | join(',', attribute='n')",
        "'abc' | list",
        "[1, 2] | first",
        "'abc' | last",
        "'abc' | reverse",
        "[3, 1] | reverse | list",
        "'3' | int + 1",
        "'1.5' | float",
        "'a\\nb' | indent(2)",
        "1 if 2 > 1 else 0",
        "'a' < 'b'",
        "1 < 2 < 3",
        "[1, 2][0]",
        "{'a': 1}['a']",
        "'abc'[1:]",
        "1 + 2 * 3 ** 2",
        "-2 ** 2",
        "not 1 == 2",
        "'a' ~ 1",
        "5 is divisibleby 5",
        "3 is odd",
        "'a' in 'abc'",
        "x.items",
    ],
)
def test_what_we_share_with_jinja2_means_the_same_there(expression):
    scope = {"xs": [{"n": 2, "ok": True}, {"n": 1, "ok": False}], "x": {"item": 1, "items": 7}}
    theirs = None
    if expression != "x.items":  # there, methods win over data
        environment = ImmutableSandboxedEnvironment()
        theirs = environment.compile_expression(expression)(**scope)
    assert value(expression, **scope) == (7 if expression == "x.items" else theirs)


def test_selecting_by_an_attribute_that_is_missing_names_the_element():
    with pytest.raises(EvaluationError, match="element 1 has no field `n`"):
        value("[{'n': 1}, {}] | selectattr('n', 'eq', 1)")
    assert value("[{'n': 1}, {}] | selectattr('n', 'defined')") == [{"n": 1}]
    assert value("[{'a': {'b': [5]}}] | map(attribute='a.b.0')") == [5]


def test_selecting_without_a_test_takes_booleans_alone():
    assert value("[{'u': true}, {'u': false}] | selectattr('u')") == [{"u": True}]
    with pytest.raises(EvaluationError, match="not true or false"):
        value("[{'u': 1}] | selectattr('u')")


def test_a_cast_that_cannot_be_made_is_an_error_without_a_fall_back():
    for expression in (
        "'x' | int",
        "'x' | float",
        "'x' | bool",
        "[] | int",
        "true | int",
        "none | string",
        "'1_0' | int",
    ):
        with pytest.raises(EvaluationError):
            value(expression)
    assert value("'x' | int(0)") == 0 and value("'x' | bool(default=false)") is False
    assert value("' 12 ' | int") == 12 and value("12.9 | int") == 12


def test_json_text_is_read_strictly():
    assert value("'{\"a\": [1, null]}' | fromjson") == {"a": [1, None]}
    for text in ('{"a": 1, "a": 2}', "NaN", "[1,]", ""):
        with pytest.raises(EvaluationError, match="it is not JSON"):
            value("x | fromjson", x=text)


@pytest.mark.parametrize(
    ("expression", "code", "said"),
    [
        ("x | uper", "AF407", "did you mean `upper`?"),
        ("x | count", "AF407", "did you mean `length`?"),
        ("x | startswith('a')", "AF407", "`startswith` is a test"),
        ("x is upper", "AF408", "`upper` is a filter"),
        ("x is numbr", "AF408", "did you mean `number`?"),
        ("xs | select('oddd')", "AF408", "did you mean `odd`?"),
        ("xs | selectattr('a', '==', 1)", "AF408", "did you mean `eq`?"),
        ("xs | map('uper')", "AF407", "did you mean `upper`?"),
        ("range(3)", "AF409", "write a list"),
        ("zip(3)", "AF409", "coalesce"),
        ("length(x)", "AF409", "`length` is a filter"),
        ("x.upper()", "AF409", "use the filter"),
        ("x.strip()", "AF409", "`… | trim(chars?)`"),
        ("x | replace('a')", "AF410", "replace(old, new, count?)"),
        ("x | upper(1)", "AF410", "write `upper`"),
        ("x | sort(reversed=true)", "AF410", "reverse"),
        ("xs | map(y)", "AF410", "in quotes"),
        ("xs | map", "AF410", "map('upper')"),
        ("xs | map('default', 1)", "AF410", ""),
        ("coalesce()", "AF410", "coalesce(value, …?)"),
        ("f(*xs)", "AF410", ""),
    ],
)
def test_wrong_names_and_arguments_are_found_before_anything_runs(expression, code, said):
    with pytest.raises(ExpressionErrors) as caught:
        compile_expression(expression)
    assert [p.code for p in caught.value.problems] == [code]
    assert said in (caught.value.problems[0].help or "") + caught.value.problems[0].message


def test_every_alias_leads_to_something_that_is_there():
    assert all(name in FILTERS or name in TESTS for name in ALIASES.values())
