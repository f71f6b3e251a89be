"""Stamps: whose state it is."""

from __future__ import annotations

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agentflow_cli.foundation.errors import NotTrustedError
from agentflow_cli.foundation.stamp import STAMP, check_stamp, stamp_directory


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "user-state"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    return home / "agentflow" / "key"


def test_a_directory_that_we_made_is_trusted_also_after_it_was_moved_or_copied(tmp_path: Path) -> None:
    stamp_directory(tmp_path / "deep/state")
    check_stamp(tmp_path / "deep/state")
    stamp_directory(tmp_path / "deep/state")
    (tmp_path / "deep").rename(tmp_path / "elsewhere")
    check_stamp(tmp_path / "elsewhere/state")
    shutil.copytree(tmp_path / "elsewhere", tmp_path / "restored")
    check_stamp(tmp_path / "restored/state")


def test_an_empty_directory_can_be_taken_and_one_with_files_cannot(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir(mode=0o755)
    stamp_directory(tmp_path / "empty")
    assert stat.S_IMODE((tmp_path / "empty").stat().st_mode) == 0o700
    (tmp_path / "full").mkdir()
    (tmp_path / "full/planted").touch()
    with pytest.raises(NotTrustedError, match="full was not made by you") as raised:
        stamp_directory(tmp_path / "full")
    assert raised.value.exit_code == 6


def test_a_link_a_file_a_forged_stamp_and_nothing_are_not_trusted(tmp_path: Path) -> None:
    stamp_directory(tmp_path / "state")
    (tmp_path / "forged").mkdir()
    number, _, _ = (tmp_path / "state" / STAMP).read_bytes().partition(b" ")
    (tmp_path / "forged" / STAMP).write_bytes(number + b" " + b"0" * 64)
    (tmp_path / "link").symlink_to(tmp_path / "state")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    for name in ("forged", "link", "file", "nothing", "dangling"):
        with pytest.raises(NotTrustedError):
            check_stamp(tmp_path / name)
    for name in ("forged", "link", "file", "dangling"):
        with pytest.raises(NotTrustedError):
            stamp_directory(tmp_path / name)


def test_a_stamp_of_another_key_is_not_trusted(tmp_path: Path, own_key: Path) -> None:
    stamp_directory(tmp_path / "state")
    own_key.unlink()
    with pytest.raises(NotTrustedError):
        check_stamp(tmp_path / "state")


def test_the_key_is_private_and_the_stamp_does_not_show_it(tmp_path: Path, own_key: Path) -> None:
    stamp_directory(tmp_path / "state")
    assert stat.S_IMODE(own_key.stat().st_mode) == 0o600
    assert stat.S_IMODE(own_key.parent.stat().st_mode) == 0o700
    assert own_key.read_bytes().hex().encode() not in (tmp_path / "state" / STAMP).read_bytes()


def test_many_that_begin_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(stamp_directory, [tmp_path / "state"] * 16))
    check_stamp(tmp_path / "state")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".state")] == []
