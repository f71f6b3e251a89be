"""`cache: true`: a later run takes an outcome that an earlier one made from the same."""

from __future__ import annotations

from dataclasses import replace

from agentflow_cli.domain.plan import PlanStep
from tests.engine.driving import drive
from tests.fakes.plans import plan_of, python_step
from tests.fakes.services import FakeCache, FakeModel, fake_services


def asking(text: str, model: str | None = None, cache: bool = True) -> PlanStep:
    return PlanStep("a", "prompt", {"prompt": text}, {"model": model} if model else {}, cache=cache)


async def test_a_later_run_takes_what_is_kept_and_says_so() -> None:
    model, cache = FakeModel(), FakeCache()
    first = await drive(plan_of(asking("hi ${{ inputs.x }}")), fake_services(model=model, cache=cache), inputs={"x": 1})
    second = await drive(
        plan_of(asking("hi ${{ inputs.x }}")), fake_services(model=model, cache=cache), inputs={"x": 1}
    )
    assert first.steps["a"].output == second.steps["a"].output == "echo: hi 1"
    assert (first.steps["a"].reused, second.steps["a"].reused) == (None, "cache")
    assert len(model.requests) == 1
    assert second.output_tokens == 0


async def test_another_input_model_or_code_asks_again_and_so_does_a_step_without_cache() -> None:
    model, cache = FakeModel(), FakeCache()
    for plan, x in (
        (plan_of(asking("hi ${{ inputs.x }}")), 1),
        (plan_of(asking("hi ${{ inputs.x }}")), 2),
        (plan_of(asking("hi ${{ inputs.x }}", model="other")), 1),
        (plan_of(asking("hi ${{ inputs.x }}", cache=False)), 1),
    ):
        await drive(plan, fake_services(model=model, cache=cache), inputs={"x": x})
    assert len(model.requests) == 4
    calls: list[int] = []
    services = fake_services(functions={"f.py:f": lambda: calls.append(1) or "x"}, cache=cache)
    step = python_step("a", "f.py:f", cache=True)
    for code in ("sha256:1", "sha256:1", "sha256:2"):
        await drive(replace(plan_of(step), code={"f.py": code}), services)
    assert len(calls) == 2


async def test_a_failure_is_never_kept() -> None:
    calls: list[int] = []

    def flaky() -> str:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("once")
        return "fine"

    services = fake_services(functions={"f": flaky}, cache=FakeCache())
    assert (await drive(plan_of(python_step("a", "f", cache=True)), services)).status == "failed"
    assert (await drive(plan_of(python_step("a", "f", cache=True)), services)).steps["a"].output == "fine"
