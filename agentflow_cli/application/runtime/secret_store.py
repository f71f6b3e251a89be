"""Secrets that a user keeps here, for the references `store:NAME`: in a private file of the user's configuration."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from agentflow_cli.application.runtime.private_records import change_records, read_records
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError, UsageError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_LONGEST = 65_536


class SecretStore:
    """The secrets in the file `path`, read when they are first asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, str] | None = None

    def get(self, name: str) -> str | None:
        return self._secrets().get(name)

    def names(self) -> list[str]:
        return sorted(self._secrets())

    def set(self, name: str, value: str) -> bool:
        """Keep `value`; whether there was one before. UsageError when it cannot be a secret's name or value."""
        checked_name(name)
        if not value or "\0" in value or len(value) > _LONGEST:
            why = "is empty" if not value else "holds NUL" if "\0" in value else f"is longer than {_LONGEST} characters"
            raise UsageError(f"the value of `{name}` {why}", hint="give it at the prompt, or as standard input")
        before = name in self._secrets()
        self._change(lambda kept: {**kept, name: value})
        return before

    def remove(self, name: str) -> None:
        """NotFoundError with a suggestion when it is not kept."""
        if name not in self._secrets():
            near = closest(name, self._secrets())
            raise NotFoundError(
                f"no secret `{name}` is kept here",
                hint=f"did you mean `{near}`?" if near else None,
                next_command="agentflow secrets list",
            )
        self._change(lambda kept: {each: value for each, value in kept.items() if each != name})

    def _secrets(self) -> dict[str, str]:
        if self._kept is None:
            self._kept = _read(read_records(self._path))
        return self._kept

    def _change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        def changed(kept: dict[str, Json]) -> dict[str, Json]:
            return {**kept, "secrets": dict(sorted(change(_read(kept)).items()))}

        change_records(self._path, changed)
        self._kept = None


def checked_name(name: str) -> str:
    """`name`, if a reference `store:NAME` can name it; UsageError if not."""
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            f"`{name[:80]}` cannot be the name of a secret", hint="letters, digits and `_`, as in `SMTP_PASSWORD`"
        )
    return name


def _read(kept: dict[str, Json]) -> dict[str, str]:
    found = kept.get("secrets", {})
    return {name: value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
