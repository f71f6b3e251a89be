"""`agentflow approve`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import UsageError

if TYPE_CHECKING:
    from agentflow_cli.domain.events import AskOpened

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="An id, a beginning of one, or `last`.")],
    step: Annotated[str | None, typer.Argument(metavar="[STEP]", help="Needed when several wait.")] = None,
    choice: Annotated[str | None, typer.Option("--choice", metavar="C", help="One of the choices.")] = None,
    field: Annotated[
        list[str] | None, typer.Option("--field", metavar="K=V", help="A field of the form; `k:=json` gives JSON.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Kept with the answer.")] = "",
) -> None:
    """Answer a step that waits for a person. The first answer that is recorded counts."""
    if choice is not None and field:
        raise UsageError("`--choice` and `--field` exclude each other: a question has choices or a form")
    answer_and_tell(ctx.obj, run, step, choice, field or [], reason, rejected=False)


def answer_and_tell(
    invocation: Invocation,
    run: str,
    step: str | None,
    choice: str | None,
    fields: list[str],
    reason: str,
    rejected: bool,
) -> None:
    """Record the answer; say what comes next."""
    from agentflow_cli.application.usecases.answer import answer_step, question_of
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.cli.progress.person import user_name
    from agentflow_cli.ports.people import Answer

    console = invocation.console
    container = project_container(Path.cwd())
    values: dict[str, Json] = {} if choice is None else {"choice": choice}
    if fields:
        values = _form_values(question_of(container, run, step), fields)
    done = answer_step(container, run, step, Answer(values, user_name(), rejected, reason))
    short = done.run[:6]
    if invocation.output != "text":
        value = {"run": done.run, "step": done.path, "answer": done.answer.values, "by": done.answer.by}
        write_value(invocation, {**value, "rejected": done.answer.rejected, "live": done.live})
        return
    console.say(f"{'rejected' if done.answer.rejected else 'answered'} `{done.path}` of run {short}")
    if done.still_waiting:
        console.say(f"  next: agentflow approve {short} {done.still_waiting[0]}")
    elif done.live:
        console.say("  the run goes on in its own process")
    else:
        console.say(f"  next: agentflow resume {short}")


def _form_values(question: AskOpened, fields: list[str]) -> dict[str, Json]:
    from agentflow_cli.application.usecases.inputs import read_inputs
    from agentflow_cli.domain.plan import PlanInput

    declared = {
        name: PlanInput(
            name, {k: v for k, v in schema.items() if k != "default"}, question.needs(name), schema.get("default")
        )
        for name, schema in question.form.items()
    }
    values = read_inputs(declared, fields, workflow="the form", noun="field", option="--field")
    given = {field.partition("=")[0].removesuffix(":") for field in fields}
    return {name: value for name, value in values.items() if name in given or "default" in question.form[name]}
