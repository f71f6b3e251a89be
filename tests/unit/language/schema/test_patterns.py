"""A pattern that Python would try for ever is judged by another engine, and everything else as before."""

from __future__ import annotations

import re
import time

import pytest

from agentflow_cli.language.schema.patterns import effort, for_other_engines
from agentflow_cli.language.schema.validator import matches, schema_fault, violations
from agentflow_cli.language.schema.value_problems import value_problems


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "^(a|aa)*$", "^(a|aa){60}$", "^(a?){60}b", "^(?P<x>a+)+$", "(?i)^(a+)+$", r"\A(a*)*\Z", "^(?=(a+)+$)b"],
)
def test_a_value_from_a_model_cannot_hang_a_run_by_its_schemas_pattern(pattern: str) -> None:
    begin = time.process_time()
    assert value_problems({"type": "string", "pattern": pattern}, "a" * 50 + "!")
    assert violations({"type": "object", "patternProperties": {pattern: False}}, {"a" * 50 + "!": 1}) == []
    assert violations({"additionalProperties": False, "patternProperties": {pattern: {}}}, {"a" * 50 + "!": 1})
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("pattern", ["a*a*a*a*!b", ".*.*.*x", r"\s+$", "(a|b)+c"])
def test_many_repeats_one_after_the_other_do_not_hang_with_a_long_value(pattern: str) -> None:
    begin = time.process_time()
    assert not matches({"pattern": pattern}, " a" * 20_000 + "!")
    assert value_problems({"pattern": pattern}, " a" * 20_000 + "!")
    assert time.process_time() - begin < 2


def test_a_value_that_fits_a_costly_pattern_is_accepted() -> None:
    slug = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
    assert matches(slug, "a-long-slug-of-many-words-42")
    assert not matches(slug, "a-long-slug-of-many--words")
    assert matches({"pattern": "(?i)^[a-z]+(-[a-z]+)*$"}, "A-Long-Slug-Of-Many-Words")
    assert violations({"pattern": "(?i)^[a-z]+(-[a-z]+)*$"}, "A-Long-Slug-Of-Many-Words") == []


def test_an_endless_pattern_that_only_python_can_read_is_refused() -> None:
    fault = schema_fault({"type": "string", "pattern": "^((?>a|ab)+)+$"})
    assert fault is not None and fault[0] == ("pattern",) and "for ever" in fault[1]
    assert schema_fault({"type": "string", "pattern": "^(?>a|ab)c$"}) is None


@pytest.mark.parametrize("pattern", ["^[a-z]+$", r"^\d{4}-\d{2}-\d{2}$", "^(red|green|blue)$", r"^\w+@\w+$", "[)*(+]x"])
def test_everyday_patterns_are_cheap(pattern: str) -> None:
    assert effort(pattern).is_small(30)


def test_what_only_python_writes_in_its_own_way_is_told_as_others_do() -> None:
    assert for_other_engines(r"(?i)\A(?P<x>a)\\A\Z") == r"(?i:^(?<x>a)\\A$)"


def test_fields_that_no_pattern_allows_are_told_as_the_library_tells_them() -> None:
    schema = {"properties": {"a": {}}, "patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False}
    found = violations(schema, {"a": 1, "x1": 2, "b": 3})
    assert [(v.path, v.keyword) for v in found] == [(("x1",), "type"), ((), "additionalProperties")]
    found = violations({"additionalProperties": {"type": "string"}}, {"b": 3})
    assert [(v.path, v.keyword) for v in found] == [(("b",), "type")]


def test_the_estimate_is_never_below_what_re_needs() -> None:
    for pattern in ("a?" * 30 + "a" * 30, "(a|a)" * 30 + "b", "(a*)*b", "a*" * 10 + "b"):
        assert re.compile(pattern) and not effort(pattern).is_small(30)
