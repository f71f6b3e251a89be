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
from agentflow_cli.domain.models import Candidate
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, OnDelta, OnPassed, PassedOver, Price
from agentflow_cli.services.llm import ollama, weights
from agentflow_cli.services.llm.bindings import NO_BINDINGS, Bindings
from agentflow_cli.services.llm.deadlines import Deadlines, within
from agentflow_cli.services.llm.failover import WORTH_ANOTHER, Rests, nobody_left
from agentflow_cli.services.llm.finder import Finder
from agentflow_cli.services.llm.make_provider import ProviderMaker
from agentflow_cli.services.llm.prices import price_of
from agentflow_cli.services.llm.provider import Provider
from agentflow_cli.services.llm.routes import EMBEDDED, NO_MODELS_VARIABLE, SCRIPTED, Choice, FindOllama
from agentflow_cli.services.llm.structured import structured
from agentflow_cli.services.llm.tool_calls import check_tool_calls
from agentflow_cli.services.llm.usage import NOTHING, counted_reply


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
        routes: Mapping[str, Sequence[Candidate]] | None = None,
        bindings: Bindings | None = None,
    ) -> None:
        """`root` is where relative `file:` paths start. With `scripted`, that is what unnamed models mean.

        `routes` are the project's names for models; `bindings` say which of their addresses and keys are granted.
        """
        self._environment = environment
        self._root = root or Path()
        self._clock = clock or SystemClock()
        self._deadlines = deadlines or Deadlines()
        self._has_script = scripted is not None
        self._bindings = bindings or NO_BINDINGS
        self._finder = Finder(environment, find_ollama or ollama.installed, self._bindings, script=self._has_script)
        self._finder.routes = dict(routes or {})
        self._rests = Rests()
        self._providers: dict[str, Provider] = {} if scripted is None else {SCRIPTED: scripted}

    def use_routes(self, routes: Mapping[str, Sequence[Candidate]]) -> None:
        """From here on the project's names mean this: what was frozen with a plan."""
        self._finder.routes = dict(routes)

    def resolve(self, name: str | None) -> str:
        """The model that `name` means, as `provider/name`; NotFoundError lists what can be named. Loads nothing."""
        return self.choose(name).name

    def choose(self, name: str | None) -> Choice:
        """As `resolve`, with the reason: of several models the first that can be had, as far as that can be seen."""
        return self._finder.choose(name)

    def identify(self, name: str | None) -> str:
        """As `resolve`, with all that the project says about calls by this name."""
        return self._finder.identify(name)

    def why_not(self, name: str | None) -> str | None:
        """Why none of the models that `name` means can be had; None when one can, as far as that can be seen."""
        missing = [(each, self._finder.why_not(each)) for each in self._finder.candidates(name)]
        if any(why is None for _, why in missing):
            return None
        return "; ".join(f"{self._finder.shown(each)}: {why}" for each, why in missing)

    def candidates(self, name: str | None) -> tuple[Candidate, ...]:
        """The models that `name` may mean, in order of preference."""
        return self._finder.candidates(name)

    def ungranted(self, names: Iterable[str | None]) -> list[Candidate]:
        """What `names` may lead to and nobody has granted: addresses and keys that the project asks for."""
        found = (candidate for name in names for candidate in self._finder.candidates(name))
        return list(dict.fromkeys(each for each in found if each.bound and not self._bindings.granted(each)))

    def needs_fetch(self, names: Iterable[str | None]) -> bool:
        """Whether one of `names` means the embedded model, and its weights are not here yet."""
        if EMBEDDED not in {self.resolve(name) for name in names} or self._environment.get(weights.FILE_VARIABLE):
            return False
        return not self._off() and weights.installed(weights.models_directory(self._environment)) is None

    def prepare(self, names: Iterable[str | None]) -> None:
        """Begin to load what `names` mean, in the background. Never raises: the call itself will say what is wrong."""
        for name in names:
            try:
                provider = self._provider(self._finder.preferred(name))
            except (ModelFailure, AgentflowError):
                continue
            provider.prepare()

    def price(self, name: str | None) -> Price | None:
        """The highest price of the models that `name` may lead to; None when one of them is not known."""
        candidates = [each for each in self._finder.candidates(name) if self._finder.why_not(each) is None]
        prices = [self._price(each) for each in candidates or [self._finder.preferred(name)]]
        known = [price for price in prices if price is not None]
        return max(known, key=lambda price: (price.output, price.input)) if len(known) == len(prices) else None

    def _price(self, candidate: Candidate) -> Price | None:
        try:
            return price_of(self._finder.resolved(candidate), candidate, self._environment)
        except AgentflowError:
            return None

    async def complete(
        self, request: ModelRequest, on_delta: OnDelta | None = None, on_passed: OnPassed | None = None
    ) -> ModelReply:
        """The reply of the first model of `request.model` that can be had; those before it are named in it."""
        preferred = self._finder.candidates(request.model)
        resting = self._rests.among(preferred, self._clock.monotonic()) if len(preferred) > 1 else {}
        # What could not be had a moment ago is asked last: it may be well again, and is better than nobody.
        order = sorted(enumerate(preferred), key=lambda each: each[1] in resting)
        names = [self._finder.shown(candidate) for _, candidate in order]
        passed = [PassedOver(self._finder.shown(each), why, names[0]) for each, why in resting.items()]
        passed = passed if len(resting) < len(order) else []
        tell = on_passed or (lambda passed: None)
        for each in passed:
            tell(each)
        for turn, (position, candidate) in enumerate(order):
            passed = [each for each in passed if each.model != names[turn]]
            try:
                reply = await self._ask(candidate, _asked_of(request, candidate, position), on_delta)
                return replace(reply, passed=tuple(passed)) if passed else reply
            except ModelFailure as error:
                if len(order) == 1 or error.failure.kind not in WORTH_ANOTHER:
                    raise
                self._rests.begin(candidate, error.failure, self._clock.monotonic())
                following = names[turn + 1] if turn + 1 < len(order) else ""
                passed.append(PassedOver(names[turn], error.failure, following))
                if on_delta is not None:
                    on_delta("")  # what was streamed so far no longer holds
                if following:
                    tell(passed[-1])
        raise ModelFailure(nobody_left(request.model, passed))

    async def _ask(self, candidate: Candidate, request: ModelRequest, on_delta: OnDelta | None) -> ModelReply:
        """A sound reply. A failure says what was used all the same: `data.usage`."""
        provider = self._provider(candidate)
        asked = 0
        used = NOTHING

        async def ask(turn: ModelRequest) -> ModelReply:
            nonlocal asked, used
            asked += 1
            if asked > 1:
                if on_delta is not None:
                    on_delta("")
                if turn.idempotency_key is not None:  # another question must not get the first one's answer
                    turn = replace(turn, idempotency_key=f"{turn.idempotency_key}-{asked}")
            reply = await within(self._deadlines, self._clock, lambda heard: provider.complete(turn, heard), on_delta)
            counted = counted_reply(reply, turn, self._price(candidate))
            used = used.plus(counted)
            return _sound(counted, turn)

        try:
            async with provider.admission():
                return await ask(request) if request.schema is None else await structured(request, ask)
        except ModelFailure as error:
            raise ModelFailure(used.on(error.failure)) from error

    async def embed(self, texts: Sequence[str], model: str) -> list[list[float]]:
        """A vector for each of `texts`, all of one length. Only `ollama/` and `endpoint/` models. ModelFailure."""
        provider = self._provider(self._finder.preferred(model))
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

    def _provider(self, candidate: Candidate) -> Provider:
        """ModelFailure when there is none, or none may be called."""
        try:
            resolved = self._finder.resolved(candidate)
        except AgentflowError as error:
            raise ModelFailure(Failure("model", f"{error.message}; {error.hint}")) from error
        known = f"{candidate.alias}: {resolved}" if candidate.bound and resolved != SCRIPTED else resolved
        if resolved != SCRIPTED and self._off():
            provider = self._providers.get(known)
            if provider is None or provider.real:
                message = f"{NO_MODELS_VARIABLE} is set, so `{resolved}` is not called; give a script instead"
                raise ModelFailure(Failure("model", message))
        if known not in self._providers:
            make = ProviderMaker(self._environment, self._root, self._clock, self._bindings)
            self._providers[known] = make.provider(candidate, resolved)
        return self._providers[known]


def _asked_of(request: ModelRequest, candidate: Candidate, position: int) -> ModelRequest:
    """The request as this model gets it: what the step says wins over what the project says."""
    key = request.idempotency_key
    return replace(
        request,
        model=candidate.model,
        temperature=candidate.temperature if request.temperature is None else request.temperature,
        max_tokens=candidate.max_tokens if request.max_tokens is None else request.max_tokens,
        idempotency_key=f"{key}~{position + 1}" if key is not None and position else key,
    )


def _sound(reply: ModelReply, request: ModelRequest) -> ModelReply:
    """`reply`; ModelFailure when it says nothing."""
    check_tool_calls(reply, request)
    if not reply.text.strip() and not reply.tool_calls:
        if reply.finish == "length":
            message = "the model used up `max_tokens` without saying anything: raise `max_tokens`"
        else:
            message = f"the model `{reply.model}` answered with nothing"
        raise ModelFailure(Failure("model", message))
    return reply
