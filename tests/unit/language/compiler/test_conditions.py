"""What is concluded from a condition holds for every value that its names can have."""

import itertools
import random

import pytest

from agentflow_cli.language.compiler.control_flow.conditions import alternatives_of, text_of
from agentflow_cli.language.compiler.control_flow.contradictions import conflict, possible
from agentflow_cli.language.expressions.problem import EvaluationError
from agentflow_cli.language.expressions.template import evaluate_condition

MODES = ["full", "quick", "none"]
COUNTS = [-1, 0, 1, 2, 3.5, 10]
FLAGS = [True, False]
NAMES = [[], ["a"], ["a", "b"]]


def listed(node):
    return {"inputs.mode": MODES, "inputs.flag": FLAGS}.get(text_of(node))


def leaf(chance: random.Random) -> str:
    operator = chance.choice(["==", "!=", "<", "<=", ">", ">="])
    match chance.randrange(7):
        case 0:
            return f"inputs.mode {chance.choice(['==', '!='])} '{chance.choice(MODES)}'"
        case 1:
            some = chance.sample(MODES, chance.randint(1, 3))
            return f"inputs.mode {chance.choice(['in', 'not in'])} {some}"
        case 2:
            return f"inputs.count {operator} {chance.choice(COUNTS)}"
        case 3:
            return chance.choice(["inputs.flag", "not inputs.flag", "inputs.flag == true", "inputs.flag is not none"])
        case 4:
            return f"inputs.names | length {operator} {chance.randint(-1, 3)}"
        case 5:
            return f"inputs.count {operator} inputs.other"
    return f"{chance.randint(0, 2)} {operator} inputs.count {chance.choice(['<', '<='])} {chance.randint(1, 3)}"


def condition(chance: random.Random, depth: int = 3) -> str:
    if depth == 0 or chance.random() < 0.25:
        return leaf(chance)
    one, other = condition(chance, depth - 1), condition(chance, depth - 1)
    return chance.choice(
        [f"({one}) and ({other})", f"({one}) or ({other})", f"not ({one})", f"(({one}) if ({other}) else ({one}))"]
    )


WORLDS = [
    {"inputs": {"mode": mode, "count": count, "other": other, "flag": flag, "names": names}}
    for mode, count, other, flag, names in itertools.product(MODES, COUNTS, [0, 2], FLAGS, NAMES)
]


@pytest.mark.parametrize("part", range(4))
def test_what_is_called_impossible_is_never_true_and_never_false(part: int) -> None:
    chance = random.Random(part)
    found = 0
    for _ in range(250):
        text = condition(chance)
        true, false = alternatives_of(text), alternatives_of(text, False)
        if true is None or false is None:
            continue
        never, always = not possible(true, listed), not possible(false, listed)
        if never or always:
            found += 1
            assert {evaluate_condition(text, world) for world in WORLDS} <= {always}, text
    assert found > 10


@pytest.mark.parametrize(
    "text",
    [
        "inputs.a == 'x' and inputs.a == 'y'",
        "inputs.a == 'x' and not inputs.a == 'x'",
        "inputs.a in ['x', 'y'] and inputs.a in ['z']",
        "inputs.a == 1 and inputs.a == true",
        "inputs.a is none and inputs.a == 'x'",
        "inputs.a < 3 and inputs.a > 3",
        "inputs.a < inputs.b and inputs.b <= inputs.a",
        "inputs.a == inputs.b and inputs.b != inputs.a",
        "inputs['a'] == 'x' and inputs.a != 'x'",
        "inputs.a | upper == 'X' and inputs.a | upper == 'Y'",
        "inputs.a is defined and inputs.a is undefined",
        "inputs.a | length < 0",
        "'x' in ['y'] or 2 > 3",
        "inputs.a != inputs.a",
    ],
)
def test_contradictions_that_are_seen(text: str) -> None:
    true = alternatives_of(text)
    assert true is not None and not possible(true, lambda node: None)


@pytest.mark.parametrize(
    "text",
    [
        "inputs.a == 'x' or inputs.a == 'y'",
        "inputs.a == 1 and inputs.a == 1.0",
        "'x' in inputs.a and 'y' in inputs.a",
        "inputs.a > 'x' and inputs.a < 'z'",
        "inputs.a | lower == 'x' and inputs.a == 'X'",
        "inputs.a <= 3 and inputs.a >= 3",
        "inputs.a | length > 0 and inputs.a | length < 2",
        "inputs.a == 'unlisted'",
        "inputs.a[0] == 'x' and inputs.a[1] == 'y'",
        "'a' > 5",
    ],
)
def test_what_may_be_true_is_left_alone(text: str) -> None:
    true = alternatives_of(text)
    assert true is not None and possible(true, lambda node: ["x", 1, 3] if text_of(node) == "inputs.a" else None)


def test_a_condition_with_very_many_alternatives_is_left_alone() -> None:
    text = " and ".join(f"(inputs.a{n} or inputs.b{n})" for n in range(12))
    assert alternatives_of(text) is None


def test_the_facts_of_a_conflict_are_told_as_an_author_writes_them() -> None:
    true = alternatives_of("inputs.a == 'x' and inputs.b > 1 and inputs.a not in ['x', 'y']")
    assert true is not None
    facts = conflict(true[0], lambda node: None)
    assert facts is not None
    assert [fact.written for fact in facts] == ["inputs.a == 'x'", 'inputs.a not in ["x","y"]']


def test_a_condition_that_cannot_be_evaluated_is_no_alternative() -> None:
    with pytest.raises(EvaluationError):
        evaluate_condition("'a' > 5", {})
    assert alternatives_of("inputs.a ==") is None
