"""Writing a file that is not there yet."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.foundation.files import storage_error


def write_new(path: Path, text: str) -> bool:
    """Write `text` for all to read, if there is nothing by that name yet; False when there is.

    CannotCreateError, StorageError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        if path.parent.is_dir():
            return False
        raise storage_error(NotADirectoryError(20, "Not a directory"), f"cannot create {path}") from None
    except OSError as error:
        raise storage_error(error, f"cannot create {path}") from error
    return True
