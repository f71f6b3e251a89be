"""`agentflow models test`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="As `model:` takes it; what steps without one get, if left out."),
    ] = None,
) -> ExitCode:
    """Ask a model for one word: says how long it took, how many tokens, or what is wrong. This is a real call."""
    from pathlib import Path

    from agentflow_cli.application.usecases.models import try_model
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.foundation.duration import format_duration
    from agentflow_cli.foundation.terminal_text import clean

    invocation: Invocation = ctx.obj
    console = invocation.console
    container = project_container(Path.cwd())
    container.read_dotenv()
    try:
        trial = try_model(container, name)
    finally:
        container.close()
    failure = trial.failure
    if invocation.output != "text":
        value = {
            "model": trial.model,
            "reason": trial.reason,
            "ok": failure is None,
            "seconds": round(trial.seconds, 3),
        }
        if failure is None:
            first = None if trial.first is None else round(trial.first, 3)
            tokens = {"input_tokens": trial.input_tokens, "output_tokens": trial.output_tokens}
            value |= {"text": trial.text, "first": first, **tokens}
        else:
            value["error"] = failure.to_json()
        write_value(invocation, value)
    elif failure is None:
        begun = "" if trial.first is None else f", first word after {format_duration(trial.first)}"
        shown = clean(" ".join(trial.text.split()), keep_newlines=False)
        tokens_text = f"{trial.input_tokens:,} tokens in, {trial.output_tokens:,} out"
        console.data(f"{trial.model}  {format_duration(trial.seconds)}{begun}  {tokens_text}")
        console.say(f"  it said: {shown if len(shown) <= 80 else shown[:79] + '…'}")
        if name is None:
            console.say(f"  chosen because {trial.reason}")
    if failure is None:
        return ExitCode.SUCCESS
    if invocation.output == "text":
        console.insist(f"{console.paint('error', 'bold', 'red')}: {clean(failure.message)}")
        console.insist(f"  {failure.kind}, after {format_duration(trial.seconds)}")
        console.insist(f"  {console.paint('next', 'cyan')}: agentflow models list")
    codes = {"auth": ExitCode.CREDENTIALS, "no_provider": ExitCode.NO_PROVIDER}
    return codes.get(failure.kind, ExitCode.FAILED)
