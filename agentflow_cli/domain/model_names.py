"""Names of model providers, known without asking any library; `services/llm` says how each of them is used."""

from __future__ import annotations

import difflib

PROVIDERS = frozenset({
    "ai21_chat", "aiml", "amazon_nova", "anthropic", "azure", "azure_ai", "baseten", "bedrock", "bytez", "cerebras",
    "chutes", "cloudflare", "codestral", "cohere", "cohere_chat", "cometapi", "compactifai", "dashscope", "databricks",
    "datarobot", "deepinfra", "deepseek", "docker_model_runner", "endpoint", "featherless_ai", "fireworks_ai",
    "friendliai", "galadriel", "gemini", "gigachat", "github", "gradient_ai", "groq", "heroku", "hosted_vllm",
    "huggingface", "hyperbolic", "inception", "lambda_ai", "lemonade", "llamafile", "lm_studio", "maritalk",
    "meta_llama", "minimax", "mistral", "modelscope", "moonshot", "morph", "nano-gpt", "nebius", "novita", "nscale",
    "nvidia_nim", "oci", "ollama", "openai", "openrouter", "ovhcloud", "parasail", "perplexity", "poe", "publicai",
    "replicate", "sagemaker_chat", "sambanova", "sap", "scaleway", "snowflake", "synthetic", "tencent", "together_ai",
    "v0", "vercel_ai_gateway", "vertex_ai", "volcengine", "wandb", "watsonx", "xai", "xiaomi_mimo", "xinference", "zai",
})  # fmt: skip
"""Those that `provider/name` can name here. In it stands no provider that logs in by a browser, stands for other things
than a model, or takes an address as its name."""

ADDRESSABLE = frozenset({
    "anthropic", "cerebras", "cohere_chat", "deepseek", "endpoint", "fireworks_ai", "gemini", "groq", "mistral",
    "moonshot", "nvidia_nim", "ollama", "openai", "openrouter", "perplexity", "together_ai", "xai",
})  # fmt: skip
"""Those that take one key, so that it is certain what an address that a project names would be sent."""

_ELSEWHERE = frozenset({
    "ai21", "aiohttp_openai", "anthropic_text", "assemblyai", "azure_text", "bedrock_converse", "bedrock_mantle",
    "chatgpt", "clarifai", "custom", "custom_openai", "deepgram", "github_copilot", "jina_ai", "litellm_proxy", "meta",
    "nlp_cloud", "ollama_chat", "oobabooga", "openai_like", "petals", "predibase", "qwencloud", "sagemaker",
    "sagemaker_nova", "text-completion-codestral", "text-completion-openai", "triton", "vertex_ai_beta", "vllm",
    "voyage", "watsonx_text",
})  # fmt: skip
"""Providers of LiteLLM that are no misspelling of one of ours."""
_NEAR = 0.8
"""How alike two names are of which one is certainly a slip for the other; 1 is the same."""


def misspelt_provider(provider: str) -> str | None:
    """The provider that was certainly meant; None when this is one, or may be one that is not known here."""
    if provider in PROVIDERS or provider in _ELSEWHERE:
        return None
    near = difflib.get_close_matches(provider.lower(), sorted(PROVIDERS), n=1, cutoff=_NEAR)
    return near[0] if near else None
