"""The provider behind one model: its address and its key found, nothing loaded before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.model_names import ADDRESSABLE
from agentflow_cli.domain.models import Candidate, is_address
from agentflow_cli.foundation.clock import Clock
from agentflow_cli.ports.model import ModelFailure
from agentflow_cli.services.llm import ollama, weights
from agentflow_cli.services.llm.bindings import Bindings
from agentflow_cli.services.llm.failures import FailureReader
from agentflow_cli.services.llm.provider import Provider
from agentflow_cli.services.llm.provider_names import BY_NAME
from agentflow_cli.services.llm.routes import EMBEDDED, ENDPOINT, KEY_VARIABLE, OLLAMA, SCRIPTED, endpoint_url
from agentflow_cli.services.llm.scrub import secrets_of

_NO_KEY = "none"
"""Sent where a server asks for no key and LiteLLM insists on one: it must not look for one by itself."""


def address_variable(provider: str, environment: Mapping[str, str]) -> str | None:
    """The user's variable that says where `provider` is; None when none does."""
    prefix = provider.upper().replace("-", "_")
    return next((name for name in (f"{prefix}_BASE_URL", f"{prefix}_API_BASE") if environment.get(name)), None)


@dataclass(frozen=True, slots=True)
class ProviderMaker:
    """`root` is where relative `file:` paths start."""

    environment: Mapping[str, str]
    root: Path
    clock: Clock
    bindings: Bindings

    def provider(self, candidate: Candidate, resolved: str) -> Provider:
        """The provider for `candidate`, which means `resolved`. ModelFailure when it cannot be called."""
        if resolved == SCRIPTED:
            from agentflow_cli.services.llm.providers.scripted import ScriptedModel

            return ScriptedModel(clock=self.clock)
        kind = resolved.partition("/")[0]
        key = self._granted_key(candidate, kind) if candidate.bound else None
        if kind in (ENDPOINT, OLLAMA):
            return self._direct(candidate, resolved, kind, key)
        if resolved != EMBEDDED and not resolved.startswith("file:"):
            return self._through_litellm(candidate, resolved, kind, key)
        from agentflow_cli.services.llm.providers.llamacpp import EmbeddedModel

        if resolved == EMBEDDED:
            directory = weights.models_directory(self.environment)
            return EmbeddedModel(EMBEDDED, lambda: weights.locate(self.environment, directory))
        path = self.root / Path(resolved.removeprefix("file:")).expanduser()
        return EmbeddedModel(resolved, lambda: weights.named_file(path, f"`model: {resolved}` names"))

    def _granted_key(self, candidate: Candidate, kind: str) -> str | None:
        """The value of the key that the project binds; ModelFailure unless the user has granted all of it."""
        if not self.bindings.granted(candidate):
            message = f"the address or key that the project gives `{candidate.alias}` is not granted: agentflow trust"
            raise ModelFailure(Failure("denied", message))
        url = candidate.base_url
        if kind not in ADDRESSABLE or (url is not None and not is_address(url)):
            message = f"`{candidate.alias}` cannot be given that address or key"
            raise ModelFailure(Failure("denied", message))
        if candidate.api_key is None:
            return None
        key = self.bindings.key(candidate.api_key)
        if not key:
            raise ModelFailure(Failure("auth", f"`{candidate.alias}` needs a key: {candidate.api_key} is not set"))
        return key

    def _direct(self, candidate: Candidate, resolved: str, kind: str, key: str | None) -> Provider:
        from agentflow_cli.services.llm.providers.openai_compatible import Endpoint, OpenAICompatible

        url, variable = candidate.base_url, candidate.api_key
        if url is not None:
            url = url.rstrip("/").removesuffix("/chat/completions")
            if kind == OLLAMA and not url.endswith("/v1"):
                url += "/v1"
        elif kind == OLLAMA:
            url = f"{ollama.base_url(self.environment)}/v1"
        else:
            url = endpoint_url(self.environment)
            if key is None:
                key, variable = self.environment.get(KEY_VARIABLE) or None, KEY_VARIABLE
        failures = self._failures(resolved, variable, key)
        return OpenAICompatible(resolved, resolved.partition("/")[2], Endpoint(url, key, variable), failures)

    def _through_litellm(self, candidate: Candidate, resolved: str, kind: str, key: str | None) -> Provider:
        from agentflow_cli.services.llm.providers.litellm_provider import LiteLLMProvider

        if candidate.base_url is not None:  # only what the project may bind goes there, and no key of the user's
            failures = self._failures(resolved, candidate.api_key, key)
            url = candidate.base_url.rstrip("/")
            return LiteLLMProvider(resolved, failures, api_key=key or _NO_KEY, base_url=url)
        place = address_variable(kind, self.environment)
        keyed = BY_NAME.get(kind)
        variable = candidate.api_key
        if key is None and keyed is not None:
            variable = keyed.key_variable(self.environment)
            if variable is None and place is None:
                message = f"`{resolved}` needs a key: set {' or '.join(keyed.keys)}"
                raise ModelFailure(Failure("auth", message))
            key = self.environment[variable] if variable else _NO_KEY
        elif key is None:  # it may stand in the project's `.env`, where LiteLLM does not look
            variable = f"{kind.upper().replace('-', '_')}_API_KEY"
            key = self.environment.get(variable) or None
        failures = self._failures(resolved, variable, key)
        base_url = self.environment[place] if place else None
        return LiteLLMProvider(resolved, failures, api_key=key, base_url=base_url)

    def _failures(self, who: str, variable: str | None, key: str | None) -> FailureReader:
        return FailureReader(who, self.clock, secrets_of(self.environment, key), variable)
