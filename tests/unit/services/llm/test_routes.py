"""What names mean, what is chosen when none is given, and that no name is an address."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from agentflow_cli.foundation.errors import NotFoundError, UsageError
from agentflow_cli.ports.model import Message, ModelFailure, ModelRequest
from agentflow_cli.services.llm import ollama
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.provider_names import KEYED, OTHERS, provider_of
from agentflow_cli.services.llm.providers.litellm_provider import PROCESS
from agentflow_cli.services.llm.providers.scripted import ScriptedModel
from agentflow_cli.services.llm.routes import EMBEDDED, Choice, endpoint_url
from tests.fakes.model_server import ModelServer

LOOK = ollama.installed
"""The real one, before the fixture of this room takes it away."""


def gateway(environment: Mapping[str, str], models: tuple[str, ...] | None = None) -> ModelGateway:
    return ModelGateway(environment=environment, find_ollama=lambda environment: models)


def test_a_key_comes_before_an_ollama_and_that_before_the_embedded_model() -> None:
    key = {"ANTHROPIC_API_KEY": "k" * 20}
    assert gateway(key, ("llama",)).choose(None) == Choice("anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY is set")
    assert gateway(key).resolve("smart").startswith("anthropic/claude-sonnet")
    assert gateway({}, ("llama3:8b", "other")).resolve("fast") == "ollama/llama3:8b"
    assert gateway({}, ()).resolve(None) == EMBEDDED
    assert "no key" in gateway({}).choose(None).reason


def test_a_script_comes_before_any_key_and_a_named_default_before_the_script() -> None:
    key = {"OPENAI_API_KEY": "k" * 20}
    assert ModelGateway(environment=key, scripted=ScriptedModel()).resolve(None) == "scripted"
    said = ModelGateway(environment={**key, "AGENTFLOW_MODEL": "ollama/x"}, scripted=ScriptedModel())
    assert said.choose("fast") == Choice("ollama/x", "AGENTFLOW_MODEL says so")


def test_an_empty_key_is_no_key() -> None:
    assert gateway({"OPENAI_API_KEY": ""}).resolve(None) == EMBEDDED


def test_the_machine_is_looked_at_once_and_only_for_unnamed_models() -> None:
    looked: list[None] = []

    def look(environment: Mapping[str, str]) -> tuple[str, ...]:
        looked.append(None)
        return ("llama",)

    found = ModelGateway(environment={}, find_ollama=look)
    for name in ("embedded", "ollama/llama", "openai/gpt-5"):
        found.resolve(name)
    assert looked == []
    assert [found.resolve(None), found.resolve(None)] == ["ollama/llama"] * 2
    assert len(looked) == 1
    ModelGateway(environment={"AGENTFLOW_NO_MODELS": "1"}, find_ollama=look).resolve(None)
    assert len(looked) == 1


@pytest.mark.parametrize(
    "name",
    [
        "openai/gpt-5-mini",
        "bedrock/us-east-1/anthropic.claude-3:0",
        "bedrock/arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc",
        "vertex_ai/claude-sonnet-4@20250514",
        "openrouter/meta-llama/llama-3.1-8b:free",
        "ollama/hf.co/someone/model-GGUF:Q4_K_M",
    ],
)
def test_names_of_models_are_taken(name: str) -> None:
    assert gateway({}).resolve(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "huggingface/https://elsewhere.example/models/x",
        "huggingface/https:/elsewhere.example",
        "openai//elsewhere.example/x",
        "openai/../x",
        "openai/x?key=y",
        "openai/x#y",
        "openai/x y",
        "openai/user@elsewhere.example/x",
        "openai/",
        "openai/x\n",
        "openai/%2e%2e",
        "ollama/http://elsewhere.example",
        "custom/x",
        "litellm_proxy/x",
        "nobody/x",
        "gpt-5",
    ],
)
def test_a_name_that_is_an_address_or_no_providers_is_refused(name: str) -> None:
    with pytest.raises(NotFoundError):
        gateway({"AGENTFLOW_BASE_URL": "http://127.0.0.1:1/v1"}).resolve(name)


def test_the_provider_that_was_probably_meant_is_suggested() -> None:
    with pytest.raises(NotFoundError) as caught:
        gateway({}).resolve("antropic/claude-haiku-4-5")
    assert "did you mean `anthropic/claude-haiku-4-5`?" in (caught.value.hint or "")


def test_an_endpoint_needs_the_users_address() -> None:
    with pytest.raises(NotFoundError, match="AGENTFLOW_BASE_URL, which is not set") as caught:
        gateway({}).resolve("endpoint/x")
    assert (caught.value.next_command or "").startswith("export AGENTFLOW_BASE_URL=")
    assert endpoint_url({"AGENTFLOW_BASE_URL": "http://h:1/v1/chat/completions/"}) == "http://h:1/v1"


@pytest.mark.parametrize("url", ["h:80/v1", "ftp://h/v1", "http://user:key@h/v1", "http://h/v1?key=x", "http:///v1"])
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        endpoint_url({"AGENTFLOW_BASE_URL": url})
    assert "key@" not in str(caught.value.message) + str(caught.value.hint)


def test_a_missing_key_is_said_without_asking_anyone() -> None:
    with pytest.raises(ModelFailure) as caught:
        asyncio.run(gateway({}).complete(ModelRequest((Message("user", "x"),), model="gemini/gemini-flash-latest")))
    assert caught.value.failure.kind == "auth"
    assert "set GEMINI_API_KEY or GOOGLE_API_KEY" in caught.value.failure.message


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        ("box:99", "http://box:99"),
        ("0.0.0.0:99", "http://127.0.0.1:99"),
        ("http://box", "http://box:80"),
        ("https://box/", "https://box:443"),
        ("[::1]:99", "http://[::1]:99"),
    ],
)
def test_ollama_is_where_its_own_variable_says(host: str, url: str) -> None:
    assert ollama.base_url({"OLLAMA_HOST": host}) == url


def test_an_ollama_that_answers_gives_its_chat_models_and_silence_gives_none() -> None:
    class Tags(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"models": [{"name": "llama3:8b"}, {"name": "nomic-embed-text"}, {"x": 1}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Tags) as there:
        Thread(target=there.handle_request, daemon=True).start()
        assert LOOK({"OLLAMA_HOST": f"127.0.0.1:{there.server_port}"}) == ("llama3:8b",)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()  # takes connections and never answers
        assert LOOK({"OLLAMA_HOST": f"127.0.0.1:{mute.getsockname()[1]}"}) is None
    assert LOOK({"OLLAMA_HOST": "127.0.0.1:1"}) is None


def test_ollama_and_the_endpoint_are_asked_directly_and_openai_through_litellm_where_the_user_says(
    server: ModelServer,
) -> None:
    environment = {
        "OLLAMA_HOST": server.url.removesuffix("/v1"),
        "AGENTFLOW_BASE_URL": server.url,
        "AGENTFLOW_API_KEY": "endpoint-key-1",
        "OPENAI_BASE_URL": server.url,
        "OPENAI_API_KEY": "openai-key-12345",
    }
    found = ModelGateway(environment=environment)
    for name in ("ollama/tiny", "endpoint/tiny", "openai/tiny"):
        reply = asyncio.run(found.complete(ModelRequest((Message("user", "x"),), model=name)))
        assert (reply.model, reply.text) == (name, "Hello from the server.")
    sent = [asked.headers.get("authorization") for asked in server.asked]
    assert sent == [None, "Bearer endpoint-key-1", "Bearer openai-key-12345"]
    agents = [asked.headers["user-agent"] for asked in server.asked]
    assert [("litellm" in agent) for agent in agents] == [False, False, True]


def test_embeddings_come_from_an_endpoint_in_order(server: ModelServer) -> None:
    found = ModelGateway(environment={"AGENTFLOW_BASE_URL": server.url})
    assert asyncio.run(found.embed(["a", "bcd"], "endpoint/tiny")) == [[1.0, 1.0], [3.0, 1.0]]
    with pytest.raises(ModelFailure, match="no embeddings"):
        asyncio.run(ModelGateway(environment={}).embed(["a"], "scripted"))


def test_every_name_in_the_table_is_one_that_litellm_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PROCESS.items():
        monkeypatch.setenv(name, value)
    import litellm

    known = {str(getattr(name, "value", name)) for name in litellm.provider_list}
    assert {provider.name for provider in KEYED} | OTHERS <= known
    for provider in KEYED:
        for model in filter(None, (provider.fast, provider.smart)):
            assert provider_of(f"{provider.name}/{model}") == provider.name
            prices = {model, f"{provider.name}/{model}"} & set(litellm.model_cost)
            assert prices, f"{provider.name}/{model} is no model that LiteLLM has heard of"
