"""The options that every command has, on either side of its name."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from agentflow_cli.application.runtime.paths import SETTINGS_FILE, user_config_directory
from agentflow_cli.cli.console import Console
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import UsageError

COLORS = ("auto", "always", "never")


@dataclass
class Invocation:
    """What a command is told besides its own arguments: `ctx.obj`."""

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


def _shared(
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="FORM", help="Form of the result.")] = None,
    color: Annotated[str | None, typer.Option("--color", metavar="WHEN", help="auto, always or never.")] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what went wrong.")] = False,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say more.", show_default=False)] = 0,
    directory: Annotated[
        str | None, typer.Option("-C", "--directory", metavar="DIR", help="Work as if started there.")
    ] = None,
) -> None:
    """The bundle, as typer reads it."""


SHARED = ("output", "color", "quiet", "verbose", "directory")


def shared_parameters(forms: tuple[str, ...] = ()) -> list[Any]:
    """Fresh parameters for one command or group; the help of `-o` names the command's forms."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(_shared)
    parameters: list[Any] = [p for p in typer.main.get_command(app).params if p.name in SHARED]
    for parameter in parameters:
        if parameter.name == "output" and forms:
            parameter.help = f"Form of the result: {', '.join(forms)}."
    return parameters


def take_shared(context: Any) -> Invocation:
    """Move the shared options from a context's parameters into the invocation that `ctx.obj` is."""
    found: Invocation = context.obj
    found.take({name: context.params.pop(name, None) for name in SHARED})
    return found
