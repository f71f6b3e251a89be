"""Where a user's own files are, as the XDG Base Directory Specification says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def user_directory(environment: Mapping[str, str], variable: str, otherwise: str) -> Path:
    """The directory that `variable` (`XDG_STATE_HOME`) names, else `otherwise` in the user's home."""
    value = environment.get(variable, "")
    if value.startswith("/"):  # the specification says that a relative value is to be ignored
        return Path(value)
    home = environment.get("HOME", "")
    try:
        return (Path(home) if home.startswith("/") else Path.home()) / otherwise
    except RuntimeError:  # a container's user without a name and a home: as where HOME is `/`
        return Path("/") / otherwise
