"""What a command is told besides its own arguments."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentflow_cli.application.runtime.paths import SETTINGS_FILE, user_config_directory
from agentflow_cli.cli.console import Console
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import UsageError

COLORS = ("auto", "always", "never")


@dataclass
class Invocation:
    """The shared options as they were taken, and what they come to: `ctx.obj`."""

    console: Console
    command: str = "agentflow"
    """The command that is being read or carried out, as `agentflow runs list`."""
    output: str = ""
    """The form of the result: one of the command's OUTPUTS."""
    awaited: str = ""
    """While the result of a run is still to be written: what to call the run if it never comes."""
    _seen: dict[str, Any] = field(default_factory=dict)

    def take(self, values: dict[str, Any]) -> None:
        """Note what stands on one side of a command's name; what stands further right wins."""
        for name, value in values.items():
            if value in (None, False, 0):
                continue
            if name == "directory":
                self._enter(Path(value))  # as with make: each -C is relative to the one before it
            else:
                self._seen[name] = value
        console = self.console
        console.quiet = bool(self._seen.get("quiet"))
        console.verbose = int(self._seen.get("verbose", 0))
        console.color_choice = choose("--color", self._seen.get("color", "auto"), COLORS)

    def use_settings(self) -> None:
        """What the user's settings file says about the console holds where no variable says otherwise."""
        path = user_config_directory(self.console.environment) / SETTINGS_FILE
        if path.is_file():
            from agentflow_cli.application.runtime.settings import user_settings, with_user_settings

            self.console.environment = with_user_settings(self.console.environment, user_settings(path))

    def choose_output(self, forms: tuple[str, ...]) -> None:
        """Fix the form of the result, for a command that knows `forms` (the default first)."""
        self.output = choose("--output", self._seen.get("output") or forms[0], forms)

    def _enter(self, directory: Path) -> None:
        try:
            os.chdir(directory)
        except OSError as error:
            raise UsageError(f"cannot work in {directory}: {error.strerror}", hint="`-C` takes a directory") from error


def choose(option: str, value: str, known: tuple[str, ...]) -> str:
    """`value` if it is one of `known`; UsageError with a suggestion if not."""
    if value in known:
        return value
    near = closest(value, known)
    raise UsageError(
        f"`{value}` is not a value of `{option}`; it takes {', '.join(known)}",
        hint=f"did you mean `{near}`?" if near else None,
    )
