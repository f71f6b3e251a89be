"""Runs in which a script plays every model's part: for trying out, for tests, for CI."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.data_file import read_data


def mock_models(container: Container, file: str | None) -> None:
    """From here on no model is called. `file` is a script of answers; without one (None, '') the answers are made up.

    NotFoundError, UsageError, InvalidWorkflowError when the script cannot be read.
    """
    from agentflow_cli.services.llm.mock import MockGateway
    from agentflow_cli.services.llm.script import read_script

    hint = "`--recordings` takes a YAML file with a list of answers"
    script = read_script(read_data(file, hint)) if file else None
    container.models = MockGateway(script, environment=container.environment, clock=container.clock)
    container.script = str(Path(file).absolute()) if file else ""
