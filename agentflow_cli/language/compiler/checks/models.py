"""`model:` of a step or of an agent names one that can be there."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.project import Project
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.loader.agents import LoadedAgent
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.project_models import check_model_name


def check_models(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report names of models, in steps, that nothing has."""
    for step, _ in steps_with_blocks(loaded.workflow):
        located = step.settings.get("model")
        if located is not None and isinstance(located.value, str):
            check_model_name(located.value, located.path, loaded.project, loaded.document, diagnostics)


def check_agent_model(agent: LoadedAgent, project: Project, diagnostics: Diagnostics) -> None:
    """The same for an agent."""
    own = agent.agent
    if own.model is not None:
        check_model_name(own.model, (*own.path, "model"), project, agent.document, diagnostics)
