"""Which steps a step waits for, and how: what it reads, what it needs, what it only waits to settle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.prompt_files import PromptFile
from agentflow_cli.language.compiler.sites import Site, step_sites
from agentflow_cli.language.expressions.problem import ExpressionErrors
from agentflow_cli.language.expressions.references import Reference
from agentflow_cli.language.expressions.template import compile_bare
from agentflow_cli.language.loader.load import Loaded


@dataclass(slots=True)
class Dependencies:
    """Of one step. A step that is both required and optional is required. `places` says where each is named first."""

    reads: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)
    places: dict[str, tuple[Site, Reference] | int] = field(default_factory=dict)
    """A reference in a site, or the position in `needs`."""

    @property
    def all(self) -> list[str]:
        return list(dict.fromkeys((*self.reads, *self.needs, *self.optional)))


def dependencies_of(loaded: Loaded, prompts: Mapping[str, PromptFile]) -> dict[str, Dependencies]:
    """The dependencies of every step, on steps that exist and are not the step itself."""
    steps = loaded.workflow.steps
    return {step.id: _of_step(loaded, step, prompts.get(step.id), steps) for step in steps.values()}


def _of_step(loaded: Loaded, step: Step, prompt: PromptFile | None, steps: Mapping[str, Step]) -> Dependencies:
    result = Dependencies()
    guards = _guards(step)
    reads: dict[str, None] = {}
    optional: dict[str, None] = {}
    for site, reference in references_in(step_sites(loaded, step, prompt)):
        target = reference.step
        if target is None or target == step.id or target not in steps:
            continue
        result.places.setdefault(target, (site, reference))
        guarded = reference.guarded or (site.field != "when" and target in guards)
        (optional if reference.optional or guarded else reads).setdefault(target)
    needs: dict[str, None] = {}
    for position, located in enumerate(step.needs):
        if located.value in steps and located.value != step.id:
            needs.setdefault(located.value)
            result.places.setdefault(located.value, position)
    result.reads = list(reads)
    result.needs = [name for name in needs if name not in reads]
    result.optional = [name for name in optional if name not in reads and name not in needs]
    return result


def references_in(sites: Iterable[Site]) -> Iterable[tuple[Site, Reference]]:
    """The reads in `sites`; of a text that is not valid, those of its valid parts."""
    for site in sites:
        references: Sequence[Reference]
        try:
            references = site.compile().references
        except ExpressionErrors as errors:
            references = errors.references
        for reference in references:
            yield site, reference


def _guards(step: Step) -> frozenset[str]:
    """Steps that have succeeded whenever the step runs, for its `when` says so."""
    if step.when is None or not isinstance(step.when.value, str):
        return frozenset()
    try:
        return compile_bare(step.when.value).guards
    except ExpressionErrors:
        return frozenset()


def place_of(loaded: Loaded, step: Step, target: str, dependencies: Dependencies) -> Span:
    """Where `step` names `target` first."""
    place = dependencies.places[target]
    if isinstance(place, int):
        return loaded.document.span(step.needs[place].path)
    site, reference = place
    return site.span(*reference.segments[1])
