"""The options that every command has, on either side of its name."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from agentflow_cli.cli.invocation import Invocation


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
