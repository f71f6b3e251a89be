"""Adding to a hand-written JSON file: what is added is there, and every other character stays."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_cli.foundation.jsonc import UnclearError, add_members, read_jsonc

NEW = {"./a.json": ["a/*.yaml"], "./b.json": ["b.yaml"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        " {\n}\n",
        '{"editor.tabSize": 4}',
        '{\n\t"a": [1, 2], // why\n\t"b": {"c": "// no comment, }"}\n}\n',
        '{\n    "a": 1,\n}\n',
        '{\n    "a": 1, // last\n}\n',
        '{\n    "a": 1 /* , } */\n    // the end\n}\n',
        '{\n  "k": {"./mine.json": "x.yaml"},\n  "z": true\n}\n',
        '{"a": "\\" // \\\\", "k": {}}',
        "// a note\n",
        '// a note\n{"a": 1}\n',
    ],
)
def test_members_are_added_and_all_else_stays(text: str) -> None:
    before = read_jsonc(text)
    after = add_members(text, "k", NEW)
    assert read_jsonc(after) == {**before, "k": {**before.get("k", {}), **NEW}}
    assert all(
        note in after for note in ("// why", "// no comment, }", "/* , } */", "// the end", "// a note") if note in text
    )
    assert add_members(after, "k", NEW) == after


def test_what_is_there_already_is_not_replaced() -> None:
    text = '{"k": {"./a.json": "mine", "./b.json": []}}'
    assert add_members(text, "k", NEW) == text


def test_the_layout_of_the_file_is_kept() -> None:
    text = '{\n    // four blanks\n    "a": [1,2,   3]\n}\n'
    assert add_members(text, "k", {"x": 1}) == (
        '{\n    // four blanks\n    "a": [1,2,   3],\n    "k": {\n        "x": 1\n    }\n}\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "nonsense",
        '{"a": 1',
        '{"k": 1}',
        '{"k": {\n// mine\n}}',
        '{"k": {"x": 1,}}',
        "{ /* all */ }",
        "[" * 20000,
    ],
)
def test_what_is_not_clear_is_left_alone(text: str) -> None:
    with pytest.raises(UnclearError):
        add_members(text, "k", NEW)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(max_size=5).filter(lambda name: name != "k"), _VALUES, max_size=4),
    st.sampled_from([None, 2, "\t"]),
)
def test_any_json_object_keeps_its_members(there: dict[str, object], indent: int | str | None) -> None:
    text = json.dumps(there, indent=indent)
    assert json.loads(add_members(text, "k", NEW)) == {**there, "k": NEW}
