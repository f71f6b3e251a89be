"""`run --detach`: a run in a session of its own, which goes on when this terminal is gone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.exit_codes import ExitCode


def run_detached(
    invocation: Invocation, workflow: str, inputs: list[str], inputs_file: str | None, options: Sequence[str]
) -> ExitCode:
    """Start `agentflow run WORKFLOW` as a process of its own; its id on stdout as soon as it is accepted.

    When it ends before there is a run, its message is shown and its exit code is ours.
    """
    from agentflow_cli.application.usecases.detached import Runner
    from agentflow_cli.application.usecases.inputs import read_inputs
    from agentflow_cli.application.usecases.workflow_files import STDIN, compile_workflow
    from agentflow_cli.cli.progress.summary import project_option

    console = invocation.console
    if workflow == STDIN:
        raise UsageError("`--detach` has no standard input, so the workflow must come from a file")
    compiled = compile_workflow(workflow)  # here too: what is wrong with it is said before anything is started
    read_inputs(compiled.plan.inputs, inputs, inputs_file, None, f"`{compiled.plan.workflow}`")
    container = Container(compiled.root)
    given = [part for value in inputs for part in ("-i", value)]
    given += ["--inputs", inputs_file] if inputs_file is not None else []
    runner = Runner(container, ["run", workflow, *given, "--progress", "none", *options], Path.cwd())
    run = runner.find_run()
    if run is None:
        console.insist(runner.said().rstrip("\n"))
        return ExitCode(runner.wait())
    if invocation.output == "text":
        console.data(run)
    else:
        write_value(invocation, {"version": 1, "run": run})
    console.say(f"run {run} goes on by itself")
    console.say(f"  next: agentflow {project_option(container.root)}watch {run}")
    return ExitCode.SUCCESS
