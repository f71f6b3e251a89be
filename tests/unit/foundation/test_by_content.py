"""Answers about JSON values that are found again."""

from __future__ import annotations

import itertools

from agentflow_cli.foundation.by_content import ByContent
from agentflow_cli.language.schema.validator import schema_fault


def test_a_value_written_in_the_same_way_is_worked_out_once() -> None:
    calls = itertools.count(1)
    answer = ByContent(lambda value: next(calls))
    assert [answer({"a": [1]}), answer({"a": [1]}), answer({"a": [1.0]}), answer({"a": [True]})] == [1, 1, 2, 3]


def test_what_is_no_json_is_worked_out_each_time() -> None:
    calls = itertools.count(1)
    answer = ByContent(lambda value: next(calls))
    assert [answer({1j}), answer({1j})] == [1, 2]


def test_the_fault_of_a_schema_is_told_again() -> None:
    assert schema_fault({"type": 1}) is not None
    assert schema_fault({"type": 1}) == schema_fault({"type": 1})
    assert schema_fault({"type": "object"}) is None
