"""Whose state is it? A stamp shows that this user made a directory, here; a stranger's repository cannot bring one.

The stamp is a keyed hash of the directory's inode number: the key lies in the user's own state directory, and a copy of
a stamped directory (a clone, an archive) has another inode. One that is moved keeps its stamp.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path

from agentflow_cli.foundation.errors import NotTrustedError
from agentflow_cli.foundation.files import make_private_directory, storage_error, write_private_file

STAMP = ".stamp"
_KEY_LENGTH = 32


def stamp_directory(path: Path) -> None:
    """Make `path`, private and stamped, or accept the one that is there if it is stamped or empty.

    NotTrustedError when there is a directory that this user did not make.
    """
    make_private_directory(path.parent)
    if not os.path.lexists(path):
        _make_stamped(path)
    if not path.is_symlink() and path.is_dir() and not any(path.iterdir()):
        path.chmod(0o700)
        write_private_file(path / STAMP, _stamp(path))
    check_stamp(path)


def check_stamp(path: Path) -> None:
    """NotTrustedError unless `path` is a directory that `stamp_directory` made for this user."""
    try:
        status = path.lstat()
        found = (path / STAMP).read_bytes() if stat.S_ISDIR(status.st_mode) else b""
    except FileNotFoundError:
        found = b""
    except OSError as error:
        raise storage_error(error, f"cannot read {path}") from error
    if not found or status.st_uid != os.geteuid() or not hmac.compare_digest(found, _stamp(path)):
        raise NotTrustedError(
            f"{path} was not made here by you: it came with the repository, or was copied or restored from elsewhere",
            hint="nothing in it is read; look at it, then remove it, and agentflow makes a new one",
            next_command=f"rm -r {path}",
        )


def _make_stamped(path: Path) -> None:
    """Appear whole: the stamp is in it before it has its name. When another process was quicker, theirs stands."""
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))  # mode 0700
    try:
        write_private_file(temporary / STAMP, _stamp(temporary))
        temporary.rename(path)
    except OSError as error:
        (temporary / STAMP).unlink(missing_ok=True)
        temporary.rmdir()
        if not path.is_dir():
            raise storage_error(error, f"cannot create {path}") from error


def _stamp(path: Path) -> bytes:
    return hmac.new(_key(), f"agentflow state {path.lstat().st_ino}".encode(), hashlib.sha256).hexdigest().encode()


def _key() -> bytes:
    """The user's key, made once."""
    home = os.environ.get("XDG_STATE_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "state"
    path = base / "agentflow" / "key"
    try:
        key = path.read_bytes()
        if len(key) >= _KEY_LENGTH:
            return key
    except FileNotFoundError:
        pass
    except OSError as error:
        raise storage_error(error, f"cannot read {path}") from error
    make_private_directory(path.parent)
    temporary = path.with_name(f".key.{secrets.token_hex(8)}")
    write_private_file(temporary, secrets.token_bytes(_KEY_LENGTH))
    try:
        os.link(temporary, path)  # fails when another process was quicker: then theirs is the key
    except FileExistsError:
        pass
    except OSError as error:
        raise storage_error(error, f"cannot create {path}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path.read_bytes()
