"""`notify`: a message to a channel, sent once."""

from __future__ import annotations

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.project import BUILT_IN_CHANNELS
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.engine.executors.texts import as_environment, as_text
from agentflow_cli.foundation.clock import iso_time
from agentflow_cli.foundation.closest import closest


async def execute(call: Call) -> Outcome:
    channel, message = call.setting("channel"), as_text("message", call.templates["message"])

    async def send(_key: str) -> Json:
        if channel in BUILT_IN_CHANNELS and channel not in call.options.channels:  # both write to the run's log
            for line in message.splitlines() or [""]:
                call.on_output(line)
        else:
            await _command(call, channel, message)
        return {"channel": channel, "message": message, "at": iso_time(call.services.clock.now())}

    receipt = await call.operations.perform("send", {"channel": channel, "message": message}, send)
    return Outcome(receipt)


async def _command(call: Call, channel: str, message: str) -> None:
    """Give the message to the channel's command on its standard input."""
    declared = call.options.channels.get(channel)
    if declared is None:
        known = (*call.options.channels, *BUILT_IN_CHANNELS)
        near = closest(channel, known)
        hint = f"did you mean `{near}`? " if near else ""
        listed = ", ".join(f"`{name}`" for name in known)
        raise StepFailure(Failure("failed", f"there is no channel `{channel}`; {hint}the project has {listed}"))
    result = await call.services.commands.run(
        declared.command,
        directory=call.options.project_root,
        env={
            **call.options.command_env,
            **as_environment(call.env),
            "AGENTFLOW_RUN": call.run,
            "AGENTFLOW_STEP": call.path,
            "AGENTFLOW_IDEMPOTENCY_KEY": call.key,
        },
        stdin=message.encode("utf-8", "replace"),
        on_process=call.on_process,
        on_output=call.on_output,
    )
    if result.exit_code != 0:
        said = result.stderr.decode("utf-8", "replace").strip().splitlines()[-3:]
        text = f"the command of the channel `{channel}` ended with exit code {result.exit_code}"
        failure = Failure("exit_code", "\n".join([text, *said]), data={"exit_code": result.exit_code})
        raise StepFailure(failure)
