"""One step, or one child of a foreach, carried out: rendered, attempted, retried, and its outcome recorded."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import random
import traceback
from collections.abc import Mapping

from agentflow_cli.domain.events import ProcessStarted, StepFailed, StepRetrying, StepStarted, StepSucceeded
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Block, PlanStep
from agentflow_cli.engine.caching import keep_outcome, kept_under, outcome_kept
from agentflow_cli.engine.default_retry import default_retry
from agentflow_cli.engine.driver import Driver, Stopping
from agentflow_cli.engine.executors import EXECUTORS
from agentflow_cli.engine.executors.call import Call, Executor, Outcome
from agentflow_cli.engine.operations import Operations
from agentflow_cli.engine.repeat import run_rounds
from agentflow_cli.engine.secrets import masked_failure, masked_outcome, with_secrets
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.foundation.errors import AgentflowError, LockedError, StorageError
from agentflow_cli.foundation.faultpoints import faultpoint
from agentflow_cli.foundation.redaction import forms_of, mask
from agentflow_cli.language.expressions.problem import EvaluationError
from agentflow_cli.language.expressions.template import render_tree
from agentflow_cli.language.schema.value_problems import value_problems

PURE = frozenset({"set"})
"""Kinds that touch nothing outside: nothing is recorded when they start, and they need no slot."""

BLOCKS = frozenset({"steps", "workflow"})
"""Kinds that are carried out by running the steps inside them."""

SLOTLESS = PURE | BLOCKS | {"ask", "wait"}
"""Kinds that only wait for others, for a person or for time."""


async def carry_out(driver: Driver, step: PlanStep, path: str, names: Mapping[str, Json]) -> None:
    """Run `step` at `path` to its recorded end. Raises only what is not the step's own failure."""
    try:
        if step.repeat is None:
            outcome = await _attempts(driver, step, path, names)
        else:

            async def one_round(round_path: str, round_names: Mapping[str, Json]) -> None:
                await _carry_out_round(driver, step, round_path, round_names)

            outcome = await run_rounds(driver, step, step.repeat, path, names, one_round)
    except StepFailure as error:
        await _record_failure(driver, step, path, names, error.failure)
        return
    faultpoint("engine.effect_done")
    await driver.journal.append(_success(path, outcome))


async def _carry_out_round(driver: Driver, step: PlanStep, path: str, names: Mapping[str, Json]) -> None:
    """One round of a repeat. `on_error` speaks of the step, not of its rounds."""
    try:
        outcome = await _attempts(driver, step, path, names)
    except StepFailure as error:
        await driver.journal.append(StepFailed(path, error.failure))
        return
    faultpoint("engine.effect_done")
    await driver.journal.append(_success(path, outcome))


def _success(path: str, outcome: Outcome) -> StepSucceeded:
    return StepSucceeded(path, outcome.output, outcome.beside, outcome.usage, reused=outcome.reused)


async def _attempts(driver: Driver, step: PlanStep, path: str, names: Mapping[str, Json]) -> Outcome:
    """What an earlier run has kept of it, else attempts until one succeeds; StepFailure of the last one."""
    names = with_secrets(step, names, driver.options)
    forms = forms_of(names["secrets"].values()) if step.secrets else ()
    try:
        return masked_outcome(await _kept_or_tried(driver, step, path, names, forms), forms)
    except StepFailure as error:
        raise StepFailure(masked_failure(error.failure, forms)) from error


async def _kept_or_tried(
    driver: Driver, step: PlanStep, path: str, names: Mapping[str, Json], forms: tuple[str, ...]
) -> Outcome:
    templates, env = _rendered(step, names)
    call = _call(driver, step, path, names, templates, env, forms)
    options = driver.options
    key = kept_under(call, driver.plan.code) if step.cache and (options.read_cache or options.write_cache) else None
    if key is not None and options.read_cache and (kept := outcome_kept(driver.services.cache, key)) is not None:
        return kept
    outcome = await _tried(driver, step, path, names, templates, call, forms)
    if key is not None and options.write_cache:
        keep_outcome(driver.services.cache, key, outcome)
    return outcome


async def _tried(
    driver: Driver,
    step: PlanStep,
    path: str,
    names: Mapping[str, Json],
    templates: dict[str, Json],
    call: Call,
    forms: tuple[str, ...],
) -> Outcome:
    if step.kind in PURE:
        return _checked(step, await EXECUTORS[step.kind](call))
    if step.block is not None:
        arguments = (templates.get("with") or {}) if step.kind == "workflow" else None
        execute: Executor = functools.partial(_run_block, driver, step.block, names, arguments)
    else:
        execute = EXECUTORS[step.kind]
    retry = step.retry or default_retry(step, driver.services.tools)
    made = 0
    while True:
        made += 1
        try:
            if step.kind in SLOTLESS:
                return await _attempt(driver, call, execute)
            async with driver.slots:
                if driver.stopping:
                    raise Stopping
                return await _attempt(driver, call, execute)
        except StepFailure as error:
            if not retry.allows(error.failure, made):
                raise
            pause = retry.pause(error.failure, made, random.random())
            number = driver.state.step(path).attempt
            await driver.journal.append(
                StepRetrying(path, number, masked_failure(error.failure, forms), round(pause, 3))
            )
            await driver.services.clock.sleep(pause)


async def _run_block(
    driver: Driver, block: Block, names: Mapping[str, Json], arguments: Mapping[str, Json] | None, call: Call
) -> Outcome:
    outcome: Outcome = await driver.run_block(driver, block, call.path, names, arguments)
    return outcome


async def _attempt(driver: Driver, call: Call, execute: Executor) -> Outcome:
    step = call.step
    if step.on_crash == "ask" and driver.state.step(call.path).in_flight:
        await _ask_about_crash(driver, call)
    before = driver.state.step(call.path)
    goes_on = step.kind == "ask" and before.ask is not None  # the same question, whoever drives the run by now
    await driver.journal.append(StepStarted(call.path, before.attempt if goes_on else before.attempt + 1))
    faultpoint("engine.started")
    try:
        async with asyncio.timeout(step.timeout) as deadline:
            return _checked(step, await execute(call))
    except TimeoutError as error:
        if deadline.expired():
            message = f"it did not finish within {format_duration(step.timeout or 0)}"
            raise StepFailure(Failure("timeout", message)) from error
        raise StepFailure(Failure("timeout", str(error) or "something it waited for took too long")) from error
    except (StepFailure, StorageError, asyncio.CancelledError):
        raise  # a full disk is not the step's failure: the run stops, and can be resumed
    except AgentflowError as error:
        kind = "unavailable" if isinstance(error, LockedError) else "internal"
        hint = f"; {error.hint}" if error.hint else ""
        raise StepFailure(Failure(kind, error.message + hint)) from error
    except Exception as error:
        message = f"{type(error).__name__}: {error} (a bug in agentflow)"
        raise StepFailure(Failure("internal", message, data={"traceback": traceback.format_exc()})) from error


async def _ask_about_crash(driver: Driver, call: Call) -> None:
    """A person decides whether what may have happened is done again. StepFailure when not."""
    question = dataclasses.replace(call.step, settings={"choices": ["repeat", "fail"]})
    message = f"`{call.path}` was under way when its process ended. It may have done its work. Do it again?"
    answer = await driver.questions.answer(call.path, message, question)
    if answer.values.get("choice") != "repeat":
        raise StepFailure(Failure("crashed", f"it was under way when its process ended, and {answer.by} chose to fail"))


def _rendered(step: PlanStep, names: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    try:
        templates = render_tree(step.templates, names)
        return templates, render_tree(step.env, names) if step.env else {}
    except EvaluationError as error:
        raise StepFailure(Failure("expression", error.message)) from error


def _call(
    driver: Driver,
    step: PlanStep,
    path: str,
    names: Mapping[str, Json],
    templates: dict[str, Json],
    env: dict[str, Json],
    forms: tuple[str, ...],
) -> Call:
    async def on_process(group: int, start_time: str) -> None:
        await driver.journal.append(ProcessStarted(path, group, start_time))

    async def on_worker(group: int, start_time: str) -> None:
        await driver.journal.append(ProcessStarted(path, group, start_time, kept=True))

    return Call(
        step=step,
        path=path,
        templates=templates,
        env=env,
        key=f"{driver.journal.run}:{path}",
        run=driver.journal.run,
        services=driver.services,
        options=driver.options,
        questions=driver.questions,
        operations=Operations(driver.journal, driver.state, path, forms),
        on_delta=lambda text: driver.listener.delta(path, mask(text, forms)),
        on_output=lambda text: driver.listener.printed(path, mask(text, forms)),
        on_process=on_process,
        on_worker=on_worker,
        names=names,
        agents=driver.plan.agents,
    )


def _checked(step: PlanStep, outcome: Outcome) -> Outcome:
    """The outcome, once its output matches what the step declares. A model's reply was checked by the gateway."""
    if step.output is None or step.kind == "prompt":
        return outcome
    problems = value_problems(step.output, outcome.output)
    if problems:
        said = "; ".join(sentence for _, sentence in problems[:5])
        raise StepFailure(Failure("invalid_output", f"the output is not what `output` declares: {said}"))
    return outcome


async def _record_failure(
    driver: Driver, step: PlanStep, path: str, names: Mapping[str, Json], failure: Failure
) -> None:
    """StepFailed, as `on_error` has it."""
    tolerated = step.on_error != "fail"
    has_value = step.on_error == "value"
    value = None
    if has_value:
        try:
            value = render_tree(step.on_error_value, names)
        except EvaluationError as error:
            message = f"{failure.message}; and its `on_error` value failed: {error.message}"
            failure, tolerated, has_value = Failure("expression", message), False, False
    await driver.journal.append(StepFailed(path, failure, tolerated, has_value, value))
