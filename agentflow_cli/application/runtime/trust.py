"""What a user has granted to projects: where their models are asked, and which keys these get.

A grant is for one project directory and for exactly what it showed: another address, key, provider or name asks again.
It is kept in the user's own configuration, where no repository can reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.application.runtime.private_records import change_records, read_records
from agentflow_cli.domain.codec import from_json, to_json
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.models import Candidate


@dataclass(frozen=True, slots=True)
class Grant:
    project: str
    """The project's directory, in full."""
    alias: str
    """The name under `models:`."""
    provider: str
    base_url: str | None = None
    api_key: str | None = None
    """A reference, never the key."""


class Trust:
    """The grants in the file `path`, read when they are first asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: frozenset[Grant] | None = None

    def granted(self, root: Path, candidate: Candidate) -> bool:
        """Whether the project at `root` may have what `candidate` asks for. What asks for nothing needs no grant."""
        return not candidate.bound or grant_for(root, candidate) in self._grants()

    def grants(self) -> list[Grant]:
        """All of them, by project and name."""
        return sorted(self._grants(), key=repr)

    def grant(self, root: Path, candidates: Iterable[Candidate]) -> None:
        """Grant these, in place of what their names were granted before."""
        new = {grant_for(root, candidate) for candidate in candidates}
        replaced = {(each.project, each.alias) for each in new}
        self._change(lambda old: {each for each in old if (each.project, each.alias) not in replaced} | new)

    def revoke(self, root: Path) -> list[Grant]:
        """Take back all that the project at `root` has been granted; what that was."""
        project = str(root.resolve())
        gone = [each for each in self.grants() if each.project == project]
        if gone:
            self._change(lambda old: {each for each in old if each.project != project})
        return gone

    def _grants(self) -> frozenset[Grant]:
        if self._known is None:
            self._known = _read(read_records(self._path))
        return self._known

    def _change(self, change: Callable[[set[Grant]], set[Grant]]) -> None:
        def changed(kept: dict[str, Json]) -> dict[str, Json]:
            grants = sorted(change(set(_read(kept))), key=repr)
            return {**kept, "grants": [to_json(each) for each in grants]}

        change_records(self._path, changed)
        self._known = None


def grant_for(root: Path, candidate: Candidate) -> Grant:
    """The grant that `candidate` needs in the project at `root`."""
    return Grant(str(root.resolve()), candidate.alias, candidate.provider, candidate.base_url, candidate.api_key)


def _read(kept: dict[str, Json]) -> frozenset[Grant]:
    listed = kept.get("grants", [])
    found = set()
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and {"project", "alias", "provider"} <= each.keys():
            found.add(from_json(Grant, each))
    return frozenset(found)
