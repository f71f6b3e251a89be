"""`run`: a command, without a shell for a list, under bash for a string."""

from __future__ import annotations

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.engine.executors.texts import as_argument, as_environment
from agentflow_cli.foundation.strict_json import read_json

_STDERR_KEPT = 8_000
"""Characters from the end of standard error that are kept beside the output."""


async def execute(call: Call) -> Outcome:
    script = call.setting("script")
    argv = ["bash", "-euo", "pipefail", "-c", script] if script is not None else _texts("run", call.templates["argv"])
    stdin = call.templates.get("stdin")
    env = {**call.options.command_env, **as_environment(call.env)}
    env.update(AGENTFLOW_RUN=call.run, AGENTFLOW_STEP=call.path, AGENTFLOW_IDEMPOTENCY_KEY=call.key)
    result = await call.services.commands.run(
        argv,
        directory=call.options.project_root,
        env=env,
        stdin=None if stdin is None else as_argument("stdin", stdin).encode(),
        on_process=call.on_process,
        on_output=call.on_output,
    )
    stderr = result.stderr.decode("utf-8", "replace")[-_STDERR_KEPT:]
    beside: dict[str, Json] = {"exit_code": result.exit_code, "stderr": stderr}
    if result.exit_code != 0:
        said = stderr.strip().splitlines()[-3:]
        how = f"exit code {result.exit_code}" if result.exit_code > 0 else f"signal {-result.exit_code}"
        raise StepFailure(
            Failure("exit_code", f"the command ended with {how}" + "".join(f"\n{line}" for line in said), data=beside)
        )
    return Outcome(_read(result.stdout, call.setting("format", "text")), beside)


def _read(stdout: bytes, how: str) -> Json:
    """Standard output by `format`: text without its last newline, JSON, or a list of lines."""
    try:
        text = stdout.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StepFailure(
            Failure("invalid_output", f"the command printed bytes that are not UTF-8 (at byte {error.start})")
        ) from error
    if how == "lines":
        return text.splitlines()
    if how == "json":
        try:
            return read_json(text, distinct_keys=False)
        except ValueError as error:
            raise StepFailure(
                Failure("invalid_output", f"`format: json` expects JSON on standard output: {error}")
            ) from error
    return text[:-1] if text.endswith("\n") else text


def _texts(what: str, values: list[Json]) -> list[str]:
    return [as_argument(f"{what}[{index}]", value) for index, value in enumerate(values)]
