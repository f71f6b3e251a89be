"""What CI services call a file: its path from the checkout, wherever in it the command was started."""

from __future__ import annotations

import os
from pathlib import PurePath

_CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""The variables in which GitHub and GitLab say where it is."""


def path_in_checkout(file: str) -> str:
    """`file`, relative to the current directory, from the root of the checkout; as it is where no service says one."""
    for variable in _CHECKOUTS:
        root = os.environ.get(variable, "")
        if root.startswith("/") and not file.startswith("<"):
            found = os.path.relpath(os.path.join(os.path.realpath("."), file), os.path.realpath(root))  # noqa: PTH118
            if not found.startswith(".."):
                return PurePath(found).as_posix()
    return file
