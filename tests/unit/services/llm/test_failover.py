"""The project's names for models: which is asked, with what, where, and what happens when it cannot be had."""

from __future__ import annotations

import contextlib
import dataclasses

import pytest

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.model_names import ADDRESSABLE, PROVIDERS
from agentflow_cli.domain.models import Candidate
from agentflow_cli.domain.retry import MODEL_RETRY
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.ports.model import Message, ModelFailure, ModelReply, ModelRequest
from agentflow_cli.services.llm.bindings import Bindings
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.provider_names import BY_NAME, OTHERS
from tests.fakes.model_server import ModelServer

HI = ModelRequest((Message("user", "hi"),), model="writer", idempotency_key="run:step")
GRANTED = Bindings(granted=lambda candidate: True, key=lambda reference: {"env:HOUSE": "house-key-1"}.get(reference))


def at(server: ModelServer, *names: str, **said: object) -> list[Candidate]:
    """Models of a loopback server that the project names, directly or through LiteLLM."""
    return [Candidate(name, "writer", base_url=server.url, **said) for name in names]  # type: ignore[arg-type]


def gateway(candidates: list[Candidate], environment: dict[str, str] | None = None) -> ModelGateway:
    return ModelGateway(environment=environment or {}, routes={"writer": candidates}, bindings=GRANTED)


@pytest.mark.parametrize("provider", ["endpoint", "openai"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [("429-seconds", "rate_limit"), ("503", "unavailable"), ("529", "overloaded"), ("408", "timeout"),
     ("401-echo", "auth"), ("402", "limit")],
)  # fmt: skip
async def test_a_model_that_cannot_be_had_is_passed_over_the_same_on_both_paths(
    server: ModelServer, provider: str, fault: str, kind: str
) -> None:
    names = (f"{provider}/{fault}", f"{provider}/tiny")
    reply = await gateway(at(server, *names)).complete(HI)
    assert (reply.text, reply.model) == ("Hello from the server.", names[1])
    [passed] = reply.passed
    assert (passed.model, passed.failure.kind, passed.next) == (names[0], kind, names[1])
    assert server.fired[fault] == 1


async def test_a_request_that_is_wrong_is_wrong_for_every_model(server: ModelServer) -> None:
    with pytest.raises(ModelFailure) as caught:
        await gateway(at(server, "endpoint/400", "endpoint/tiny")).complete(HI)
    assert caught.value.failure.kind == "model"
    assert len(server.asked) == 1


async def test_when_none_is_left_the_failure_tells_what_each_said(server: ModelServer) -> None:
    with pytest.raises(ModelFailure) as caught:
        await gateway(at(server, "endpoint/401-echo", "endpoint/429-seconds")).complete(HI)
    failure = caught.value.failure
    assert failure.kind == "no_provider"
    assert [(tried["model"], tried["kind"]) for tried in failure.data["tried"]] == [
        ("endpoint/401-echo", "auth"),
        ("endpoint/429-seconds", "rate_limit"),
    ]
    assert failure.retry_after == 7.0
    assert MODEL_RETRY.allows(failure, 1), "one of them may heal"


async def test_what_no_wait_can_heal_is_not_tried_again(server: ModelServer) -> None:
    with pytest.raises(ModelFailure) as caught:
        await gateway(at(server, "endpoint/401-echo", "endpoint/402")).complete(HI)
    assert not MODEL_RETRY.allows(caught.value.failure, 1)


async def test_a_model_without_its_key_is_passed_over_without_being_asked(server: ModelServer) -> None:
    route = [Candidate("anthropic/claude-haiku-4-5", "writer"), *at(server, "endpoint/tiny")]
    reply = await gateway(route).complete(HI)
    assert [passed.failure.kind for passed in reply.passed] == ["auth"]
    assert gateway(route).choose("writer").name == "endpoint/tiny"
    assert "ANTHROPIC_API_KEY is not set" in gateway(route).choose("writer").reason


async def test_one_model_alone_fails_as_itself(server: ModelServer) -> None:
    with pytest.raises(ModelFailure) as caught:
        await gateway(at(server, "endpoint/503")).complete(HI)
    assert caught.value.failure.kind == "unavailable"


async def test_another_model_gets_another_idempotency_key(server: ModelServer) -> None:
    await gateway(at(server, "endpoint/503", "endpoint/tiny")).complete(HI)
    assert [asked.headers["idempotency-key"] for asked in server.asked] == ["run:step", "run:step~2"]


async def test_what_was_streamed_before_no_longer_holds(server: ModelServer) -> None:
    heard: list[str] = []
    await gateway(at(server, "endpoint/reset-in-stream", "endpoint/tiny")).complete(HI, heard.append)
    begun = heard.index("")
    assert "".join(heard[:begun]) and "".join(heard[begun:]) == "Hello from the server."


async def test_the_projects_parameters_fill_what_the_step_leaves_open(server: ModelServer) -> None:
    alias = gateway(at(server, "endpoint/tiny", temperature=0.25, max_tokens=77))
    await alias.complete(HI)
    await alias.complete(dataclasses.replace(HI, temperature=0.0, max_tokens=5))
    sent = [(asked.body["temperature"], asked.body["max_tokens"]) for asked in server.asked]
    assert sent == [(0.25, 77), (0.0, 5)]


async def test_the_key_that_was_bound_is_sent_and_named_when_it_is_refused(server: ModelServer) -> None:
    environment = {"AGENTFLOW_API_KEY": "users-own-key-1", "AGENTFLOW_BASE_URL": "http://127.0.0.1:1"}
    bound = gateway(at(server, "endpoint/401-echo", api_key="env:HOUSE"), environment)
    with pytest.raises(ModelFailure) as caught:
        await bound.complete(HI)
    assert server.asked[0].headers["authorization"] == "Bearer house-key-1"
    assert "house-key-1" not in caught.value.failure.message
    assert "check env:HOUSE" in caught.value.failure.message


@pytest.mark.parametrize("provider", sorted(ADDRESSABLE))
async def test_no_key_of_the_user_goes_to_an_address_of_the_project(
    server: ModelServer, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [*(BY_NAME[provider].keys if provider in BY_NAME else ()), "AGENTFLOW_API_KEY", "OPENAI_API_KEY"]
    environment = {**dict.fromkeys(names, "users-own-key-123456"), "OPENAI_ORGANIZATION": "users-own-key-123456"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with contextlib.suppress(ModelFailure):  # the server does not speak every protocol
        await gateway(at(server, f"{provider}/tiny"), environment).complete(HI)
    assert server.asked, "it was asked there, and nowhere else"
    for asked in server.asked:
        assert "users-own-key" not in f"{asked.path} {asked.headers} {asked.body}"


@pytest.mark.parametrize("said", [{"base_url": "SERVER"}, {"api_key": "env:HOUSE"}])
async def test_nothing_is_sent_before_it_is_granted(server: ModelServer, said: dict[str, str]) -> None:
    said = {name: value.replace("SERVER", server.url) for name, value in said.items()}
    candidate = Candidate("endpoint/tiny", "writer", **said)  # type: ignore[arg-type]
    environment = {"AGENTFLOW_BASE_URL": server.url}
    refused = ModelGateway(
        environment=environment,
        routes={"writer": [candidate]},
        bindings=dataclasses.replace(GRANTED, granted=lambda candidate: False),
    )
    with pytest.raises(ModelFailure) as caught:
        await refused.complete(HI)
    assert (caught.value.failure.kind, server.asked) == ("denied", [])
    assert refused.ungranted(["writer"]) == [candidate]


async def test_an_address_that_is_refused_by_validate_is_refused_by_the_gateway_too(server: ModelServer) -> None:
    for url in ("file:///etc/passwd", "http://u:p@h/v1", "http://h/v1?x=1"):
        with pytest.raises(ModelFailure):
            await gateway([Candidate("endpoint/tiny", "writer", base_url=url)]).complete(HI)
    with pytest.raises(ModelFailure):
        await gateway([Candidate("bedrock/tiny", "writer", base_url=server.url)]).complete(HI)
    assert server.asked == []


def test_a_variable_may_name_one_of_the_projects_models() -> None:
    route = {"writer": [Candidate("fast", "writer"), Candidate("ollama/tiny", "writer")]}
    named = ModelGateway(
        environment={"AGENTFLOW_MODEL": "writer", "GROQ_API_KEY": "k" * 20}, routes=route, bindings=GRANTED
    )
    assert named.resolve(None) == named.resolve("fast") == "groq/openai/gpt-oss-20b"
    assert "AGENTFLOW_MODEL says `writer`" in named.choose(None).reason


def test_the_names_of_providers_are_one_list() -> None:
    assert set(BY_NAME) | OTHERS | {"endpoint", "ollama"} == PROVIDERS
    assert set(BY_NAME) | {"endpoint", "ollama"} == ADDRESSABLE


def test_a_reply_of_the_preferred_model_passes_nobody_over() -> None:
    assert ModelReply("x", "y").passed == ()


async def test_a_model_that_could_not_be_had_a_moment_ago_is_asked_last(server: ModelServer) -> None:
    route = gateway(at(server, "endpoint/503", "endpoint/tiny"))
    replies = [await route.complete(HI) for _ in range(3)]
    assert (server.fired["503"], server.fired["tiny"]) == (1, 3)
    assert ["a moment ago" in reply.passed[0].failure.message for reply in replies] == [False, True, True]


async def test_when_all_of_them_rest_all_are_asked_again(server: ModelServer) -> None:
    route = gateway(at(server, "endpoint/503", "endpoint/504"))
    for _ in range(2):
        with pytest.raises(ModelFailure) as caught:
            await route.complete(HI)
        assert [tried["model"] for tried in caught.value.failure.data["tried"]] == ["endpoint/503", "endpoint/504"]
    assert (server.fired["503"], server.fired["504"]) == (2, 2)


async def test_one_that_rests_is_still_better_than_nobody(server: ModelServer) -> None:
    route = gateway(at(server, "endpoint/tiny", "endpoint/503"))
    route._rests.begin(at(server, "endpoint/tiny")[0], Failure("unavailable", "it was down"), 10.0**9)
    reply = await route.complete(HI)
    assert reply.model == "endpoint/tiny"
    assert [passed.model for passed in reply.passed] == ["endpoint/503"]


async def test_a_key_from_elsewhere_than_the_process_reaches_a_provider_of_any_kind(server: ModelServer) -> None:
    environment = {"NOVITA_API_KEY": "from-dotenv-12345", "NOVITA_API_BASE": server.url}
    route = ModelGateway(environment=environment)
    await route.complete(ModelRequest((Message("user", "hi"),), model="novita/tiny"))
    assert server.asked[0].headers["authorization"] == "Bearer from-dotenv-12345"


def test_a_slip_for_one_of_the_projects_names_is_suggested() -> None:
    with pytest.raises(NotFoundError) as caught:
        gateway([Candidate("fast", "writer")]).resolve("wrtier")
    assert "did you mean `writer`?" in (caught.value.hint or "")


async def test_each_model_passed_over_is_told_before_the_next_one_is_asked(server: ModelServer) -> None:
    told: list[tuple[str, str, int]] = []
    names = ("endpoint/503", "endpoint/402", "endpoint/tiny")
    reply = await gateway(at(server, *names)).complete(
        HI, on_passed=lambda passed: told.append((passed.model, passed.next, len(server.asked)))
    )
    assert told == [(names[0], names[1], 1), (names[1], names[2], 2)]
    assert [passed.model for passed in reply.passed] == [*names[:2]]


async def test_of_models_that_all_fail_the_last_one_is_not_said_to_have_a_next(server: ModelServer) -> None:
    told: list[str] = []
    with pytest.raises(ModelFailure):
        await gateway(at(server, "endpoint/503", "endpoint/402")).complete(
            HI, on_passed=lambda passed: told.append(passed.next)
        )
    assert told == ["endpoint/402"]
