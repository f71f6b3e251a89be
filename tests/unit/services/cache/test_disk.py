"""The cache on disk, also when somebody else wrote into it."""

from __future__ import annotations

import pickle
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from agentflow_cli.foundation.errors import NotTrustedError
from agentflow_cli.foundation.hashing import hash_json
from agentflow_cli.services.cache.disk import DiskCache

KEY = hash_json("key")
FIRED: list[str] = []


def fire() -> None:
    FIRED.append("code of the cache ran")


class Bomb:
    def __reduce__(self) -> Any:
        return fire, ()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "cache" / "steps"


@pytest.mark.parametrize("value", [{"output": None}, [], "", 0, False, {"ü": "\ud800"}, "x" * 100_000])
def test_a_value_comes_back_as_it_was_also_from_another_process_s_view(place: Path, value: Any) -> None:
    cache = DiskCache(place)
    cache.put(KEY, value)
    assert cache.get(KEY) == value
    cache.close()
    assert DiskCache(place).get(KEY) == value
    assert DiskCache(place).get(hash_json("other")) is None


def test_it_is_private_and_says_what_it_holds(place: Path) -> None:
    cache = DiskCache(place)
    assert (cache.stats().entries, cache.clear(), place.exists()) == (0, 0, False)
    cache.put(KEY, "x" * 100_000)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    stats = cache.stats()
    assert (stats.entries, stats.size > 100_000, stats.place) == (1, True, str(place))
    assert cache.clear() == 1
    assert (cache.get(KEY), cache.stats().entries) == (None, 0)
    assert not list(place.rglob("*.val"))


def test_what_is_no_json_is_not_kept_and_nothing_is_raised(place: Path) -> None:
    cache = DiskCache(place)
    cache.put(KEY, float("nan"))
    cache.put("no hash", {"x": 1})
    assert (cache.get(KEY), cache.get("no hash"), cache.stats().entries) == (None, None, 0)


def plant(place: Path, mode: int, filename: str | None, value: bytes | None) -> None:
    DiskCache(place).put(KEY, {"mine": True})
    with sqlite3.connect(place / "cache.db") as database:
        database.execute("UPDATE Cache SET mode = ?, filename = ?, value = ?", (mode, filename, value))
    database.close()


def test_a_planted_pickle_is_never_loaded(place: Path) -> None:
    data = pickle.dumps(Bomb())
    pickle.loads(data)
    assert FIRED, "the bomb works"
    FIRED.clear()
    plant(place, 4, None, data)
    assert DiskCache(place).get(KEY) is None
    (place / "evil.val").write_bytes(data)
    plant(place, 4, "evil.val", None)
    assert DiskCache(place).get(KEY) is None
    assert not FIRED


@pytest.mark.parametrize("form", ["absolute", "upwards", "link"])
def test_a_planted_filename_neither_reads_nor_deletes_a_file_elsewhere(place: Path, tmp_path: Path, form: str) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"secret": 1}')
    name = {"absolute": str(secret), "upwards": "../../secret.json", "link": "aa/bb/" + "0" * 28 + ".val"}[form]
    plant(place, 2, name, None)
    if form == "link":
        (place / "aa/bb").mkdir(parents=True)
        (place / name).symlink_to(secret)
    cache = DiskCache(place)
    assert cache.get(KEY) is None
    cache.put(KEY, {"new": 1})
    assert secret.exists()


def test_a_damaged_database_is_a_cache_with_nothing_in_it(place: Path) -> None:
    DiskCache(place).put(KEY, 1)
    (place / "cache.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    for leftover in place.glob("cache.db-*"):
        leftover.unlink()
    cache = DiskCache(place)
    cache.put(KEY, 2)
    assert cache.get(KEY) is None


def test_a_directory_that_somebody_else_made_is_not_opened(place: Path) -> None:
    place.mkdir(parents=True)
    (place / "cache.db").write_bytes(b"")
    cache = DiskCache(place)
    assert cache.get(KEY) is None
    with pytest.raises(NotTrustedError):
        cache.stats()


def test_a_name_that_looks_like_a_variable_stays_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("ELSEWHERE", "other")
    cache = DiskCache(tmp_path / "$ELSEWHERE")
    cache.put(KEY, 1)
    assert not (tmp_path / "other").exists()


def test_it_stays_below_its_size(place: Path) -> None:
    cache = DiskCache(place, size=2_000_000)
    for number in range(60):
        cache.put(hash_json(number), "x" * 100_000)
    assert cache.stats().size < 3_000_000
    assert cache.get(hash_json(59)) is not None
