"""What a model costs, and that a price is never made up."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from agentflow_cli.domain.models import Candidate
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, ModelUsage, Price
from agentflow_cli.services.llm import prices
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.prices import price_of
from agentflow_cli.services.llm.providers.scripted import ScriptedModel
from agentflow_cli.services.llm.script import Answer
from agentflow_cli.services.llm.usage import NOTHING, counted_reply

LISTED: dict[str, Any] = {
    "small": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6},
    "groq/fast": {"litellm_provider": "groq", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
    "long": {
        "litellm_provider": "gemini",
        "input_cost_per_token": 1e-6,
        "output_cost_per_token": 4e-6,
        "cache_read_input_token_cost": 1e-7,
        "input_cost_per_token_above_200k_tokens": 2e-6,
        "output_cost_per_token_above_200k_tokens": 8e-6,
    },
    "by_picture": {"litellm_provider": "openai", "output_cost_per_image": 0.04},
    "broken": {"litellm_provider": "openai", "input_cost_per_token": "free", "output_cost_per_token": -1},
    "no_mapping": 5,
}


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    prices._listed.cache_clear()
    monkeypatch.setattr(prices, "_entries", lambda: LISTED)


def price(name: str, base_url: str | None = None, **environment: str) -> Price | None:
    return price_of(name, Candidate(name, base_url=base_url), environment)


def test_a_price_is_that_of_the_provider_and_model() -> None:
    assert price("openai/small") == Price(1e-6, 2e-6)
    assert price("groq/fast") == Price(0.0, 0.0)


@pytest.mark.parametrize(
    "name",
    ["groq/small", "openai/unheard-of", "openai/by_picture", "openai/broken", "openai/no_mapping", "endpoint/small"],
)
def test_what_is_not_known_stays_unknown(name: str) -> None:
    assert price(name) is None


def test_at_another_address_no_price_is_known() -> None:
    assert price("openai/small", base_url="https://elsewhere.test/v1") is None
    assert price("openai/small", OPENAI_BASE_URL="http://127.0.0.1:1") is None


@pytest.mark.parametrize("name", ["scripted", "ollama/llama3", "file:/models/x.gguf"])
def test_models_on_this_machine_cost_nothing(name: str) -> None:
    assert price(name) == Price()


def test_cached_and_long_input_have_prices_of_their_own() -> None:
    found = price("gemini/long")
    assert found is not None
    assert found.of(1000, 10, cached_tokens=600) == pytest.approx(400e-6 + 60e-6 + 40e-6)
    assert found.of(200_000, 0) == pytest.approx(0.2)
    assert found.of(200_001, 1) == pytest.approx(0.400002 + 8e-6)


def test_a_reply_gets_its_cost_from_tokens_that_are_possible() -> None:
    request = ModelRequest(())
    reply = ModelReply("x" * 400, "openai/small", usage=ModelUsage(100, -7))
    counted = counted_reply(reply, request, Price(1.0, 2.0))
    assert (counted.usage.output_tokens, counted.cost) == (101, 302.0)
    assert counted_reply(reply, request, None).cost is None


def test_a_sum_with_an_unknown_cost_is_unknown() -> None:
    known, unknown = ModelReply("a", "m", cost=0.5), ModelReply("a", "m", cost=None)
    assert NOTHING.plus(known).plus(known).cost == 1.0
    assert NOTHING.plus(known).plus(unknown).plus(known).cost is None


async def test_a_reply_that_does_not_fit_says_what_both_turns_used() -> None:
    gateway = ModelGateway(scripted=ScriptedModel([Answer("no"), Answer("no")]), environment={})
    schema = {"type": "object"}
    with pytest.raises(ModelFailure) as raised:
        await gateway.complete(ModelRequest((), schema=schema))
    failure = raised.value.failure
    assert failure.kind == "invalid_output"
    assert failure.data["usage"]["output_tokens"] >= 2
    assert failure.data["usage"]["cost"] == 0.0


def test_the_list_is_read_and_litellm_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    before = "litellm" in sys.modules
    found = price("openai/gpt-4o-mini")
    assert found is not None and 0 < found.input < found.output < 1e-3
    assert ("litellm" in sys.modules) == before
