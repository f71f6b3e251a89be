"""A YAML or JSON file that is neither a workflow nor a project file: inputs, scripts, lists."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics, InvalidWorkflowError
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import NotFoundError


def read_data(path: str, hint: str) -> Json:
    """What the file `path` holds. NotFoundError with `hint`; InvalidWorkflowError when it is no YAML."""
    from agentflow_cli.language.loader.source_text import read_source
    from agentflow_cli.language.loader.yaml_reader import read_yaml

    if not Path(path).exists():
        raise NotFoundError(f"there is no file {path}", hint=hint)
    diagnostics = Diagnostics()
    text = read_source(Path(path), path, diagnostics)
    document = None if text is None else read_yaml(text, path, diagnostics)
    if document is None or diagnostics.has_errors:
        raise InvalidWorkflowError(diagnostics, {path: text or ""})
    return document.data
