"""What `agentflow models list` shows. Nothing is loaded for it, and no key is ever part of it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.services.llm import ollama, weights
from agentflow_cli.services.llm.provider_names import KEYED, OTHERS, KeyedProvider
from agentflow_cli.services.llm.routes import (
    EMBEDDED,
    ENDPOINT,
    KEY_VARIABLE,
    OLLAMA,
    SCRIPTED,
    URL_VARIABLE,
    endpoint_url,
)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    name: str
    """As `model:` takes it; in capitals, what the user fills in."""
    provider: str
    about: str
    ready: bool
    how: str
    """What makes it ready, or where it is."""


def list_models(
    environment: Mapping[str, str] = os.environ, ollama_models: tuple[str, ...] | None = None
) -> list[ModelInfo]:
    """The models that can be named here. `ollama_models` is what an Ollama was found to have; None: there is none."""
    return [
        *_embedded(environment),
        *_ollama(environment, ollama_models),
        _endpoint(environment),
        *(_keyed(provider, environment) for provider in KEYED),
        ModelInfo(
            "PROVIDER/NAME", "litellm", f"{len(OTHERS)} more providers of LiteLLM", True, "by their own variables"
        ),
        ModelInfo(SCRIPTED, SCRIPTED, "fixed answers for tests; no model at all", True, "always there"),
    ]


def _embedded(environment: Mapping[str, str]) -> Iterator[ModelInfo]:
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
    yield ModelInfo(EMBEDDED, "embedded", about, ready, how)
    yield ModelInfo(
        "file:/path/to/model.gguf", "embedded", "a GGUF file of your own, inside this process", library, file_how
    )


def _ollama(environment: Mapping[str, str], models: tuple[str, ...] | None) -> Iterator[ModelInfo]:
    where = ollama.base_url(environment)
    if not models:
        how = f"nothing answers at {where}" if models is None else f"{where} has no models: ollama pull NAME"
        yield ModelInfo(f"{OLLAMA}/NAME", OLLAMA, "the models of an Ollama", False, how)
    for name in models or ():
        yield ModelInfo(f"{OLLAMA}/{name}", OLLAMA, "a model of your Ollama", True, where)


def _endpoint(environment: Mapping[str, str]) -> ModelInfo:
    about = "any server that speaks OpenAI's protocol"
    try:
        url = endpoint_url(environment)
    except AgentflowError as error:
        how = f"{URL_VARIABLE} is no address" if environment.get(URL_VARIABLE) else error.next_command or ""
        return ModelInfo(f"{ENDPOINT}/NAME", ENDPOINT, about, False, how)
    key = f"{KEY_VARIABLE} is set" if environment.get(KEY_VARIABLE) else "without a key"
    return ModelInfo(f"{ENDPOINT}/NAME", ENDPOINT, about, True, f"{url}, {key}")


def _keyed(provider: KeyedProvider, environment: Mapping[str, str]) -> ModelInfo:
    variable = provider.key_variable(environment)
    about = f"fast: {provider.fast} · smart: {provider.smart}" if provider.fast else "name its models yourself"
    how = f"{variable} is set" if variable else f"set {provider.keys[0]}"
    return ModelInfo(f"{provider.name}/NAME", provider.name, about, variable is not None, how)
