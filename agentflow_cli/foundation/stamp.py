"""Whose state is it? A stamp shows that this user made a directory; a stranger's repository cannot bring one.

The stamp is a random number and its keyed hash; the key lies in the user's own state directory. What the user moves,
copies or restores from a backup keeps its stamp.
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
from agentflow_cli.foundation.user_directory import user_directory

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
        write_private_file(path / STAMP, _new_stamp())
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
    if not found or status.st_uid != os.geteuid() or not _is_ours(found):
        raise NotTrustedError(
            f"{path} was not made by you: it came with the repository, or from another user or machine",
            hint="nothing in it is read; look at it, then move it away, and agentflow makes a new one",
        )


def _make_stamped(path: Path) -> None:
    """Appear whole: the stamp is in it before it has its name. When another process was quicker, theirs stands."""
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))  # mode 0700
    try:
        write_private_file(temporary / STAMP, _new_stamp())
        temporary.rename(path)
    except OSError as error:
        (temporary / STAMP).unlink(missing_ok=True)
        temporary.rmdir()
        if not path.is_dir():
            raise storage_error(error, f"cannot create {path}") from error


def _new_stamp() -> bytes:
    number = secrets.token_hex(16).encode()
    return number + b" " + _keyed_hash(number)


def _is_ours(stamp: bytes) -> bool:
    number, _, claimed = stamp.partition(b" ")
    return hmac.compare_digest(claimed, _keyed_hash(number))


def _keyed_hash(number: bytes) -> bytes:
    return hmac.new(_key(), b"agentflow state " + number, hashlib.sha256).hexdigest().encode()


def _key() -> bytes:
    """The user's key, made once."""
    path = user_directory(os.environ, "XDG_STATE_HOME", ".local/state") / "agentflow" / "key"
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
