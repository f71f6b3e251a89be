"""`prompt`: one model call."""

from __future__ import annotations

from agentflow_cli.domain.failure import StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.engine.executors.texts import as_text
from agentflow_cli.ports.model import Message, ModelFailure, ModelRequest


async def execute(call: Call) -> Outcome:
    request = ModelRequest(
        messages=messages_of(call.step.templates["prompt"], call.templates["prompt"]),
        model=call.setting("model") or call.options.default_model,
        schema=call.step.output,
        temperature=call.setting("temperature"),
        max_tokens=call.setting("max_tokens"),
        idempotency_key=call.key,
    )
    try:
        reply = await call.services.model.complete(request, call.on_delta, call.operations.note_passed_over)
    except ModelFailure as error:
        raise StepFailure(error.failure) from error
    usage: dict[str, Json] = {
        "model": reply.model,
        "input_tokens": reply.usage.input_tokens,
        "output_tokens": reply.usage.output_tokens,
        "cost": reply.cost,
    }
    if reply.passed:
        usage["passed_over"] = [each.model for each in reply.passed]
    return Outcome(reply.text if call.step.output is None else reply.value, usage=usage)


def messages_of(written: Json, prompt: Json) -> tuple[Message, ...]:
    """A string is one user message; a list has one `{role: text}` mapping a message.

    `written` is the prompt as its author wrote it, `prompt` with its values: a value never makes messages of its own.
    StepFailure `expression` when a text is none.
    """
    if isinstance(written, str):
        return (Message("user", as_text("prompt", prompt)),)
    return tuple(
        Message(role, as_text(f"prompt[{index}].{role}", text))
        for index, entry in enumerate(prompt)
        for role, text in entry.items()
    )
