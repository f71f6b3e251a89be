"""The one model that the engine gets: finds the provider that a name means, and holds it to what the port promises.

A provider may answer with nothing, with numbers that cannot be, or not at all; beyond this file it is a reply that can
be used or a failure that says why.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from agentflow_cli.domain.failure import Failure
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, ModelUsage, OnDelta
from agentflow_cli.services.llm import ollama, weights
from agentflow_cli.services.llm.deadlines import Deadlines, within
from agentflow_cli.services.llm.failures import FailureReader
from agentflow_cli.services.llm.provider import Provider
from agentflow_cli.services.llm.provider_names import BY_NAME
from agentflow_cli.services.llm.routes import (
    EMBEDDED,
    ENDPOINT,
    KEY_VARIABLE,
    NO_MODELS_VARIABLE,
    OLLAMA,
    ROUTES,
    SCRIPTED,
    Choice,
    FindOllama,
    endpoint_url,
    named,
    unnamed,
)
from agentflow_cli.services.llm.scrub import secrets_of
from agentflow_cli.services.llm.structured import structured
from agentflow_cli.services.llm.tool_calls import check_tool_calls

_MOST_TOKENS = 100_000_000
"""No call has more: a larger count is a provider's mistake."""


class ModelGateway:
    """A `ports.model.Model` over all providers; each is made when it is first named and kept until `close`."""

    def __init__(
        self,
        *,
        environment: Mapping[str, str] = os.environ,
        root: Path | None = None,
        scripted: Provider | None = None,
        clock: Clock | None = None,
        deadlines: Deadlines | None = None,
        find_ollama: FindOllama | None = None,
    ) -> None:
        """`root` is where relative `file:` paths start. With `scripted`, that is what unnamed models mean."""
        self._environment = environment
        self._root = root or Path()
        self._clock = clock or SystemClock()
        self._deadlines = deadlines or Deadlines()
        self._has_script = scripted is not None
        self._find_ollama = find_ollama or ollama.installed
        self._choices: dict[str | None, Choice] = {}
        self._providers: dict[str, Provider] = {} if scripted is None else {SCRIPTED: scripted}

    def resolve(self, name: str | None) -> str:
        """The model that `name` means, as `provider/name`; NotFoundError lists what can be named. Loads nothing."""
        return self.choose(name).name

    def choose(self, name: str | None) -> Choice:
        """As `resolve`, with the reason. For no name and the routes it may look for an Ollama on this machine, once."""
        if name is not None and name not in ROUTES:
            return Choice(named(name, self._environment), "it was named")
        if name not in self._choices:
            self._choices[name] = unnamed(name, self._environment, self._find_ollama, script=self._has_script)
        return self._choices[name]

    def needs_fetch(self, names: Iterable[str | None]) -> bool:
        """Whether one of `names` means the embedded model, and its weights are not here yet."""
        if EMBEDDED not in {self.resolve(name) for name in names} or self._environment.get(weights.FILE_VARIABLE):
            return False
        return not self._off() and weights.installed(weights.models_directory(self._environment)) is None

    def prepare(self, names: Iterable[str | None]) -> None:
        """Begin to load what `names` mean, in the background. Never raises: the call itself will say what is wrong."""
        for name in names:
            try:
                provider = self._provider(name)
            except ModelFailure:
                continue
            provider.prepare()

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelReply:
        provider = self._provider(request.model)
        asked = 0

        async def ask(turn: ModelRequest) -> ModelReply:
            nonlocal asked
            asked += 1
            if asked > 1:
                if on_delta is not None:
                    on_delta("")  # what was streamed so far no longer holds
                if turn.idempotency_key is not None:  # another question must not get the first one's answer
                    turn = replace(turn, idempotency_key=f"{turn.idempotency_key}-{asked}")
            reply = await within(self._deadlines, self._clock, lambda heard: provider.complete(turn, heard), on_delta)
            return _sound(reply, turn)

        async with provider.admission():
            return await ask(request) if request.schema is None else await structured(request, ask)

    async def embed(self, texts: Sequence[str], model: str) -> list[list[float]]:
        """A vector for each of `texts`, all of one length. Only `ollama/` and `endpoint/` models. ModelFailure."""
        provider = self._provider(model)
        give = getattr(provider, "embed", None)
        if give is None:
            raise ModelFailure(Failure("model", f"`{provider.name}` makes no embeddings here"))
        async with provider.admission():
            vectors: list[list[float]] = await within(self._deadlines, self._clock, lambda heard: give(texts), None)
        return vectors

    def close(self) -> None:
        """End what goes on and free the models."""
        for provider in self._providers.values():
            provider.close()

    def _off(self) -> bool:
        return self._environment.get(NO_MODELS_VARIABLE, "") not in ("", "0")

    def _provider(self, name: str | None) -> Provider:
        """ModelFailure when there is none, or none may be called."""
        try:
            resolved = self.resolve(name)
        except AgentflowError as error:
            raise ModelFailure(Failure("model", f"{error.message}; {error.hint}")) from error
        if resolved != SCRIPTED and self._off():
            provider = self._providers.get(resolved)
            if provider is None or provider.real:
                message = f"{NO_MODELS_VARIABLE} is set, so `{resolved}` is not called; give a script instead"
                raise ModelFailure(Failure("model", message))
        if resolved not in self._providers:
            self._providers[resolved] = self._make(resolved)
        return self._providers[resolved]

    def _make(self, resolved: str) -> Provider:
        if resolved == SCRIPTED:
            from agentflow_cli.services.llm.providers.scripted import ScriptedModel

            return ScriptedModel(clock=self._clock)
        kind = resolved.partition("/")[0]
        if resolved != EMBEDDED and not resolved.startswith("file:"):
            return self._direct(resolved, kind) if kind in (ENDPOINT, OLLAMA) else self._through_litellm(resolved, kind)
        from agentflow_cli.services.llm.providers.llamacpp import EmbeddedModel

        if resolved == EMBEDDED:
            directory = weights.models_directory(self._environment)
            return EmbeddedModel(EMBEDDED, lambda: weights.locate(self._environment, directory))
        path = self._root / Path(resolved.removeprefix("file:")).expanduser()
        return EmbeddedModel(resolved, lambda: weights.named_file(path, f"`model: {resolved}` names"))

    def _direct(self, resolved: str, kind: str) -> Provider:
        from agentflow_cli.services.llm.providers.openai_compatible import Endpoint, OpenAICompatible

        if kind == OLLAMA:
            endpoint = Endpoint(f"{ollama.base_url(self._environment)}/v1")
        else:
            key = self._environment.get(KEY_VARIABLE) or None
            endpoint = Endpoint(endpoint_url(self._environment), key, KEY_VARIABLE)
        model = resolved.partition("/")[2]
        return OpenAICompatible(resolved, model, endpoint, self._failures(resolved, endpoint.key_variable))

    def _through_litellm(self, resolved: str, kind: str) -> Provider:
        from agentflow_cli.services.llm.providers.litellm_provider import LiteLLMProvider

        prefix = kind.upper().replace("-", "_")
        url = self._environment.get(f"{prefix}_BASE_URL") or self._environment.get(f"{prefix}_API_BASE") or None
        keyed = BY_NAME.get(kind)
        variable = keyed.key_variable(self._environment) if keyed else None
        if keyed and variable is None and url is None:
            message = f"`{resolved}` needs a key: set {' or '.join(keyed.keys)}"
            raise ModelFailure(Failure("auth", message))
        key = self._environment[variable] if variable else None
        if keyed and key is None:
            key = "none"  # a server of one's own asks for no key, and LiteLLM insists on one
        return LiteLLMProvider(resolved, self._failures(resolved, variable), api_key=key, base_url=url)

    def _failures(self, who: str, key_variable: str | None) -> FailureReader:
        return FailureReader(who, self._clock, secrets_of(self._environment), key_variable)


def _sound(reply: ModelReply, request: ModelRequest) -> ModelReply:
    """`reply` with possible usage; ModelFailure when it says nothing."""
    check_tool_calls(reply, request)
    if not reply.text.strip() and not reply.tool_calls:
        if reply.finish == "length":
            message = "the model used up `max_tokens` without saying anything: raise `max_tokens`"
        else:
            message = f"the model `{reply.model}` answered with nothing"
        raise ModelFailure(Failure("model", message))
    usage = reply.usage
    return replace(
        reply,
        usage=ModelUsage(
            _believed(usage.input_tokens, _estimate(message.content for message in request.messages)),
            _believed(usage.output_tokens, _estimate([reply.text, *(str(c.arguments) for c in reply.tool_calls)])),
            min(_tokens(usage.cached_tokens), _tokens(usage.input_tokens)),
        ),
    )


def _tokens(count: int) -> int:
    return count if 0 < count <= _MOST_TOKENS else 0


def _believed(reported: int, estimated: int) -> int:
    """What a provider counted; our estimate where it counted nothing, or so little that it cannot be."""
    count = _tokens(reported)
    return count if count * 4 >= estimated else estimated


def _estimate(texts: Iterable[str]) -> int:
    """Tokens of `texts` when nobody counted them: about four characters each."""
    return sum(len(text) // 4 + 1 for text in texts)
