"""What an expression or a text becomes."""

import pytest

from agentflow_cli.language.expressions.template import EvaluationError, compile_template, render_tree

SCOPE = {
    "inputs": {"name": "Ann", "count": 3, "xs": [1, 2, 3], "d": {"items": "mine", "a": None}, "on": True},
    "steps": {"fetch": {"status": "succeeded", "output": {"title": "T", "n": 3}}},
}


def value(text, **more):
    return compile_template(text).evaluate({**SCOPE, **more})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{ inputs.xs }}", [1, 2, 3]),
        ("  ${{ inputs.count }}\n", 3),
        ("${{ inputs.d.a }}", None),
        ("${{ inputs.on }}", True),
        ("n=${{ inputs.count }}, ${{ inputs.on }}, ${{ 1.5 }}", "n=3, true, 1.5"),
        ("${{ inputs.count }}${{ inputs.count }}", "33"),
        ("no markup", "no markup"),
    ],
)
def test_one_expression_alone_keeps_its_type_and_mixed_text_is_text(text, expected):
    found = value(text)
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize("text", ["1e3", "no", "007", "[1, 2]", "null", "true", "${{ inputs.x }}"])
def test_text_that_comes_from_data_is_never_read_again(text):
    assert value("${{ v }}", v=text) == text
    assert value("<${{ v }}>", v=text) == f"<{text}>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$${{ x }}", "${{ x }}"),
        ("{# kept #}", "{# kept #}"),
        ("{{ .Name }} {{.ID}}", "{{ .Name }} {{.ID}}"),
        ("${HOME} $X {% foo %} {}}", "${HOME} $X {% foo %} {}}"),
        ('{"a": {"b": ${{ inputs.count }}}}', '{"a": {"b": 3}}'),
        ("${{ '}}' ~ \"{{\" }}", "}}{{"),
        ("${{ {'a': {'b': 1}} | tojson }}!", '{"a": {"b": 1}}!'),
        ("${{ '{% if %}' }}", "{% if %}"),
    ],
)
def test_what_is_no_expression_stays_as_it_is(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x ${{ inputs.xs }}", "an array cannot stand in text; write `| tojson`"),
        ("x ${{ inputs.d }}", "an object cannot stand in text"),
        ("x ${{ inputs.d.a }}", "null cannot stand in text"),
    ],
)
def test_values_without_a_text_form_are_errors_at_their_place(text, said):
    with pytest.raises(EvaluationError) as caught:
        value(text)
    assert said in str(caught.value)
    assert text[caught.value.start : caught.value.end].startswith("inputs.")


def test_blocks_choose_and_repeat_and_leave_no_trace_of_their_lines():
    text = "start\n{% for x in inputs.xs %}\n- ${{ x }}{% if not loop.last %},{% endif %}\n\n{% endfor %}\nend"
    assert value(text) == "start\n- 1,\n\n- 2,\n\n- 3\n\nend"
    branch = "{% if inputs.count > 5 %}many{% elif inputs.count > 2 %}some{% else %}few{% endif %}"
    assert value(branch) == "some"
    assert value("{% for x in [] %}x{% else %}none{% endfor %}") == "none"
    assert value("a  {%- if true -%}  b  {%- endif -%}  c") == "abc"


def test_a_loop_variable_ends_with_its_loop_and_may_hide_the_item():
    assert value("{% for item in inputs.xs %}${{ item }}{% endfor %}${{ item }}", item="outer") == "123outer"


def test_a_tree_is_rendered_at_its_strings_and_its_keys_are_kept():
    tree = {"${{ k }}": ["${{ inputs.count }}", 1, None], "b": {"c": "x${{ inputs.name }}"}}
    assert render_tree(tree, SCOPE) == {"${{ k }}": [3, 1, None], "b": {"c": "xAnn"}}


def test_data_wins_over_methods():
    assert value("${{ inputs.d.items }}") == "mine"
    assert value("${{ inputs.d | items | map(attribute='key') }}") == ["items", "a"]


@pytest.mark.parametrize(
    "expression",
    ["inputs.__class__", "''.__class__", "inputs.xs.append", "inputs.name.format", "(1).real", "inputs['__class__']",
     "inputs.d.keys", "[].__init__", "inputs.xs | map(attribute='__class__')", "steps.fetch.__dict__"],
)  # fmt: skip
def test_no_attribute_of_python_is_in_reach(expression):
    with pytest.raises(EvaluationError):
        value(f"${{{{ {expression} }}}}")


def test_indexes_and_slices_work_on_arrays_and_texts():
    assert value("${{ inputs.xs[-1] }}") == 3
    assert value("${{ inputs.xs[1:] }}") == [2, 3]
    assert value("${{ inputs.name[:2] }}") == "An"
    assert value("${{ inputs['name'] ~ inputs.xs[inputs.count - 1] }}") == "Ann3"


def test_tuples_and_other_sequences_leave_as_plain_lists():
    assert value("${{ (1, 2) }}") == [1, 2] and type(value("${{ (1, 2) }}")) is list
    assert type(value("${{ v[:1] }}", v=(1, 2))) is list
