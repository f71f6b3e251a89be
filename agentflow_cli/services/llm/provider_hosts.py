"""The host that a call to a model goes to, as far as it can be said before the call."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.services.llm import ollama
from agentflow_cli.services.llm.routes import ENDPOINT, OLLAMA, SCRIPTED, endpoint_url

_HOSTS = {
    "openai": "api.openai.com",
    "anthropic": "api.anthropic.com",
    "gemini": "generativelanguage.googleapis.com",
    "mistral": "api.mistral.ai",
    "groq": "api.groq.com",
    "deepseek": "api.deepseek.com",
    "xai": "api.x.ai",
    "openrouter": "openrouter.ai",
    "together_ai": "api.together.ai",
    "perplexity": "api.perplexity.ai",
    "cerebras": "api.cerebras.ai",
    "nvidia_nim": "integrate.api.nvidia.com",
}
"""Provider → where it is, unless a variable of the user's says else."""

_ENDINGS = ("_BASE_URL", "_API_BASE", "_API_URL", "_ENDPOINT")


def host_of(model: str, environment: Mapping[str, str]) -> str | None:
    """The host that `model` (`provider/name`) is asked at: empty when it runs in this process, None when not known."""
    provider = model.partition("/")[0]
    if provider == "embedded" or model == SCRIPTED or model.startswith("file:"):
        return ""
    if provider == OLLAMA:
        return urlsplit(ollama.base_url(environment)).hostname
    if provider == ENDPOINT:
        try:
            return urlsplit(endpoint_url(environment)).hostname
        except AgentflowError:
            return None
    if any(environment.get(f"{provider.partition('_')[0].upper()}{ending}") for ending in _ENDINGS):
        return None  # LiteLLM has its own rules for which of them counts
    return _HOSTS.get(provider)
