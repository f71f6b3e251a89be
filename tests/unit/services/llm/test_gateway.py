"""Which model a name means, and what the gateway lets through."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from agentflow_cli.domain.failure import Failure
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.ports.model import Message, ModelFailure, ModelRequest, ModelUsage
from agentflow_cli.services.llm import weights
from agentflow_cli.services.llm.catalog import list_models
from agentflow_cli.services.llm.deadlines import Deadlines
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.providers.llamacpp import EmbeddedModel
from agentflow_cli.services.llm.providers.scripted import Answer, ScriptedModel
from agentflow_cli.services.llm.routes import EMBEDDED

HELLO = ModelRequest((Message("user", "hello"),))


class StepClock:
    """Time passes only by sleeping, and sleeping takes one turn of the loop."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.time += seconds


def failure_of(gateway: ModelGateway, request: ModelRequest = HELLO) -> Failure:
    with pytest.raises(ModelFailure) as caught:
        asyncio.run(gateway.complete(request, lambda text: None))
    return caught.value.failure


@pytest.mark.parametrize("name", [None, "fast", "smart", "embedded", "embedded/smollm2-135m"])
def test_routes_and_no_name_mean_the_embedded_model(name: str | None) -> None:
    assert ModelGateway(environment={}).resolve(name) == EMBEDDED


def test_with_a_script_unnamed_models_mean_the_script() -> None:
    gateway = ModelGateway(environment={}, scripted=ScriptedModel())
    assert [gateway.resolve(name) for name in (None, "fast", "embedded")] == ["scripted", "scripted", EMBEDDED]


def test_the_environment_says_what_unnamed_models_mean() -> None:
    assert ModelGateway(environment={"AGENTFLOW_MODEL": "file:x.gguf"}).resolve("smart") == "file:x.gguf"
    assert ModelGateway(environment={"AGENTFLOW_MODEL": "fast"}).resolve(None) == EMBEDDED


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(NotFoundError, match="no model `embeded`") as caught:
        ModelGateway(environment={}).resolve("embeded")
    assert "did you mean `embedded`?" in (caught.value.hint or "")
    assert "`scripted`" in (caught.value.hint or "")
    failure = failure_of(ModelGateway(environment={}), ModelRequest(HELLO.messages, model="opnai/gpt-5"))
    assert failure.kind == "model"
    assert "did you mean `openai/gpt-5`?" in failure.message
    assert "file:" in failure.message


def test_real_models_can_be_switched_off() -> None:
    off = {"AGENTFLOW_NO_MODELS": "1"}
    assert "AGENTFLOW_NO_MODELS" in failure_of(ModelGateway(environment=off)).message
    reply = asyncio.run(ModelGateway(environment=off, scripted=ScriptedModel(["hi"])).complete(HELLO))
    assert reply.text == "hi"


def test_relative_files_start_at_the_project(tmp_path: Path) -> None:
    request = ModelRequest(HELLO.messages, model="file:models/x.gguf")
    assert str(tmp_path / "models/x.gguf") in failure_of(ModelGateway(environment={}, root=tmp_path), request).message


def test_a_file_of_ones_own_answers(embedded: EmbeddedModel) -> None:
    path = weights.locate({}, weights.models_directory())
    gateway = ModelGateway(environment={})
    request = ModelRequest(HELLO.messages, model=f"file:{path}", max_tokens=3)
    reply = asyncio.run(gateway.complete(request))
    assert reply.model == f"file:{path}"
    assert reply.text
    gateway.close()


def test_an_empty_reply_is_a_failure() -> None:
    assert "nothing" in failure_of(ModelGateway(environment={}, scripted=ScriptedModel([Answer(" \n")]))).message


def test_a_reply_cut_off_at_max_tokens_says_so() -> None:
    gateway = ModelGateway(environment={}, scripted=ScriptedModel([Answer("half", finish="length")]))
    assert asyncio.run(gateway.complete(HELLO)).finish == "length"


def test_impossible_usage_becomes_possible() -> None:
    answer = Answer("hello there", usage=ModelUsage(-5, 10**12, 7))
    reply = asyncio.run(ModelGateway(environment={}, scripted=ScriptedModel([answer])).complete(HELLO))
    assert 0 < reply.usage.input_tokens < 10
    assert 0 < reply.usage.output_tokens < 10
    assert reply.usage.cached_tokens == 0


def test_the_providers_failure_passes_unchanged() -> None:
    limit = Failure("rate_limit", "slow down", retry_after=3.0)
    assert failure_of(ModelGateway(environment={}, scripted=ScriptedModel([limit]))) == limit


@pytest.mark.parametrize(
    ("deadlines", "answer", "words"),
    [
        (Deadlines(first_delta=5), Answer("late", delay=60), "did not begin to answer within 5.0s"),
        (Deadlines(idle=7), Answer("a b c", until=asyncio.Event()), "fell silent for 7.0s"),
        (Deadlines(total=9, idle=100), Answer("a b c", until=asyncio.Event()), "did not finish within 9.0s"),
    ],
)
def test_a_model_that_keeps_us_waiting_is_given_up(deadlines: Deadlines, answer: Answer, words: str) -> None:
    slow = ScriptedModel([Answer(answer.text, until=asyncio.Event())] if answer.delay else [answer])
    if answer.delay:

        async def never(request: ModelRequest, on_delta: object = None) -> None:
            await asyncio.Event().wait()

        slow.complete = never  # type: ignore[method-assign, assignment]
    gateway = ModelGateway(environment={}, scripted=slow, clock=StepClock(), deadlines=deadlines)
    failure = failure_of(gateway)
    assert failure.kind == "timeout"
    assert words in failure.message


def test_cancelling_reaches_the_provider() -> None:
    ended = []

    class Waiting(ScriptedModel):
        async def complete(self, request: ModelRequest, on_delta: object = None) -> None:  # type: ignore[override]
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

    async def main() -> None:
        call = asyncio.create_task(ModelGateway(environment={}, scripted=Waiting()).complete(HELLO))
        for _ in range(5):
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(main())
    assert ended == [True]


def test_weights_are_needed_only_for_the_embedded_model(tmp_path: Path) -> None:
    bare = {"XDG_CACHE_HOME": str(tmp_path)}
    assert ModelGateway(environment=bare).needs_fetch([None])
    assert not ModelGateway(environment=bare).needs_fetch(["scripted", "file:x.gguf"])
    assert not ModelGateway(environment={**bare, weights.FILE_VARIABLE: "x.gguf"}).needs_fetch([None])
    assert not ModelGateway(environment=bare, scripted=ScriptedModel()).needs_fetch([None])


def test_the_list_says_what_is_ready_and_how_to_make_it_so(tmp_path: Path) -> None:
    first, *_, last = list_models({"XDG_CACHE_HOME": str(tmp_path)})
    assert (first.name, first.ready, first.how) == (EMBEDDED, False, "agentflow models pull")
    assert "135 million" in first.about
    assert last.ready


def test_listing_models_loads_nothing_heavy() -> None:
    code = (
        "import sys; from agentflow_cli.services.llm.catalog import list_models; list_models(); "
        "sys.exit(bool({'xllamacpp', 'jsonschema', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
