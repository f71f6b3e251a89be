"""The one model that the engine gets: finds the provider that a name means, and holds it to what the port promises.

A provider may answer with nothing, with numbers that cannot be, or not at all; beyond this file it is a reply that can
be used or a failure that says why.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from agentflow_cli.domain.failure import Failure
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import AgentflowError, NotFoundError
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, ModelUsage, OnDelta
from agentflow_cli.services.llm import weights
from agentflow_cli.services.llm.deadlines import Deadlines, within
from agentflow_cli.services.llm.provider import Provider
from agentflow_cli.services.llm.structured import structured
from agentflow_cli.services.llm.tool_calls import check_tool_calls

EMBEDDED = f"embedded/{weights.NAME}"
SCRIPTED = "scripted"
ROUTES = ("fast", "smart")
"""Built-in names for what there is."""

NO_MODELS_VARIABLE = "AGENTFLOW_NO_MODELS"
MODEL_VARIABLE = "AGENTFLOW_MODEL"

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
    ) -> None:
        """`root` is where relative `file:` paths start. With `scripted`, that is what unnamed models mean."""
        self._environment = environment
        self._root = root or Path()
        self._clock = clock or SystemClock()
        self._deadlines = deadlines or Deadlines()
        self._has_script = scripted is not None
        self._providers: dict[str, Provider] = {} if scripted is None else {SCRIPTED: scripted}

    def resolve(self, name: str | None) -> str:
        """The provider that `name` means, as `provider/name`; NotFoundError lists what can be named. Loads nothing."""
        if name is None or name in ROUTES:
            named = self._environment.get(MODEL_VARIABLE) or None
            if named in ROUTES:
                named = None
            return self.resolve(named or (SCRIPTED if self._has_script else "embedded"))
        if name in ("embedded", EMBEDDED):
            return EMBEDDED
        if name == SCRIPTED:
            return SCRIPTED
        if name.startswith("file:") and len(name) > len("file:"):
            return name
        options = ("embedded", EMBEDDED, SCRIPTED, *ROUTES)
        near = closest(name, options)
        listed = ", ".join(f"`{option}`" for option in options)
        raise NotFoundError(
            f"there is no model `{name}`",
            hint=(f"did you mean `{near}`? " if near else "")
            + f"models that can be named: {listed}, and `file:/path/to/model.gguf`",
            next_command="agentflow models list",
        )

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
            if asked > 1 and on_delta is not None:
                on_delta("")  # what was streamed so far no longer holds
            reply = await within(self._deadlines, self._clock, lambda heard: provider.complete(turn, heard), on_delta)
            return _sound(reply, turn)

        async with provider.admission():
            return await ask(request) if request.schema is None else await structured(request, ask)

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
        if resolved not in self._providers:
            self._providers[resolved] = self._make(resolved)
        provider = self._providers[resolved]
        if provider.real and self._off():
            message = f"{NO_MODELS_VARIABLE} is set, so `{resolved}` is not called; give a script instead"
            raise ModelFailure(Failure("model", message))
        return provider

    def _make(self, resolved: str) -> Provider:
        if resolved == SCRIPTED:
            from agentflow_cli.services.llm.providers.scripted import ScriptedModel

            return ScriptedModel(clock=self._clock)
        from agentflow_cli.services.llm.providers.llamacpp import EmbeddedModel

        if resolved == EMBEDDED:
            directory = weights.models_directory(self._environment)
            return EmbeddedModel(EMBEDDED, lambda: weights.locate(self._environment, directory))
        path = self._root / Path(resolved.removeprefix("file:")).expanduser()
        return EmbeddedModel(resolved, lambda: weights.named_file(path, f"`model: {resolved}` names"))


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
            _tokens(usage.input_tokens) or _estimate(message.content for message in request.messages),
            _tokens(usage.output_tokens) or _estimate([reply.text]),
            min(_tokens(usage.cached_tokens), _tokens(usage.input_tokens)),
        ),
    )


def _tokens(count: int) -> int:
    return count if 0 < count <= _MOST_TOKENS else 0


def _estimate(texts: Iterable[str]) -> int:
    """Tokens of `texts` when nobody counted them: about four characters each."""
    return sum(len(text) // 4 + 1 for text in texts)
