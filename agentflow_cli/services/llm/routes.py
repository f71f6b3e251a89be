"""Which model a name means, and why: what no name, `fast` and `smart` are, and where `endpoint/` and `ollama/` lead.

Addresses and keys come from the user's environment, or from a project file that the user has granted them; a workflow
file can name a model and never a place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from agentflow_cli.domain.models import ROUTES, is_address
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError, UsageError
from agentflow_cli.services.llm import ollama, weights
from agentflow_cli.services.llm.provider_names import BY_NAME, KEYED, OTHERS, is_model_name, provider_of

EMBEDDED = f"embedded/{weights.NAME}"
SCRIPTED = "scripted"
ENDPOINT = "endpoint"
OLLAMA = "ollama"
NO_MODELS_VARIABLE = "AGENTFLOW_NO_MODELS"
MODEL_VARIABLE = "AGENTFLOW_MODEL"
URL_VARIABLE = "AGENTFLOW_BASE_URL"
KEY_VARIABLE = "AGENTFLOW_API_KEY"

FindOllama = Callable[[Mapping[str, str]], tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    reason: str
    """Why this one: `OPENAI_API_KEY is set`."""


def named(name: str, environment: Mapping[str, str], *, addressed: bool = False, aliases: Iterable[str] = ()) -> str:
    """`name` as `provider/name`; NotFoundError lists what can be named. Loads nothing and asks nobody.

    `addressed`: where it is asked is known from elsewhere. `aliases` are the project's names, for the message.
    """
    if name in ("embedded", EMBEDDED):
        return EMBEDDED
    if name == SCRIPTED or (name.startswith("file:") and len(name) > len("file:")):
        return name
    provider, _, model = name.partition("/")
    if provider in (ENDPOINT, OLLAMA):
        if not is_model_name(model):
            raise NotFoundError(f"`{name}` names no model", hint=f"write `{provider}/NAME`, with the name it has there")
        if provider == ENDPOINT and not addressed:
            endpoint_url(environment)
        return name
    if provider_of(name) is not None:
        return name
    raise _unknown(name, provider, aliases)


def unnamed(route: str | None, environment: Mapping[str, str], find_ollama: FindOllama, *, script: bool) -> Choice:
    """What no name, `fast` or `smart` mean: what the user said, else a key, else an Ollama, else the embedded model."""
    said = environment.get(MODEL_VARIABLE)
    if said and said not in ROUTES:
        return Choice(named(said, environment), f"{MODEL_VARIABLE} says so")
    if script:
        return Choice(SCRIPTED, "a script was given")
    for provider in KEYED:
        variable = provider.key_variable(environment)
        if variable and provider.fast:
            model = provider.smart if (route or said) == "smart" else provider.fast
            return Choice(f"{provider.name}/{model}", f"{variable} is set")
    if environment.get(NO_MODELS_VARIABLE, "") in ("", "0"):
        models = find_ollama(environment)
        if models:
            return Choice(f"{OLLAMA}/{models[0]}", f"Ollama answers at {ollama.base_url(environment)}")
    return Choice(EMBEDDED, "no key is set and no Ollama answers")


def endpoint_url(environment: Mapping[str, str]) -> str:
    """The address that the user gave for `endpoint/`. NotFoundError without one, UsageError when it is none."""
    url = environment.get(URL_VARIABLE, "").strip().rstrip("/").removesuffix("/chat/completions")
    if not url:
        raise NotFoundError(
            f"`{ENDPOINT}/…` is the server at {URL_VARIABLE}, which is not set",
            hint="it is an address that speaks OpenAI's protocol, and not part of a workflow",
            next_command=f"export {URL_VARIABLE}=http://127.0.0.1:8080/v1",
        )
    if not is_address(url):
        raise UsageError(
            f"{URL_VARIABLE} is no address of a server",
            hint=f"write it like `http://127.0.0.1:8080/v1`, and a key into {KEY_VARIABLE}",
        )
    return url


def _unknown(name: str, provider: str, aliases: Iterable[str]) -> NotFoundError:
    options = tuple(dict.fromkeys(("embedded", EMBEDDED, SCRIPTED, *ROUTES, *aliases)))
    known = {ENDPOINT, OLLAMA, *BY_NAME, *OTHERS}
    near = closest(name, options)
    if near is None and "/" in name:
        close = closest(provider, known)
        near = f"{close}/{name.partition('/')[2]}" if close and close != provider else None
    listed = ", ".join(f"`{option}`" for option in options)
    return NotFoundError(
        f"there is no model `{name}`",
        hint=(f"did you mean `{near}`? " if near else "")
        + f"models that can be named: {listed}, `file:/path/to/model.gguf`, `{OLLAMA}/NAME`, `{ENDPOINT}/NAME`, and "
        "`PROVIDER/NAME` as in `openai/gpt-5-mini`",
        next_command="agentflow models list",
    )
