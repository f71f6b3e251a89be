"""Commands that are imported when they are used: `--help` and each verb pay for what they need, and no more."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from agentflow_cli import __version__
from agentflow_cli.cli.options import shared_parameters, take_shared
from agentflow_cli.cli.plain_values import read_plainly
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import UsageError

SETTINGS = {"help_option_names": ["-h", "--help"]}


@dataclass(frozen=True, slots=True)
class Verb:
    """A line of the help. `module` is below `agentflow_cli.cli.commands`; a verb with `verbs` is a noun."""

    name: str
    help: str
    section: str = "Commands"
    """Its heading there; empty for the program itself."""
    module: str = ""
    verbs: tuple[Verb, ...] = ()


class LazyGroup(TyperGroup):
    """A group whose commands come from a table."""

    verbs: tuple[Verb, ...] = ()

    def list_commands(self, ctx: Any) -> list[str]:
        return [verb.name for verb in self.verbs]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for verb in self.verbs:
            if verb.name == cmd_name:
                return build_group(verb) if verb.verbs else build_command(verb)
        return None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name in self.list_commands(ctx) or name.startswith("-"):
            return super().resolve_command(ctx, args)
        near = closest(name, self.list_commands(ctx))
        raise UsageError(
            f"there is no command `{ctx.command_path} {name}`",
            hint=f"did you mean `{ctx.command_path} {near}`?" if near else None,
            next_command=f"{ctx.command_path} --help",
        )

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _note(ctx)
        if args[:1] == ["help"]:  # `agentflow help runs list`, as other tools have it
            args = [*args[1:], "--help"]
        return super().parse_args(ctx, args or ["--help"])

    def get_params(self, ctx: Any) -> list[Any]:
        return read_plainly(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        take_shared(ctx)
        return super().invoke(ctx)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        width = max(len(verb.name) for verb in self.verbs)
        for section in dict.fromkeys(verb.section for verb in self.verbs):
            with formatter.section(section):
                formatter.write_dl([(v.name.ljust(width), v.help) for v in self.verbs if v.section == section])


class SharedCommand(TyperCommand):
    """A command that has the shared options too; they go to `ctx.obj`, not to its function."""

    forms: tuple[str, ...] = ()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _note(ctx)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:
        return read_plainly(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        invocation = take_shared(ctx)
        invocation.use_settings()
        invocation.choose_output(self.forms)
        return super().invoke(ctx)


def build_group(verb: Verb) -> Any:
    """The group for a noun, or for the program itself."""
    app = typer.Typer(
        name=verb.name,
        help=verb.help,
        add_completion=False,
        rich_markup_mode=None,
        context_settings=SETTINGS,
        cls=type("Group", (LazyGroup,), {"verbs": verb.verbs}),
    )
    app.callback()(_nothing if verb.section else _program)
    group: Any = typer.main.get_command(app)
    group.params = [*group.params, *shared_parameters()]
    return group


def build_command(verb: Verb) -> Any:
    """Import a verb's module and make its `command` one that has the shared options too."""
    module = importlib.import_module(f"agentflow_cli.cli.commands.{verb.module}")
    forms: tuple[str, ...] = getattr(module, "OUTPUTS", ("text",))
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    cls = type("Command", (SharedCommand,), {"forms": forms})
    app.command(verb.name, cls=cls, context_settings=SETTINGS)(module.command)
    command: Any = typer.main.get_command(app)
    command.params = [*command.params, *shared_parameters(forms)]
    return command


def _tell_version(ctx: typer.Context, wanted: bool) -> None:
    if wanted:
        ctx.obj.console.data(__version__)
        raise typer.Exit


def _nothing() -> None:
    """A group does nothing of its own."""


def _program(
    version: Annotated[
        bool, typer.Option("-V", "--version", help="Print the version and exit.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """The program itself does nothing without a command either."""


def _note(ctx: Any) -> None:
    """Which command is being read, for what is said about it; the shell's completion reads without an invocation."""
    if ctx.obj is not None:
        ctx.obj.command = ctx.command_path
