"""What is wrong with a source string, and exactly where."""

import random

import pytest

from agentflow_cli.language.expressions.template import ExpressionErrors, compile_bare, compile_template


def problems(text, compile=compile_template):
    with pytest.raises(ExpressionErrors) as caught:
        compile(text)
    return [(p.code, text[p.start : p.end], p.message, p.help or "") for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "code", "at", "said"),
    [
        ("a ${{ inputs.x", "AF402", "${{", "`$${{`"),
        ("a ${{ inputs.x b ${{ inputs.y }}", "AF402", "${{", ""),
        ("{% if true", "AF402", "{%", "%}"),
        ("a {{ inputs.x }} b", "AF403", "{{ inputs.x }}", "write `${{ inputs.x }}`"),
        ("a ${ inputs.x } b", "AF404", "${ inputs.x }", "write `${{ inputs.x }}`"),
        ("${{ a && b }}", "AF405", "&&", "write `and`"),
        ("${{ a || b }}", "AF405", "||", "write `or`"),
        ("${{ !a }}", "AF405", "!", "write `not`"),
        ("${{ a === b }}", "AF405", "===", "write `==`"),
        ("${{ a = b }}", "AF405", "=", "write `==`"),
        ("${{ a ? 1 : 2 }}", "AF405", "?", "if CONDITION else"),
        ("${{ }}", "AF401", "${{ }}", ""),
        ("${{ a + }}", "AF401", "+", ""),
        ("${{ a b }}", "AF401", "b", "operator"),
        ("é ${{ a.b c }}", "AF401", "c", ""),
        ("${{ 'abc }}", "AF401", "'", "close it with '"),
        ("${{ (a }}", "AF401", "(", ""),
        ("${{ a) }}", "AF401", ")", ""),
        ("${{ a, b }}", "AF401", ",", ""),
        ("${{ a # b }}", "AF401", "#", ""),
        ("${{ a.b | }}", "AF401", "|", ""),
        ("${{ 1 if true }}", "AF401", "true", "else"),
        ("${{ a[1:2:3] }}", "AF401", "[", ""),
        ("${{ steps[inputs.x] }}", "AF411", "inputs.x", "steps.ID"),
        ("{% set x = 1 %}", "AF406", "set", "tags are"),
        ("{% if true %}x{% endfor %}", "AF406", "{% endfor %}", "endif"),
        ("{% endif %}", "AF406", "{% endif %}", ""),
        ("{% elseif x %}", "AF406", "elseif", "did you mean `elif`?"),
        ("{% if a %}b{% esle %}c{% endif %}", "AF406", "esle", "did you mean `else`?"),
        ("{% fro x in xs %}${{ x }}{% endfor %}", "AF406", "fro", "did you mean `for`?"),
        ("{% for x in xs %}${{ x }}{% endfr %}", "AF406", "endfr", "did you mean `endfor`?"),
        ("{% foreach x in xs %}${{ x }}{% endfor %}", "AF406", "foreach", "did you mean `for`?"),
        ("{% if a %}b{% fi %}", "AF406", "fi", "did you mean `endif`?"),
        ("{% edif %}", "AF406", "edif", "did you mean `endif`?"),
        ("{% for x in xs %}{% if x %}{% endfor %}", "AF406", "{% if x %}", "endif"),
        ("{% if a %}b{% endfor %}", "AF406", "{% endfor %}", "endif"),
        ("{% for a, b in xs %}{% endfor %}", "AF406", "{% for a, b in xs %}", "items"),
        ("{% for steps in xs %}{% endfor %}", "AF406", "steps", "another name"),
        ("{% if a %}{% else b %}{% endif %}", "AF406", "{% else b %}", "elif"),
    ],
)
def test_each_mistake_has_its_code_its_place_and_its_fix(text, code, at, said):
    found = problems(text)
    assert (code, at) in [(c, a) for c, a, _, _ in found]
    assert any(said in help for c, _, _, help in found if c == code)


@pytest.mark.parametrize(
    "text",
    [
        "{% if a %}b{% esle %}c{% endif %}",
        "{% fro x in xs %}${{ x }}{% endfor %}",
        "{% for x in xs %}${{ x }}{% endfr %}",
        "{% foreach x in xs %}${{ x }}{% endfor %}",
        "{% edif %}",
        "{% for x in xs %}{% if x %}{% endfor %}",
        "{% for x in xs %}{% if x %}{% if x %}{% endif %}{% endfor %}",
        "{% if a %}b{% endfor %}",
        "{% for x in xs %}b{% endif %}",
    ],
)
def test_one_slip_in_a_block_is_told_once(text):
    assert len(problems(text)) == 1


@pytest.mark.parametrize("text", ["{% form 'login' %}", "{% or %}", "{% page %}", "{% comment %}", "{% fork %}", "{%"])
def test_tags_of_other_languages_that_are_no_slip_are_text(text):
    assert compile_template(text).evaluate({}) == text


def test_all_problems_of_a_text_are_reported_in_order():
    found = problems("${{ a && b }} {{ x }} ${{ a | nope }} ${{ c d }}")
    assert [(code, at) for code, at, _, _ in found] == [
        ("AF405", "&&"), ("AF403", "{{ x }}"), ("AF407", "nope"), ("AF401", "d"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "at", "fixed"),
    [
        ("${{ a }} == 1", "== 1", "a == 1"),
        ("not ${{ a }}", "${{", "not a"),
        ("${{ a }} and ${{ b }}", "and ${{ b }}", "a and b"),
    ],
)
def test_a_bare_expression_is_wrapped_wholly_or_not_at_all(text, at, fixed):
    [(code, where, _, help)] = problems(text, compile_bare)
    assert (code, where.strip()) == ("AF412", at) and f"`{fixed}`" in help


def test_a_wrapped_bare_expression_keeps_its_places():
    assert compile_bare("  ${{ 1 + 1 }} \n").evaluate({}) == 2
    assert compile_bare("${{ {'a': {'b': 1}}.a.b }}").evaluate({}) == 1
    [(code, where, _, _)] = problems("  ${{ a b }}", compile_bare)
    assert (code, where) == ("AF401", "b")


@pytest.mark.filterwarnings("ignore:invalid escape")
def test_any_garbled_text_gives_problems_inside_it_or_a_template():
    seed = "x ${{ steps.a.output[0].b | default('q') }} {% for i in inputs.xs %}${{ i ~ \"}}\" }}{% endfor %} $${{"
    pieces = ["${{", "}}", "{%", "%}", "'", '"', "(", ")", "[", "]", "|", ".", " if ", " in ", "for", "\\", "é", "\n",
              "\0",
              "endif", "{{", "1e9", "*", "-", "\r\n", "is", "not", "{", "}"]  # fmt: skip
    chance = random.Random(7)
    for _ in range(1500):
        text = seed
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(pieces) + text[at + chance.randint(0, 3) :]
        for compile in (compile_template, compile_bare):
            try:
                template = compile(text)
            except ExpressionErrors as errors:
                assert errors.problems
                assert all(0 <= p.start < p.end <= len(text) for p in errors.problems), (text, errors.problems)
            else:
                assert all(text[r.start : r.start + len(r.root)] == r.root for r in template.references)
