"""Which commit the files of a plan are at, and whether they are as they are in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from agentflow_cli.application.usecases.plan.git_objects import Repository, UnreadableError
from agentflow_cli.application.usecases.plan.report import Revision

_LARGEST = 16 * 1024 * 1024


def revision_of(root: Path, files: Iterable[str]) -> Revision | None:
    """Of `files`, paths from the project's root. None when the project is in no git repository."""
    try:
        top = root.resolve()
        repository = Repository.above(top)
        if repository is None:
            return None
        commit, branch = repository.head()
        base = top.relative_to(repository.tree).as_posix()
    except (OSError, ValueError, UnreadableError):
        return None
    if commit is None:
        return Revision(None, branch, True, ())
    changed = []
    try:
        for file in files:
            inside = file if base == "." else f"{base}/{file}"
            if _differs(repository, commit, inside, top / file):
                changed.append(file)
    except UnreadableError:
        return Revision(commit, branch, None, ())
    return Revision(commit, branch, bool(changed), tuple(changed))


def _differs(repository: Repository, commit: str, inside: str, path: Path) -> bool:
    """Whether the file is not in the commit, or is another there. Line ends that git changes count for nothing."""
    entry = repository.entry(commit, inside)
    if entry is None:
        return True
    try:
        if path.stat().st_size > _LARGEST:
            raise UnreadableError("a file that is too large")
        data = str(path.readlink()).encode() if entry[0] == "120000" else path.read_bytes()
    except OSError:
        return True
    versions = (data, data.replace(b"\r\n", b"\n")) if b"\r\n" in data else (data,)
    return entry[1] not in {_blob(version) for version in versions}


def _blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
