"""What `agentflow models list` shows. Nothing is loaded for it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass

from agentflow_cli.services.llm import weights
from agentflow_cli.services.llm.routes import EMBEDDED, SCRIPTED


@dataclass(frozen=True, slots=True)
class ModelInfo:
    name: str
    """As `model:` takes it."""
    provider: str
    about: str
    ready: bool
    how: str
    """What makes it ready, or where it is."""


def list_models(environment: Mapping[str, str] = os.environ) -> list[ModelInfo]:
    """The models that can be named here, the default first."""
    library = importlib.util.find_spec("xllamacpp") is not None
    install = "pip install 'agentflow-yaml[embedded]'"
    named = environment.get(weights.FILE_VARIABLE)
    path = weights.installed(weights.models_directory(environment))
    if not library:
        ready, how = False, install
    elif named:
        ready, how = os.access(named, os.R_OK), f"{weights.FILE_VARIABLE}={named}"
    elif path is None:
        ready, how = False, "agentflow models pull"
    else:
        ready, how = True, str(path)
    about = "the GGUF file that you named" if named else weights.ABOUT
    file_how = "any GGUF file on this machine" if library else install
    return [
        ModelInfo(EMBEDDED, "embedded", about, ready, how),
        ModelInfo(
            "file:/path/to/model.gguf", "embedded", "a GGUF file of your own, inside this process", library, file_how
        ),
        ModelInfo(SCRIPTED, SCRIPTED, "fixed answers for tests; no model at all", True, "always there"),
    ]
