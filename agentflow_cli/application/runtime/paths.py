"""Where things are kept: the user's cache and state directories, and the state of a project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agentflow_cli.foundation.user_directory import user_directory

STATE_DIRECTORY = ".agentflow"
"""Of a project, in its root."""
SETTINGS_FILE = "settings.yaml"
"""Of a user, in their configuration directory."""


def user_cache_directory(environment: Mapping[str, str]) -> Path:
    """`$XDG_CACHE_HOME/agentflow`."""
    return user_directory(environment, "XDG_CACHE_HOME", ".cache") / "agentflow"


def user_state_directory(environment: Mapping[str, str]) -> Path:
    """`$XDG_STATE_HOME/agentflow`: crash logs, and the key that says which state this user made."""
    return user_directory(environment, "XDG_STATE_HOME", ".local/state") / "agentflow"


def user_config_directory(environment: Mapping[str, str]) -> Path:
    """`$XDG_CONFIG_HOME/agentflow`: settings, grants, and secrets that are kept here."""
    return user_directory(environment, "XDG_CONFIG_HOME", ".config") / "agentflow"


def project_state(root: Path) -> Path:
    """Runs and memories of the project at `root`."""
    return root / STATE_DIRECTORY
