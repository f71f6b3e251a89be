"""The options that `run`, `resume`, `retry` and `fork` share: declared once, read once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from agentflow_cli.cli.console import Console
from agentflow_cli.cli.progress.choose import in_ci
from agentflow_cli.foundation.amounts import parse_dollars, parse_tokens
from agentflow_cli.foundation.duration import parse_duration
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.exit_codes import ExitCode

if TYPE_CHECKING:
    from agentflow_cli.application.usecases.run import RunChoices

NO_LIMIT = "none"
"""Lifts a limit that the run was given before."""

_T = TypeVar("_T")

_MOCK = typer.Option("--mock", help="Call no model: answers are made up, or come from `--recordings`.")
_MOCK_AGAIN = typer.Option("--mock/--no-mock", help="Call no model, or models after all; else as the run was started.")


@dataclass(frozen=True, slots=True)
class RunFlags:
    """What whoever starts or resumes a run says about it, as it was typed."""

    no_input: Annotated[
        bool, typer.Option("--no-input", help="Ask nobody: questions take their `ci:` answer or fail.")
    ] = False
    until: Annotated[
        str | None, typer.Option("--until", metavar="STEP", help="Run this step and what it needs, and stop there.")
    ] = None
    max_parallel: Annotated[
        int | None, typer.Option("--max-parallel", metavar="N", help="Steps under way at once.", show_default=False)
    ] = None
    max_tokens: Annotated[
        str | None,
        typer.Option("--max-tokens", metavar="N", help="Call no model once the run has used so many; `20k`."),
    ] = None
    max_cost: Annotated[
        str | None,
        typer.Option("--max-cost", metavar="USD", help="Call no model once the run has spent so much; `0.50`."),
    ] = None
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="TIME", help="Interrupt the run after `30s`, `5m`…")
    ] = None
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")] = False
    progress: Annotated[str | None, typer.Option("--progress", metavar="KIND", help="auto, live, plain or none.")] = (
        None
    )
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="The model of steps that name none.")] = (
        None
    )
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Take no outcome of an earlier run, and keep none.")] = (
        False
    )
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Take no outcome of an earlier run, and keep the new ones.")
    ] = False
    mock: Annotated[bool | None, _MOCK_AGAIN] = None
    recordings: Annotated[
        str | None, typer.Option("--recordings", metavar="FILE", help="A script of the answers that models give.")
    ] = None

    def choices(self, console: Console) -> RunChoices:
        """The options checked; UsageError. A flag wins over its variable."""
        from agentflow_cli.application.usecases.run import RunChoices

        environment = console.environment
        if self.max_parallel is not None and self.max_parallel < 1:
            raise UsageError("`--max-parallel` must be at least 1")
        if self.no_cache and self.refresh:
            raise UsageError("`--no-cache` keeps nothing and `--refresh` keeps what is new: choose one")
        return RunChoices(
            max_parallel=self.max_parallel,
            no_input=self.no_input or in_ci(console) or environment.get("AGENTFLOW_NO_INPUT", "") not in ("", "0"),
            fail_fast=self.fail_fast,
            default_model=self.model,
            timeout=_read("--timeout", self.timeout, parse_duration),
            until=self.until,
            max_tokens=_limit("--max-tokens", self.max_tokens, parse_tokens),
            max_cost=_limit("--max-cost", self.max_cost, parse_dollars),
            read_cache=not (self.no_cache or self.refresh),
            write_cache=not self.no_cache,
        )

    def lasting(self) -> list[str]:
        """As arguments for a process of its own: those that hold for all who take the run up again, too."""
        values = {"--max-parallel": self.max_parallel, "--timeout": self.timeout, "--model": self.model}
        switches = {"--no-input": self.no_input, "--fail-fast": self.fail_fast}
        switches |= {"--no-cache": self.no_cache, "--refresh": self.refresh}
        return [*_given(values), *(name for name, on in switches.items() if on)]

    def remembered(self) -> list[str]:
        """The same for those that the run itself remembers."""
        values = {"--until": self.until, "--max-tokens": self.max_tokens, "--max-cost": self.max_cost}
        return [*_given(values), *(["--mock"] if self.mock else []), *_given({"--recordings": self.recordings})]


def with_run_flags(*, again: bool) -> Callable[[Callable[..., ExitCode]], Callable[..., ExitCode]]:
    """Give a command with a parameter `flags: RunFlags` these options; `again` where a run goes on, or goes anew."""

    def wrap(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
        def called(ctx: typer.Context, **values: Any) -> ExitCode:
            flags = RunFlags(**{field.name: values.pop(field.name) for field in fields(RunFlags)})
            return command(ctx, flags=flags, **values)

        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "flags"]
        called.__signature__ = inspect.Signature([*own, *_parameters(again)])  # type: ignore[attr-defined]
        called.__doc__ = command.__doc__
        called.__annotations__ = {}  # typer would read those of `called` itself
        return called

    return wrap


def _parameters(again: bool) -> list[inspect.Parameter]:
    kind = inspect.Parameter.KEYWORD_ONLY
    found = []
    for parameter in inspect.signature(RunFlags, eval_str=True).parameters.values():
        changed = parameter.replace(kind=kind)
        if parameter.name == "mock" and not again:
            changed = changed.replace(annotation=Annotated[bool, _MOCK], default=False)
        found.append(changed)
    return found


def _given(values: dict[str, Any]) -> list[str]:
    return [part for name, value in values.items() if value is not None for part in (name, str(value))]


def _read(option: str, text: str | None, parse: Callable[[str], _T]) -> _T | None:
    try:
        return parse(text) if text is not None else None
    except ValueError as error:
        raise UsageError(f"`{option}`: {error}") from None


def _limit(option: str, text: str | None, parse: Callable[[str], _T]) -> _T | None:
    """None: as before; 0: none."""
    if text == NO_LIMIT:
        return parse("0")
    value = _read(option, text, parse)
    if value == 0:
        raise UsageError(f"`{option} {text}` would call no model at all; `{option} {NO_LIMIT}` lifts the limit")
    return value
