"""Every step of a plan with what will become of it, told in an order in which dependencies come first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from agentflow_cli.application.usecases.plan import report as r
from agentflow_cli.application.usecases.plan.cache_outlook import KeptOutcomes
from agentflow_cli.application.usecases.plan.fate import (
    CONDITIONAL,
    FAILS,
    NO_OUTPUT,
    RUNS,
    SKIPPED,
    Fate,
    fate_of,
)
from agentflow_cli.application.usecases.plan.foresight import Fails, Known, Names, Unknown
from agentflow_cli.application.usecases.plan.model_choice import ModelChoices
from agentflow_cli.application.usecases.plan.reach import hosts_of
from agentflow_cli.application.usecases.plan.said import agent_use, does, prompt_size
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.kinds import acts_outside
from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.language.compiler.drawings.gutter import row_order

MOST_CHILDREN = 1_000
"""Children of a foreach that are looked at one by one."""

Effect = Callable[[str], bool | None]
Since = Callable[[str, PlanStep], r.SinceLastRun | None]


@dataclass(frozen=True, slots=True)
class Sight:
    """What the outlook asks."""

    models: ModelChoices
    kept: KeptOutcomes
    effect: Effect
    """Whether the tool of a name may change something; None when that is not known."""
    since: Since


@dataclass(slots=True)
class _Body:
    """What is known of what a step does, over all of its children."""

    count: int | None = None
    characters: int | None = None
    cache: r.CacheOutlook | None = None
    view: Json = None
    """What expressions will see of it, when that is certain."""
    problem: str | None = None
    hosts: tuple[str, ...] = ()


def outlook(plan: Plan, names: Names, sight: Sight) -> list[r.PlannedStep]:
    """The main steps, then those of `on_failure` and of `finally`; inner steps after their group."""
    walk = _Walk(sight)
    seen: dict[str, Json] = {}
    steps = list(walk.block(plan.root, names.inside(seen), "", Fate(RUNS)))
    settling = replace(names, steps={})
    if_it_fails = Fate(CONDITIONAL, "only if the run fails")
    steps += walk.block(Block(plan.on_failure), settling.inside({}), "@on_failure/", if_it_fails)
    steps += walk.block(Block(plan.finally_steps), settling.inside({}), "@finally/", Fate(RUNS))
    return steps


class _Walk:
    def __init__(self, sight: Sight) -> None:
        self._sight = sight

    def block(self, block: Block, names: Names, prefix: str, around: Fate) -> Iterator[r.PlannedStep]:
        """`names.steps` is filled on the way."""
        seen = names.steps
        assert isinstance(seen, dict)
        fates: dict[str, Fate] = {}
        for step_id in row_order(block):
            step = block.steps[step_id]
            fate = fates[step_id] = fate_of(step, fates, names, around)
            if fate.what == SKIPPED:
                seen[step_id] = {"status": fate.status}
                body = _Body()
            else:
                body = self._body(step, names)
                if fate.what == RUNS and (body.problem is not None or step.kind == "fail"):
                    ends = {"fail": FAILS, "continue": NO_OUTPUT}
                    fates[step_id] = Fate(ends.get(step.on_error, RUNS))
            path = f"{prefix}{step_id}"
            yield self._planned(path, step, fate, body)
            if step.block is not None:
                inner: list[r.PlannedStep] = []
                body.view = self._inside(step, step.block, names, path, fate, body, inner)
                yield from inner
            if fate.what == RUNS and body.view is not None:
                seen[step_id] = body.view

    def _inside(
        self, step: PlanStep, block: Block, names: Names, path: str, fate: Fate, body: _Body, to: list[r.PlannedStep]
    ) -> Json:
        """The steps inside, appended to `to`; what can be read of the group, when all of it is certain."""
        seen = {} if step.kind == "workflow" else dict(names.steps)
        inside = _called(step, block, names) if step.kind == "workflow" else names
        inside = inside.inside(seen)
        around = fate if fate.what in (SKIPPED, CONDITIONAL) else Fate(RUNS)
        if around.what == CONDITIONAL:
            around = Fate(CONDITIONAL, f"only if `{step.id}` runs")
        elif around.what == SKIPPED:
            around = Fate(SKIPPED, f"`{step.id}` is skipped")
        elif body.count == 0:
            around = Fate(SKIPPED, "the list is empty")
        to.extend(self.block(block, inside, f"{path}/", around))
        if step.foreach is not None or step.repeat is not None or step.output is not None:
            return None
        if any(name not in seen for name in block.steps):
            return None
        outputs = inside.foresee(block.outputs)
        return {"status": "succeeded", "output": outputs.value} if isinstance(outputs, Known) else None

    def _body(self, step: PlanStep, names: Names) -> _Body:
        if step.foreach is None:
            return self._one(step, names) if step.repeat is None else replace(self._one(step, names), view=None)
        foreach = step.foreach
        if foreach.expression is None:
            items = names.foresee(foreach.items)
        else:
            items = names.foresee_expression(foreach.expression)
        body = _Body(count=None if foreach.items is None else len(foreach.items))
        if isinstance(items, Fails):
            body.problem = f"`foreach`: {items.message}"
        elif isinstance(items, Unknown):
            return replace(self._one(step, names), count=body.count)
        elif not isinstance(items.value, list):
            body.problem = "`foreach` needs a list"
        else:
            return self._children(step, names, foreach.as_name, items.value)
        return body

    def _children(self, step: PlanStep, names: Names, as_name: str, items: list[Json]) -> _Body:
        body = _Body(count=len(items))
        seen = names.steps
        assert isinstance(seen, dict)
        parts = [
            self._one(step, names.inside(seen, **{as_name: item, "index": index}))
            for index, item in enumerate(items[:MOST_CHILDREN])
        ]
        if step.on_error == "fail":  # else the step goes on without that child
            body.problem = next((part.problem for part in parts if part.problem), None)
        complete = len(parts) == len(items)
        if complete and all(part.hosts for part in parts):
            body.hosts = tuple(dict.fromkeys(host for part in parts for host in part.hosts))
        sizes = [part.characters for part in parts]
        if complete and all(size is not None for size in sizes):
            body.characters = max((size for size in sizes if size is not None), default=None)
        if step.cache:
            body.cache = _gathered([part.cache for part in parts if part.cache is not None], len(items))
        views = [part.view for part in parts]
        if complete and step.repeat is None and all(view is not None for view in views):
            body.view = {"status": "succeeded", "output": [view["output"] for view in views], "children": views}
        return body

    def _one(self, step: PlanStep, names: Names) -> _Body:
        """One call: of the step, or of a child whose item is in `names`."""
        body = _Body()
        if step.kind == "set" and step.output is None:
            made = names.foresee(step.templates.get("set"))
            if isinstance(made, Known):
                body.view = {"status": "succeeded", "output": made.value}
            elif isinstance(made, Fails):
                body.problem = made.message
        elif step.kind == "prompt":
            said = names.foresee(step.templates.get("prompt"))
            if isinstance(said, Known):
                body.characters = prompt_size(said.value)
            elif isinstance(said, Fails):
                body.problem = said.message
        elif step.kind == "http":
            body.hosts = hosts_of(step, names)
        if step.cache:
            body.cache, kept = self._sight.kept.outlook(step, names)
            if kept is not None:
                body.view = {"status": "succeeded", **(kept.get("beside") or {}), "output": kept["output"]}
        return body

    def _planned(self, path: str, step: PlanStep, fate: Fate, body: _Body) -> r.PlannedStep:
        since = None if path.startswith("@") else self._sight.since(path, step)
        verdict, why = _verdict(step, fate, body, since)
        models = self._sight.models
        use = models.of(step)
        most = step.settings.get("max_tokens") if step.kind == "prompt" else None
        price = None if use is None or most is None else models.output_price(use)
        agent_output = step.agent.output if step.agent is not None else None
        foreach = step.foreach
        listed = None if foreach is None else foreach.expression or f"a list of {len(foreach.items or ())}"
        return r.PlannedStep(
            path=path,
            id=step.id,
            kind=step.kind,
            verdict=verdict,
            why=why,
            does=does(step),
            name=step.name,
            line=step.line,
            depends_on=step.dependencies,
            when=step.when,
            foreach=listed,
            count=body.count,
            repeat=None if step.repeat is None else step.repeat.max,
            timeout=step.timeout,
            model=use,
            delegates=models.delegates(step),
            hosts=body.hosts,
            agent=agent_use(step, self._sight.effect),
            declared=(agent_output if step.agent is not None else step.output) is not None,
            output_tokens=most,
            output_cost=None if price is None or most is None else round(price * most, 9),
            prompt_characters=body.characters,
            cache=body.cache,
            since_last_run=since,
            effect=_acts(step, self._sight.effect),
            problem=fate.why if fate.what == FAILS else body.problem,
        )


def _verdict(step: PlanStep, fate: Fate, body: _Body, since: r.SinceLastRun | None) -> tuple[str, str]:
    if fate.what == SKIPPED:
        return r.SKIPPED, fate.why
    if step.kind == "ask":
        return r.ASKS, fate.why
    if fate.what == CONDITIONAL:
        return r.CONDITIONAL, fate.why
    if body.cache is not None and body.cache.verdict == "hit":
        return r.CACHED, body.cache.why
    if since is not None and since.verdict == "changed":
        return r.CHANGED, since.why
    return r.RUNS, ""


def _gathered(parts: list[r.CacheOutlook], total: int) -> r.CacheOutlook:
    hits = sum(part.verdict == "hit" for part in parts)
    if total == 0:
        return r.CacheOutlook("unknown", "its list is empty")
    if hits == total:
        return r.CacheOutlook("hit", f"all {total} made from the same before")
    if hits:
        return r.CacheOutlook("partly", f"{hits} of {total} are kept")
    return next((part for part in parts if part.verdict != "miss"), parts[0])


def _called(step: PlanStep, block: Block, names: Names) -> Names:
    """The names inside a called workflow: its inputs, as far as `with` gives what is known."""
    given = step.templates.get("with") or {}
    inputs: dict[str, Json] = {}
    unknown: dict[str, str] = {}
    for name, declared in block.inputs.items():
        if name not in given:
            inputs[name] = declared.default
            continue
        foreseen = names.foresee(given[name])
        if isinstance(foreseen, Known):
            inputs[name] = foreseen.value
        else:
            unknown[name] = foreseen.until if isinstance(foreseen, Unknown) else "it can be made"
    return replace(names, inputs=inputs, inputs_unknown=unknown, local={}, workflow=block.workflow)


def _acts(step: PlanStep, effect: Effect) -> bool:
    """Whether it may change the world outside, as far as that can be seen."""
    if step.kind == "tool":
        return effect(str(step.settings.get("tool"))) is not False
    return acts_outside(step.kind, step.settings)
