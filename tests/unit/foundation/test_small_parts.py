"""Durations, ids, hashing, closeness, cleaned text, private files and locks."""

from __future__ import annotations

import difflib
import fcntl
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_cli.foundation.closest import closest, only_close
from agentflow_cli.foundation.duration import format_duration, parse_duration
from agentflow_cli.foundation.errors import CannotCreateError, LockedError
from agentflow_cli.foundation.files import make_private_directory, write_private_file
from agentflow_cli.foundation.hashing import canonical_json, hash_json
from agentflow_cli.foundation.ids import full_run_id, next_short_id, short_run_id
from agentflow_cli.foundation.lock import FileLock, is_locked
from agentflow_cli.foundation.terminal_text import clean


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("1h30m", 5400), ("250ms", 0.25), ("1.5s", 1.5), ("2d", 172800), ("1m500ms", 60.5)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "s", "5 m", "30m1h", "-5s", "1.5m", "5s5s", "١s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0s"), (12.34, "12.3s"), (245, "4m05s"), (3725, "1h02m")])
def test_durations_are_written_short(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_short_ids_have_six_characters_and_sort_by_time() -> None:
    ids = [short_run_id(1_763_700_000 + n * 37) for n in range(1000)]
    assert ids == sorted(ids)
    assert {len(i) for i in ids} == {6}
    assert next_short_id(ids[0]) == short_run_id(1_763_700_001)
    assert full_run_id(ids[0]).startswith(ids[0] + "-")


def test_equal_values_hash_equally_and_nan_is_refused() -> None:
    assert hash_json({"a": 1, "b": [1.5, "ü"]}) == hash_json({"b": [1.5, "ü"], "a": 1})
    assert canonical_json({"b": 1, "a": 2}) == '{"a":2,"b":1}'
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(float("nan"))


def test_the_closest_word_is_suggested_and_nothing_far_away() -> None:
    assert closest("modle", ["model", "memory", "format"]) == "model"
    assert closest("Model", ["model"]) == "model"
    assert closest("xyzzy", ["model", "memory"]) is None


def test_among_a_thousand_names_the_closest_is_found_with_few_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    near = difflib.get_close_matches
    monkeypatch.setattr(
        difflib,
        "get_close_matches",
        lambda word, names, **how: compared.append(len(names)) or near(word, names, **how),
    )
    names = [f"step_number_{n}" for n in range(1000)]
    assert closest("stp_number_617", names) == "step_number_617"
    assert closest("step_number_617x", names) == "step_number_617"
    assert closest("Step_Nmber_42", names) == "step_number_42"
    assert only_close("stp_number_617", names) is None  # the others are near too
    assert only_close("titel", [*names, "title"]) == "title"
    assert max(compared) < 50


@given(st.text())
def test_cleaned_text_has_no_control_characters_whatever_comes(text: str) -> None:
    cleaned = clean(text)
    assert not any((ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 for c in cleaned)


def test_escape_sequences_and_direction_overrides_are_removed_whole() -> None:
    assert clean("a\x1b]52;c;aGk=\x07b\x1b[31mc\x1b[0m\u202ed\x9b2Je") == "abcde"
    assert clean("one\r\ntwo\nthree", keep_newlines=False) == "one two three"
    assert clean("plain ü text\n\tmore") == "plain ü text\n\tmore"


def test_private_files_replace_whole_and_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        directory = tmp_path / "a" / "b"
        make_private_directory(directory)
        write_private_file(directory / "f", b"one")
        write_private_file(directory / "f", b"two")
    finally:
        os.umask(before)
    assert (directory / "f").read_bytes() == b"two"
    assert [p.name for p in directory.iterdir()] == ["f"]
    assert stat.S_IMODE((directory / "f").stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_directory_that_cannot_be_made_says_so_with_exit_73(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotCreateError) as caught:
        make_private_directory(tmp_path / "file" / "below")
    assert int(caught.value.exit_code) == 73


def test_a_lock_admits_one_and_is_free_after_release(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = FileLock(path), FileLock(path)
    assert not is_locked(path)
    first.acquire("it")
    assert is_locked(path)
    with pytest.raises(LockedError, match=f"it is in use by process {os.getpid()}"):
        second.acquire("it")
    first.release()
    second.acquire("it")
    second.release()
    assert path.exists()


def test_a_lock_is_got_though_a_reader_was_just_looking_at_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    with path.open() as reader:
        fcntl.flock(reader, fcntl.LOCK_SH)
        leaving = threading.Timer(0.05, fcntl.flock, (reader, fcntl.LOCK_UN))
        leaving.start()
        lock = FileLock(path)
        lock.acquire("it")
        leaving.join()
    assert is_locked(path)
    lock.release()
