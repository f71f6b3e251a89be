"""Files whose name is close to one that is not there."""

from __future__ import annotations

import itertools
from pathlib import Path

from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.loader.uses import listed

_MOST = 500
"""Names of a directory that are looked at."""


def nearby(target: Path, written: str) -> str | None:
    """What an author who wrote `written` for `target`, which is not there, probably meant: a file beside it of the
    same ending, written in the same way."""
    listed(target.parent, "*")
    try:
        beside = [
            path.name
            for path in itertools.islice(target.parent.iterdir(), _MOST)
            if path.suffix == target.suffix and path.is_file()
        ]
    except OSError:
        return None
    near = closest(target.name, beside)
    return None if near is None else written.removesuffix(target.name) + near


def not_there_help(target: Path, written: str) -> str:
    try:
        if target.exists():
            return f"`{written}` is {'a directory' if target.is_dir() else 'a pipe or a device'}; a file is needed"
    except OSError:  # a name that no file can have
        pass
    near = nearby(target, written)
    relative = "paths are relative to the file in which they stand"
    return f"did you mean `{near}`? {relative}" if near is not None else relative
