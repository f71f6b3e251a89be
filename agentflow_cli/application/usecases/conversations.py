"""The conversations that agents keep: which there are, and how they are forgotten."""

from __future__ import annotations

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.ports.conversations import ConversationInfo


def conversations(container: Container) -> list[ConversationInfo]:
    """All conversations of the project, the newest first."""
    return container.conversations.list()


def forget(container: Container, agent: str, name: str | None) -> int:
    """Forget the conversation `name` of `agent`, or all of its; how many turns there were. NotFoundError."""
    known = container.conversations.list()
    names = list(dict.fromkeys(each.agent for each in known))
    if agent not in names:
        near = closest(agent, names)
        raise NotFoundError(
            f"the agent `{agent}` keeps no conversation here",
            hint=f"did you mean `{near}`?" if near else None,
            next_command="agentflow memory conversations",
        )
    mine = [each.name for each in known if each.agent == agent]
    if name is not None and name not in mine:
        near = closest(name, mine)
        raise NotFoundError(
            f"the agent `{agent}` keeps no conversation `{name}`",
            hint=f"did you mean `{near}`?" if near else None,
            next_command="agentflow memory conversations",
        )
    return container.conversations.forget(agent, name)
