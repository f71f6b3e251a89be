"""What a step does, in the words of its file."""

from __future__ import annotations

from collections.abc import Callable

from agentflow_cli.application.usecases.plan.report import AgentUse
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.engine.executors.agent_meter import DEFAULT_TURNS


def does(step: PlanStep) -> str:
    """One line or more, as written: foreign text."""
    settings = step.settings
    match step.kind:
        case "run":
            return command(step)
        case "python":
            return str(settings.get("python"))
        case "recall":
            return f"from memory {settings.get('memory')}"
        case "remember":
            files = settings.get("files")
            return f"{', '.join(files) if files else 'a text'} into memory {settings.get('memory')}"
        case "ask":
            return "answers `ci:` where nobody can be asked" if "ci" in settings else "waits for a person"
        case "agent":
            return step.agent.name if step.agent is not None else str(settings.get("agent"))
        case "http":
            return f"{settings.get('method', 'GET')} {step.templates.get('url')}"
        case "tool":
            return f"{settings.get('tool')}({', '.join(step.templates.get('with') or {})})"
        case "notify":
            return f"to {settings.get('channel')}"
        case "workflow":
            return step.block.file if step.block is not None else str(settings.get("workflow"))
        case "steps":
            count = len(step.block.steps) if step.block is not None else 0
            return f"{count} step" if count == 1 else f"{count} steps"
        case "wait":
            return str(settings.get("wait"))
        case "fail":
            return str(step.templates.get("fail"))
        case "set":
            return ", ".join(step.templates.get("set") or {})
    return str(settings.get("prompt.file", "")) if step.kind == "prompt" else ""


def command(step: PlanStep) -> str:
    """Of a `run` step, as written."""
    script = step.settings.get("script")
    return str(script) if script is not None else " ".join(str(part) for part in step.templates.get("argv", ()))


def agent_use(step: PlanStep, effect: Callable[[str], bool | None]) -> AgentUse | None:
    """`effect` says whether a tool may change something; what is not known counts as if it did."""
    agent = step.agent
    if agent is None:
        return None
    limits = agent.limits
    return AgentUse(
        name=agent.name,
        tools=tuple(f"{tool}!" if ":" not in tool and effect(tool) is not False else tool for tool in agent.tools),
        turns=limits.get("turns", DEFAULT_TURNS),
        tokens=limits.get("tokens"),
        cost=limits.get("cost"),
        time=limits.get("time"),
    )


def prompt_size(prompt: Json) -> int:
    """Characters of a rendered prompt: a text, or a list of `{role: text}`."""
    if isinstance(prompt, str):
        return len(prompt)
    if isinstance(prompt, list):
        return sum(len(str(text)) for entry in prompt if isinstance(entry, dict) for text in entry.values())
    return len(str(prompt))
