"""JSON from outside, read strictly."""

from __future__ import annotations

import json

import pytest

from agentflow_cli.foundation.strict_json import read_json


@pytest.mark.parametrize("text", ['{"a": [1, 2.5, null, true, "x"]}', b'"\xc3\xbc"', "-0", "1e10"])
def test_json_is_read_as_it_is(text: str | bytes) -> None:
    assert read_json(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NaN", "`NaN` is not JSON"),
        ("[-Infinity]", "`-Infinity` is not JSON"),
        ('{"x": 1e999}', "too large"),
        ("9" * 5000, "5000 digits"),
        ("[" * 100_000, "too deeply"),
        ('{"a": 1, "a": 2}', "`a` twice"),
        ("{", "Expecting property name"),
        (b"\xff", "invalid start byte"),
    ],
)
def test_what_cannot_be_kept_or_trusted_is_refused(text: str | bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_json(text)


def test_a_key_may_stand_twice_where_the_caller_says_so() -> None:
    assert read_json('{"a": 1, "a": 2}', distinct_keys=False) == {"a": 2}
