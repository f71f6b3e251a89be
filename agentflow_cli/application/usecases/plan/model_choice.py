"""Which model a step will be answered by, as far as that is known without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.plan.report import ModelUse
from agentflow_cli.domain.models import Candidate
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.services.llm import ollama
from agentflow_cli.services.llm.bindings import Bindings
from agentflow_cli.services.llm.finder import Finder
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.prices import price_of
from agentflow_cli.services.llm.provider_hosts import host_of

OLLAMA = "ollama"
"""What stands for the models of an Ollama when nobody has asked which it has."""


class ModelChoices:
    """Names of models as the run would resolve them. An Ollama is not looked for: what hangs on it stays open."""

    def __init__(self, container: Container, plan: Plan, default: str | None) -> None:
        """`default` is for steps that name no model."""
        self._agents = plan.agents
        self._default = default
        self._environment = container.environment
        self._asked = False
        self._known: dict[str | None, ModelUse] = {}
        bindings = Bindings(lambda candidate: container.trust.granted(container.root, candidate), container.referred)
        self._bindings = bindings
        self._finder = Finder(container.environment, self._ask, bindings, script=False)
        self._finder.routes = dict(plan.models)
        self._gateway = ModelGateway(
            environment=container.environment, find_ollama=self._ask, routes=plan.models, bindings=bindings
        )

    def of(self, step: PlanStep) -> ModelUse | None:
        """None for a step that calls none."""
        if step.kind not in ("prompt", "agent"):
            return None
        return self.named(step.agent.model if step.agent is not None else step.settings.get("model"))

    def identity(self, step: PlanStep) -> str:
        """What the outcome of a prompt is kept under in place of its model, which must be known."""
        return self._finder.identify(step.settings.get("model") or self._default)

    def delegates(self, step: PlanStep) -> tuple[ModelUse, ...]:
        """The models of all agents that the step's agent may ask, directly or not."""
        found: dict[str, ModelUse] = {}
        waiting = list(step.agent.tools) if step.agent is not None else []
        while waiting:
            kind, _, name = waiting.pop().partition(":")
            agent = self._agents.get(name) if kind == "agent" else None
            if agent is not None and name not in found:
                found[name] = self.named(agent.model)
                waiting += agent.tools
        return tuple(found.values())

    def named(self, written: str | None) -> ModelUse:
        """What `written` means; None is the model of those that name none."""
        if written not in self._known:
            self._known[written] = self._use(written)
        return self._known[written]

    def candidates(self, use: ModelUse) -> tuple[Candidate, ...]:
        """The models that it may be, in order of preference."""
        return self._finder.candidates(use.written or self._default)

    def ungranted(self, use: ModelUse) -> list[Candidate]:
        """What it may lead to and nobody has granted."""
        return [each for each in self.candidates(use) if each.bound and not self._bindings.granted(each)]

    def output_price(self, use: ModelUse) -> float | None:
        """Dollars for a token that it writes, the most that any of its models takes; None when one is not known."""
        if use.name is None:
            return 0.0 if use.local else None
        prices: list[float] = []
        for candidate in self.candidates(use):
            name = self.resolved(candidate)
            price = None if name is None else price_of(name, candidate, self._environment)
            if price is None:
                return None
            prices += [price.output, price.long.output if price.long is not None else 0.0]
        return max(prices, default=0.0)

    def hosts(self, use: ModelUse) -> dict[str, str | None]:
        """Model → its host: empty when it runs in this process, None when it is not known."""
        if use.name is None and use.either:
            return {name: host_of(f"{name}/" if name == OLLAMA else name, Candidate(name), self._environment)
                    for name in use.either}  # fmt: skip
        found: dict[str, str | None] = {}
        for candidate in self.candidates(use) if use.name is not None else ():
            name = self.resolved(candidate)
            if name is not None:
                found[name] = host_of(name, candidate, self._environment)
        return found

    def _use(self, written: str | None) -> ModelUse:
        self._asked = False
        name = written or self._default
        try:
            choice = self._finder.choose(name)
            missing = self._why_not(name)
        except AgentflowError as error:
            return ModelUse(written, None, error.message)
        if self._asked:
            local = self._local("ollama/", Candidate(OLLAMA)) and self._local(choice.name, Candidate(choice.name))
            why = f"an Ollama if one answers at {ollama.base_url(self._environment)}, else {choice.name}"
            return ModelUse(written, None, why, local, (OLLAMA, choice.name))
        every = [(each, self.resolved(each)) for each in self._finder.candidates(name)]
        others = tuple(dict.fromkeys(found for _, found in every if found and found != choice.name))
        local = all(found is not None and self._local(found, each) for each, found in every)
        return ModelUse(written, choice.name, choice.reason, local, fallbacks=others, missing=missing)

    def resolved(self, candidate: Candidate) -> str | None:
        """`provider/name`; None where there is none."""
        try:
            return self._finder.resolved(candidate)
        except AgentflowError:
            return None

    def _why_not(self, name: str | None) -> str | None:
        """Why none of the models that `name` means can be had, as far as that can be seen."""
        missing = [self._finder.why_not(each) for each in self._finder.candidates(name)]
        return None if None in missing else "; ".join(why for why in dict.fromkeys(missing) if why)

    def _local(self, name: str, candidate: Candidate) -> bool:
        """Whether it runs on this machine, which costs no money."""
        host = host_of(name, candidate, self._environment)
        if name.startswith("ollama/"):
            return host is not None and (host.startswith("127.") or host in ("localhost", "::1"))
        return host == ""

    def _ask(self, _environment: Mapping[str, str]) -> None:
        self._asked = True
