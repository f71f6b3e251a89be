"""Which models a name may mean here, and which of them can be had. Loads nothing; no model is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from agentflow_cli.domain.codec import to_json
from agentflow_cli.domain.models import ROUTES, Candidate
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.services.llm.bindings import Bindings
from agentflow_cli.services.llm.make_provider import address_variable
from agentflow_cli.services.llm.provider_names import BY_NAME
from agentflow_cli.services.llm.routes import MODEL_VARIABLE, Choice, FindOllama, named, unnamed


class Finder:
    """`script` says that unnamed models mean the scripted one."""

    def __init__(
        self, environment: Mapping[str, str], find_ollama: FindOllama, bindings: Bindings, *, script: bool
    ) -> None:
        self._environment = environment
        self._find_ollama = find_ollama
        self._bindings = bindings
        self._script = script
        self._unnamed: dict[str | None, Choice] = {}
        self.routes: dict[str, Sequence[Candidate]] = {}
        """The project's names for models."""

    def candidates(self, name: str | None) -> tuple[Candidate, ...]:
        """What `name` may mean, in order of preference; without a name, what the user's variable says."""
        if name in self.routes:
            return tuple(self.routes[name or ""])
        said = self._environment.get(MODEL_VARIABLE, "") if name is None or name in ROUTES else ""
        if said in self.routes and said not in ROUTES:
            return tuple(self.routes[said])
        return (Candidate(name or ""),)

    def preferred(self, name: str | None) -> Candidate:
        """The first candidate that can be had; the first of all when none can."""
        candidates = self.candidates(name)
        return next((each for each in candidates if self.why_not(each) is None), candidates[0])

    def choose(self, name: str | None) -> Choice:
        """The model that is meant, with the reason. For no name and the routes it may look for an Ollama, once."""
        candidates = self.candidates(name)
        if len(candidates) == 1 and not candidates[0].alias:
            return self._choice(candidates[0])
        chosen = self.preferred(name)
        choice = self._choice(chosen)
        if name in self.routes:
            reason = f"the project's `models` say so for `{name}`"
        else:
            reason = f"{MODEL_VARIABLE} says `{candidates[0].alias}`"
        if chosen.model in ROUTES:
            reason += f": `{chosen.model}`, for {choice.reason}"
        place = candidates.index(chosen)
        missing = [f"{self.shown(each)}: {self.why_not(each)}" for each in candidates[:place]]
        return Choice(choice.name, reason + (f" ({'; '.join(missing)})" if missing else ""))

    def resolved(self, candidate: Candidate) -> str:
        """`provider/name`; NotFoundError lists what can be named."""
        return self._choice(candidate).name

    def identify(self, name: str | None) -> str:
        """The model that is meant, with all that the project says about calls by this name."""
        said = [to_json(each) for each in self.candidates(name) if each.alias]
        resolved = self.choose(name).name
        return f"{resolved} {json.dumps(said, sort_keys=True)}" if said else resolved

    def shown(self, candidate: Candidate) -> str:
        """`provider/name`, or what was written where that means nothing here."""
        try:
            return self.resolved(candidate)
        except AgentflowError:
            return candidate.model

    def why_not(self, candidate: Candidate) -> str | None:
        """What is known to be missing for a call to it; None when nothing is."""
        try:
            provider = BY_NAME.get(self.resolved(candidate).partition("/")[0])
        except AgentflowError as error:
            return error.message
        if candidate.bound and not self._bindings.granted(candidate):
            return "not granted"
        if candidate.api_key is not None:
            return None if self._bindings.key(candidate.api_key) else f"{candidate.api_key} is not set"
        if candidate.base_url is not None or provider is None:
            return None
        if provider.key_variable(self._environment) or address_variable(provider.name, self._environment):
            return None
        return f"{provider.keys[0]} is not set"

    def _choice(self, candidate: Candidate) -> Choice:
        name = candidate.model or None
        if name is not None and name not in ROUTES:
            addressed = candidate.base_url is not None
            meant = named(name, self._environment, addressed=addressed, aliases=self.routes)
            return Choice(meant, "it was named")
        key = f"{candidate.alias}/{name}" if candidate.alias else name
        if key not in self._unnamed:
            environment = self._environment
            if candidate.alias:  # the variable may name the very alias that leads here
                environment = {n: value for n, value in environment.items() if n != MODEL_VARIABLE}
            self._unnamed[key] = unnamed(name, environment, self._find_ollama, script=self._script)
        return self._unnamed[key]
