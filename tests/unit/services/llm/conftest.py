"""The real embedded model, loaded once for all tests of this room."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.services.llm import ollama, weights, weights_fetch
from agentflow_cli.services.llm.providers.llamacpp import EmbeddedModel
from agentflow_cli.services.llm.routes import EMBEDDED
from tests.fakes.model_server import ModelServer


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedModel]:
    """Two slots of 1,024 tokens. Its weights are fetched when this machine has none."""
    directory = weights.models_directory()
    try:
        if not os.environ.get(weights.FILE_VARIABLE):
            weights_fetch.fetch(directory)
    except AgentflowError as error:
        pytest.fail(f"the tests of the embedded model need its weights: {error.message} ({error.hint})")
    model = EmbeddedModel(EMBEDDED, lambda: weights.locate(os.environ, directory), slots=2, context=1024)
    yield model
    model.close()


@pytest.fixture(autouse=True)
def no_ollama(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs on the developer's machine decides nothing here."""
    monkeypatch.setattr(ollama, "installed", lambda environment: None)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server
