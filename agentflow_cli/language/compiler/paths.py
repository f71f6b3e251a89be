"""Paths as authors write them, relative to their file, to paths from the project's root, as a plan holds them."""

from __future__ import annotations

import posixpath


class PatternError(ValueError):
    """A pattern that leads out of the project; the message is a sentence about it."""


def project_pattern(workflow_file: str, written: str) -> str:
    """The glob pattern `written` in `workflow_file` (itself relative to the root), from the root."""
    if written.startswith(("/", "~")) or "\0" in written:
        raise PatternError(f"`{written}` is an absolute path")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(workflow_file), written))
    if joined == ".." or joined.startswith(("../", "/")):
        raise PatternError(f"`{written}` leads out of the project")
    return joined
