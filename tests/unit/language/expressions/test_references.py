"""What a template reads, where, and how much it needs it."""

import pytest

from agentflow_cli.language.expressions.template import compile_bare, compile_template


def reads(text):
    return {".".join(map(str, (r.root, *r.path))): (r.optional, r.guarded) for r in compile_template(text).references}


def test_each_link_of_a_chain_has_its_characters():
    text = "see ${{ steps . reviw['out'][0].x | tojson }} and ${{ inputs.y }}"
    first, second = compile_template(text).references
    assert first.path == ("reviw", "out", 0, "x") and first.step == "reviw"
    assert [text[a:b] for a, b in first.segments] == ["steps", "reviw", "'out'", "0", "x"]
    assert text[first.start : first.end] == "steps . reviw['out'][0].x"
    assert text[second.start : second.end] == "inputs.y"


@pytest.mark.parametrize(
    ("expression", "optional"),
    [
        ("steps.a.output", False),
        ("steps.a.output | upper", False),
        ("steps.a.output.x | default(1)", True),
        ("steps.a.output | upper | default(1)", True),
        ("coalesce(steps.a.output, 1)", True),
        ("steps.a.output is defined", True),
        ("steps.a.output is undefined", True),
        ("steps.a.output is string", False),
        ("steps.a.status", True),
        ("steps.a.error.message", True),
        ("(steps.a.output + 1) | default(0)", False),
        ("1 | default(steps.a.output)", False),
        ("x[steps.a.output] | default(0)", False),
        ("x | join(steps.a.output) | default(0)", False),
    ],
)
def test_a_read_is_optional_under_a_fall_back_or_of_the_status(expression, optional):
    [reference] = [r for r in compile_template(f"${{{{ {expression} }}}}").references if r.root == "steps"]
    assert reference.optional is optional


def test_a_condition_guards_what_it_covers_and_no_more():
    assert reads("${{ steps.a.output if steps.a.status == 'succeeded' else steps.b.output }}") == {
        "steps.a.status": (True, False), "steps.a.output": (False, True), "steps.b.output": (False, False),
    }  # fmt: skip
    assert reads("{% if 'succeeded' == steps.a.status and true %}${{ steps.a.output }}{% endif %}")[
        "steps.a.output"
    ] == (False, True)
    assert reads("{% if steps.a.status == 'succeeded' or true %}${{ steps.a.output }}{% endif %}")[
        "steps.a.output"
    ] == (False, False)
    assert compile_bare("steps.a.status == 'succeeded' and (steps.b.output is defined)").guards == {"a", "b"}
    assert compile_bare("not (steps.a.status == 'succeeded')").guards == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "${{ 'none' if steps.a.output is not defined else steps.a.output.x }}",
        "${{ 'none' if steps.a.status != 'succeeded' else steps.a.output.x }}",
        "${{ steps.a.output is undefined or steps.a.output.x > 1 }}",
        "${{ 'none' if steps.a.exit_code is not defined else steps.a.output.x }}",
        "${{ steps.a.output.x if steps.a.stderr is defined else 'none' }}",
        "${{ steps.a.output.x if steps.a.status is eq('succeeded') else 'none' }}",
        "${{ 'none' if steps.a.status is ne('succeeded') else steps.a.output.x }}",
        "${{ not (steps.a.output is defined and true) or inputs.b or steps.c.status == 'failed' or steps.a.output.x }}",
        "{% if steps.a.output is not defined %}none{% elif steps.a.output.x > 1 %}many{% else %}${{ steps.a.output.x }}"
        "{% endif %}",
    ],
)
def test_a_condition_that_was_false_guards_too(text):
    found = [r for r in compile_template(text).references if r.root == "steps" and r.path == ("a", "output", "x")]
    assert found
    assert all(r.guarded for r in found)


@pytest.mark.parametrize(
    "condition",
    ["steps.a.error is not defined", "steps.a.status is ne('failed')", "steps.a.status is eq(inputs.wanted)",
     "steps.a.children is defined", "steps.a.status is eq('skipped')"],
)  # fmt: skip
def test_what_may_be_so_of_a_skipped_step_guards_nothing(condition):
    assert compile_bare(condition).guards == frozenset()


def test_what_only_one_side_of_an_or_says_guards_nothing():
    both = "steps.a.output is defined or steps.a.status == 'succeeded'"
    assert compile_bare(both).guards == {"a"}
    assert compile_bare("steps.a.output is defined or steps.b.output is defined").guards == frozenset()
    assert compile_bare("not (steps.a.output is undefined or steps.b.status != 'succeeded')").guards == {"a", "b"}


def test_loop_variables_are_not_reads_but_what_they_run_over_is():
    assert reads("{% for row in steps.a.output %}${{ row.x }}${{ loop.index }}${{ inputs.y }}{% endfor %}") == {
        "steps.a.output": (False, False), "inputs.y": (False, False),
    }  # fmt: skip


def test_every_kind_of_expression_is_searched():
    text = (
        "${{ [a, {'k': b}, -c, not d, e ~ f, g in h, i[j], k | join(l), m is eq(n), o[p:q], r if s else t, u and v] }}"
    )
    assert sorted(reads(text)) == sorted("abcdefghijklmnopqrstuv")
