"""Values that are not there."""

import pytest

from agentflow_cli.language.expressions.template import EvaluationError, compile_template, evaluate_condition

SCOPE = {
    "inputs": {"name": "Ann", "xs": []},
    "steps": {
        "fetch": {"status": "succeeded", "output": {"title": "T", "rows": [{"a": 1}]}},
        "gone": {"status": "skipped"},
        "late": {"status": "failed", "error": {"kind": "timeout", "message": "m"}},
    },
    "env": {"HOME": "/h"},
}


def value(expression):
    return compile_template(f"${{{{ {expression} }}}}").evaluate(SCOPE)


@pytest.mark.parametrize(
    ("expression", "message", "hint", "at"),
    [
        ("steps.fetch.output.titel", "`steps.fetch.output` has no field `titel`", "did you mean `title`?", "titel"),
        ("steps.gone.output.x", "step `gone` has no output: it is skipped", "default", "output"),
        ("steps.fetch.output.rows[3]", "`steps.fetch.output.rows` has 1 elements, and no number 3", None, "3"),
        ("steps.fetch.output.rows.a", "is an array, and has no field `a`", "rows[0].a", "a"),
        ("inputs.nam", "there is no input `nam`", "did you mean `name`?", "nam"),
        ("env.PATHS", "there is no environment variable `PATHS`", "HOME", "PATHS"),
        ("steps.fetch.output.title.x", "is a string, and has no field `x`", None, "x"),
        ("nothing.at.all", "there is no `nothing` here", None, "nothing"),
        ("inputs.xs | first", "there are no elements", "default", "inputs.xs | first"),
        ("[steps.gone.output]", "has no output", None, "output"),
    ],
)
def test_a_missing_value_is_an_error_that_says_what_is_there(expression, message, hint, at):
    text = f"${{{{ {expression} }}}}"
    with pytest.raises(EvaluationError) as caught:
        compile_template(text).evaluate(SCOPE)
    assert message in str(caught.value)
    assert hint is None or hint in caught.value.hint
    assert text[caught.value.start : caught.value.end] == at


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("steps.gone.output | default('-')", "-"),
        ("steps.gone.output.a.b[3] | default('-')", "-"),
        ("steps.gone.output.a | upper | trim | default('-')", "-"),
        ("inputs.xs | first | default(0)", 0),
        ("steps.nobody.output | default(steps.fetch.output.title)", "T"),
        ("a | default(b | default('c'))", "c"),
        ("coalesce(steps.gone.output.x, inputs.zz, 'x')", "x"),
        ("coalesce(none, steps.gone.output, none)", None),
        ("steps.gone.output.a is defined", False),
        ("steps.gone.output is undefined", True),
        ("steps.fetch.output.title is defined", True),
        ("(steps.gone.output if true else 1) | default('-')", "-"),
        ("none | default('x')", None),
        ("steps.late.error.kind", "timeout"),
        ("steps.gone.error.kind | default('fine')", "fine"),
    ],
)
def test_a_chain_may_be_missing_from_any_link_on_where_a_fall_back_stands(expression, expected):
    assert value(expression) == expected


@pytest.mark.parametrize(
    "expression",
    ["(steps.gone.output + 1) | default(0)", "coalesce(a, b)", "1 | default(steps.gone.output) + steps.gone.output"],
)
def test_a_fall_back_covers_only_its_own_chain(expression):
    with pytest.raises(EvaluationError):
        value(expression)


def test_conditions_are_true_or_false_or_an_error():
    assert evaluate_condition("steps.fetch.output.title == 'T'", SCOPE) is True
    assert evaluate_condition("${{ steps.gone.status == 'succeeded' and steps.gone.output.x > 1 }}", SCOPE) is False
    for text, kind in [
        ("inputs.name", "a string"), ("inputs.xs", "an array"), ("1", "an integer"), ("none", "null"),
        ("inputs.xs or true", "an array"), ("not inputs.name", "a string"), ("inputs.name and true", "a string"),
        ("1 if inputs.name else 2", "a string"),
    ]:  # fmt: skip
        with pytest.raises(EvaluationError) as caught:
            evaluate_condition(text, SCOPE)
        assert kind in str(caught.value)


def test_what_a_condition_does_not_reach_is_not_evaluated():
    assert evaluate_condition("true or steps.gone.output", SCOPE) is True
    assert value("1 if true else steps.gone.output") == 1
