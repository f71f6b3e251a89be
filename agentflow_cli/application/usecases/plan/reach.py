"""What a run will touch: hosts, commands, functions, tools, memories and files, as far as the files tell."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.plan.foresight import Known, Names
from agentflow_cli.application.usecases.plan.model_choice import OLLAMA, ModelChoices
from agentflow_cli.application.usecases.plan.report import CACHED, SKIPPED, PlannedStep, Reach, ToolUse
from agentflow_cli.domain.plan import Plan, PlanAgent, PlanStep
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.ports.tools import Tools

Steps = Iterable[tuple[str, PlanStep]]

_HOST = re.compile(r"https?://(?:\[([^\]]*)\]|([^/?#@:\[\s$]+))(?::\d+)?(?=[/?#])", re.IGNORECASE)
"""A host that nothing behind it can change: a template before the first `/` could."""


class SeenTools:
    """The tools of the project as they can be seen without running anything."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._found: dict[str, tuple[bool | None, str]] = {}

    def effect(self, name: str) -> bool | None:
        """Whether it may change something; None when there is no such tool."""
        return self.look(name)[0]

    def look(self, name: str) -> tuple[bool | None, str]:
        """(effect, origin) of a tool by its name."""
        if name not in self._found:
            try:
                tool = self._registry.get(name)
                self._found[name] = tool.effect, tool.origin
            except AgentflowError:
                self._found[name] = None, ""
        return self._found[name]

    @functools.cached_property
    def _registry(self) -> Tools:
        return self._container.services().tools


def tools_used(steps: Steps, agents: Mapping[str, PlanAgent], tools: SeenTools) -> list[ToolUse]:
    """By name; an agent's are those of the agents that it may delegate to, too."""
    uses: dict[str, dict[str, None]] = {}
    for path, step in steps:
        names = [str(step.settings["tool"])] if step.kind == "tool" else _of_agent(step.agent, agents, set())
        for name in names:
            uses.setdefault(name, {})[path] = None
    return [ToolUse(name, *tools.look(name), tuple(paths)) for name, paths in sorted(uses.items())]


def _of_agent(agent: PlanAgent | None, agents: Mapping[str, PlanAgent], seen: set[str]) -> Iterator[str]:
    for written in agent.tools if agent is not None else ():
        kind, colon, name = written.partition(":")
        if not colon:
            yield written
        elif kind == "agent" and name not in seen:
            seen.add(name)
            yield from _of_agent(agents.get(name), agents, seen)


def hosts_reached(
    container: Container, steps: Steps, planned: Iterable[PlannedStep], models: ModelChoices, fetches: str
) -> list[Reach]:
    """Hosts by name, then what the run decides. `fetches` says what must be fetched first, if anything."""
    written = dict(steps)
    found: dict[tuple[str | None, str, str], dict[str, None]] = {}
    for entry in planned:
        if entry.verdict in (SKIPPED, CACHED):
            continue
        step = written[entry.path]
        if step.kind == "http":
            for host in entry.hosts or (None,):
                said = "" if host else str(step.templates.get("url"))
                found.setdefault((host, "http", said), {})[entry.path] = None
        elif step.kind == "notify":
            channel = container.project.channels.get(str(step.settings.get("channel")))
            if channel is not None:
                found.setdefault((None, "notify", " ".join(channel.command)), {})[entry.path] = None
        for use in () if entry.model is None else (entry.model, *entry.delegates):
            for name, host in models.hosts(use).items():
                if host != "":
                    said = "" if host is not None and name != OLLAMA else name
                    found.setdefault((host, "model", said), {})[entry.path] = None
    result = [Reach(host, why, tuple(paths), said) for (host, why, said), paths in found.items()]
    if fetches:
        result.append(Reach(None, "weights", (), fetches))
    return sorted(result, key=lambda reach: (reach.host is None, reach.host or "", reach.why))


def hosts_of(step: PlanStep, names: Names) -> tuple[str, ...]:
    """Of an `http` step: the host of its URL, when that is known or no template can change it."""
    written = step.templates.get("url")
    url = names.foresee(written)
    if isinstance(url, Known) and isinstance(url.value, str):
        try:
            host = urlsplit(url.value.strip()).hostname
        except ValueError:
            host = None
        return (host,) if host else ()
    match = _HOST.match(str(written).strip().partition("${{")[0])
    return () if match is None else ((match[1] or match[2]).lower(),)


def memories_used(steps: Steps) -> dict[str, str]:
    """Step → `reads NAME`, `writes NAME`, or that an agent keeps its conversation."""
    found: dict[str, str] = {}
    for path, step in steps:
        if step.kind in ("recall", "remember"):
            found[path] = f"{'reads' if step.kind == 'recall' else 'writes'} {step.settings.get('memory')}"
        elif step.agent is not None:
            names = [tool.partition(":")[2] for tool in step.agent.tools if tool.startswith("memory:")]
            told = [f"reads {', '.join(names)}"] if names else []
            told += ["keeps its conversation"] if step.agent.memory.get("conversation") else []
            if told:
                found[path] = ", ".join(told)
    return found


def files_read(plan: Plan, steps: Steps) -> tuple[str, ...]:
    """Files and patterns from the project's root."""
    patterns = [str(p) for _, step in steps if step.kind == "remember" for p in step.settings.get("files") or ()]
    return tuple(dict.fromkeys([*plan.files, *plan.code, *patterns]))
