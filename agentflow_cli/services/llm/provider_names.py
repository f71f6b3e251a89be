"""The providers that `model: provider/name` can name through LiteLLM, known without importing it.

A name says which service is asked and never where it lives: addresses and keys come from the user's environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agentflow_cli.domain.model_names import PROVIDERS


@dataclass(frozen=True, slots=True)
class KeyedProvider:
    """A provider that is used by a key in the environment. Where `fast` is empty, nothing is chosen by itself."""

    name: str
    keys: tuple[str, ...]
    """Variables that may hold the key; the first that is set counts."""
    fast: str = ""
    """The model that `fast`, and no name at all, mean."""
    smart: str = ""

    def key_variable(self, environment: Mapping[str, str]) -> str | None:
        return next((name for name in self.keys if environment.get(name)), None)


KEYED = (
    KeyedProvider("openai", ("OPENAI_API_KEY",), "gpt-5-mini", "gpt-5.5"),
    KeyedProvider("anthropic", ("ANTHROPIC_API_KEY",), "claude-haiku-4-5", "claude-sonnet-5"),
    KeyedProvider("gemini", ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "gemini-flash-latest", "gemini-pro-latest"),
    KeyedProvider("mistral", ("MISTRAL_API_KEY",), "mistral-small-latest", "mistral-large-latest"),
    KeyedProvider("groq", ("GROQ_API_KEY",), "openai/gpt-oss-20b", "openai/gpt-oss-120b"),
    KeyedProvider("deepseek", ("DEEPSEEK_API_KEY",), "deepseek-chat", "deepseek-reasoner"),
    KeyedProvider("xai", ("XAI_API_KEY",), "grok-code-fast", "grok-4.5"),
    KeyedProvider("openrouter", ("OPENROUTER_API_KEY",)),
    KeyedProvider("together_ai", ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY")),
    KeyedProvider("fireworks_ai", ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY")),
    KeyedProvider("cohere_chat", ("COHERE_API_KEY", "CO_API_KEY")),
    KeyedProvider("perplexity", ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY")),
    KeyedProvider("cerebras", ("CEREBRAS_API_KEY",)),
    KeyedProvider("moonshot", ("MOONSHOT_API_KEY",)),
    KeyedProvider("nvidia_nim", ("NVIDIA_NIM_API_KEY",)),
)
"""In the order in which they are looked for when no model is named."""

BY_NAME = {provider.name: provider for provider in KEYED}

OTHERS = PROVIDERS - BY_NAME.keys() - {"endpoint", "ollama"}
"""Providers whose credentials are more than one key, or that LiteLLM finds by itself."""

_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+=-]*(/[A-Za-z0-9][A-Za-z0-9._:@+=-]*)*")
_ADDRESS = re.compile(r"https?:|\.\.|//|@[^/]*\.[a-z]+/", re.IGNORECASE)


def provider_of(name: str) -> str | None:
    """The LiteLLM provider that `name` begins with, or None; its rest must be a model's name and no address."""
    provider, _, model = name.partition("/")
    if provider not in BY_NAME and provider not in OTHERS:
        return None
    return provider if is_model_name(model) else None


def is_model_name(text: str) -> bool:
    """Whether `text` can be a model's name: some providers would take an address in its place, and go there."""
    return len(text) <= 200 and _MODEL.fullmatch(text) is not None and _ADDRESS.search(text) is None
