"""Which model a step will be answered by, as far as that is known without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.plan.report import ModelUse
from agentflow_cli.domain.plan import PlanAgent, PlanStep
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.services.llm import ollama
from agentflow_cli.services.llm.gateway import ModelGateway


class ModelChoices:
    """Names of models as the run would resolve them. An Ollama is not looked for: what hangs on it stays open."""

    def __init__(self, container: Container, agents: Mapping[str, PlanAgent], default: str | None) -> None:
        """`agents` are those of the plan; `default` is for steps that name no model."""
        self._agents = agents
        self._default = default
        self._environment = container.environment
        self._asked = False
        self._known: dict[str | None, ModelUse] = {}
        self._gateway = ModelGateway(
            environment=container.environment, root=container.root, clock=container.clock, find_ollama=self._ask
        )

    def of(self, step: PlanStep) -> ModelUse | None:
        """None for a step that calls none."""
        if step.kind not in ("prompt", "agent"):
            return None
        return self.named(step.agent.model if step.agent is not None else step.settings.get("model"))

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

    def _use(self, written: str | None) -> ModelUse:
        self._asked = False
        try:
            choice = self._gateway.choose(written or self._default)
        except AgentflowError as error:
            return ModelUse(written, None, error.message)
        if self._asked:
            where = ollama.base_url(self._environment)
            local = is_local("ollama/", self._environment) and is_local(choice.name, self._environment)
            why = f"an Ollama if one answers at {where}, else {choice.name}"
            return ModelUse(written, None, why, local, ("ollama", choice.name))
        return ModelUse(written, choice.name, choice.reason, is_local(choice.name, self._environment))

    def _ask(self, _environment: Mapping[str, str]) -> None:
        self._asked = True


def is_local(name: str, environment: Mapping[str, str]) -> bool:
    """Whether the model runs on this machine, which costs no money."""
    if name.startswith("ollama/"):
        return ollama.base_url(environment).split("://")[-1].startswith(("127.", "localhost", "[::1]"))
    return name.startswith(("embedded/", "file:")) or name == "scripted"
