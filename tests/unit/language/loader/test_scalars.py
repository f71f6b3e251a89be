from __future__ import annotations

import pytest

from tests.unit.language.loader.reading import codes, data


@pytest.mark.parametrize(
    "text", ["on", "off", "yes", "no", "NO", "12:30", "1_000", "2026-11-21", "0o9", "1.2.3", "+", "."]
)
def test_what_yaml_1_1_would_have_changed_stays_a_string(text: str) -> None:
    assert data(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("12", 12), ("-3", -3), ("+4", 4),
        ("0x1F", 31), ("0o17", 15), ("1e3", 1000.0), ("1.5", 1.5), (".5", 0.5), ("-1.", -1.0), ("'12'", "12"),
        ('"true"', "true"), ("9223372036854775807", 2**63 - 1),
    ],
)  # fmt: skip
def test_plain_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    read = data(f"a: {text}")["a"]
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.Inf", ".nan", "1e999", str(2**63), str(-(2**63) - 1), "9" * 5000])
def test_numbers_that_json_cannot_hold_are_refused(text: str) -> None:
    assert codes(f"a: 1\nb: {text}\n") == [("AF115", 2, 4)]


def test_leading_zeros_are_warned_about_and_read_as_decimal() -> None:
    assert codes("a: 012\n") == [("AF116", 1, 4)]
