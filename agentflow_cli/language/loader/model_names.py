"""Whether a name can be that of a model: asked of every `model:`, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from agentflow_cli.domain.model_names import misspelt_provider
from agentflow_cli.domain.models import BUILT_IN, ROUTES
from agentflow_cli.domain.project import Project
from agentflow_cli.foundation.closest import closest

_FAMILIES = (
    # how names of models begin, and whose they are
    (("gpt-", "o1", "o3", "o4", "chatgpt"), "openai"),
    (("claude",), "anthropic"),
    (("gemini",), "gemini"),
    (("mistral", "ministral", "magistral"), "mistral"),
    (("deepseek",), "deepseek"),
    (("grok",), "xai"),
    (("llama", "qwen", "phi", "gemma", "smollm"), "ollama"),
)


class ModelProblem(NamedTuple):
    """`start` and `end` are the part of the name that is wrong."""

    code: str
    message: str
    label: str
    help: str
    start: int
    end: int


def model_problem(name: str, project: Project, aliases: Iterable[str]) -> ModelProblem | None:
    """What is certainly wrong with `name`; what somebody may know is left open. `aliases` are the project's names."""
    provider, slash, model = name.partition("/")
    if "${{" in name or name.startswith("file:") or not name:
        return None  # what a template in it means is said elsewhere
    if slash:
        near = misspelt_provider(provider)
        if near is None:
            return None
        return ModelProblem("AF382", f"there is no provider `{provider}` of models", "not a provider",
                            f"did you mean `{near}/{model}`?", 0, len(provider))  # fmt: skip
    known = (*BUILT_IN, *ROUTES, *aliases)
    if name in known or not project.whole:
        return None
    return ModelProblem(
        "AF381", f"there is no model `{name}`", "not a model", _help(name, known, project), 0, len(name)
    )


def _help(name: str, known: tuple[str, ...], project: Project) -> str:
    whose = next((whose for begins, whose in _FAMILIES if name.lower().startswith(begins)), None)
    near = closest(name, known)
    if near is not None:
        said = f"did you mean `{near}`? "
    elif whose is not None:
        said = f"did you mean `{whose}/{name}`? "
    else:
        said = ""
    listed = ", ".join(f"`{option}`" for option in sorted(set(known))[:12])
    others = "" if project.file else "; names of your own stand under `models:` of agentflow.yaml"
    return f"{said}names without a provider: {listed}{others}"
