"""The host that a call to a model goes to, as far as it can be said before the call."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from agentflow_cli.domain.models import Candidate
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.services.llm import ollama
from agentflow_cli.services.llm.make_provider import address_variable
from agentflow_cli.services.llm.routes import EMBEDDED, ENDPOINT, OLLAMA, SCRIPTED, endpoint_url

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
"""Provider → where LiteLLM asks it, unless a variable of the user's says else."""


def host_of(resolved: str, candidate: Candidate, environment: Mapping[str, str]) -> str | None:
    """The host at which `resolved` (`provider/name`), which `candidate` means, is asked: empty when it runs in this
    process, None when it is not known."""
    provider = resolved.partition("/")[0]
    if resolved in (EMBEDDED, SCRIPTED) or resolved.startswith("file:"):
        return ""
    if candidate.base_url is not None:
        return _host(candidate.base_url)
    if provider == OLLAMA:
        return _host(ollama.base_url(environment))
    if provider == ENDPOINT:
        try:
            return _host(endpoint_url(environment))
        except AgentflowError:
            return None
    variable = address_variable(provider, environment)
    return _host(environment[variable]) if variable is not None else _HOSTS.get(provider)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
