"""Which steps a step waits for, and how: what it reads, what it needs, what it only waits to settle.

A group waits for what its inner steps read around it. A step of `finally` or `on_failure` waits for no main step: they
have all settled.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.sites import Prompts, Site, step_sites
from agentflow_cli.language.expressions.problem import ExpressionErrors
from agentflow_cli.language.expressions.references import Reference
from agentflow_cli.language.expressions.template import compile_bare
from agentflow_cli.language.loader.document import Document


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


def dependencies_of(document: Document, block: StepBlock, prompts: Prompts) -> dict[str, Dependencies]:
    """The dependencies of every step of `block` on the others of it."""
    return {step.id: _of_step(document, step, block, prompts) for step in block.steps.values()}


def _of_step(document: Document, step: Step, block: StepBlock, prompts: Prompts) -> Dependencies:
    result = Dependencies()
    reads: dict[str, None] = {}
    optional: dict[str, None] = {}
    for site, reference in references_in(step_sites(document, step, block, prompts)):
        target = reference.step
        if target is None or target == step.id or target not in block.steps or not _is_of(site, target, block):
            continue
        result.places.setdefault(target, (site, reference))
        (optional if reference.optional or is_guarded(site, reference, block) else reads).setdefault(target)
    needs: dict[str, None] = {}
    for position, located in enumerate(step.needs):
        if located.value in block.steps and located.value != step.id:
            needs.setdefault(located.value)
            result.places.setdefault(located.value, position)
    result.reads = list(reads)
    result.needs = [name for name in needs if name not in reads]
    result.optional = [name for name in optional if name not in reads and name not in needs]
    return result


def _is_of(site: Site, target: str, block: StepBlock) -> bool:
    """Whether `steps.target` at `site` means the step of `block`, and none of a group within."""
    found = site.block.find(target) if site.block is not None else None
    return found is not None and found[0] is block.steps[target]


def is_guarded(site: Site, reference: Reference, block: StepBlock) -> bool:
    """Whether the step that is read has succeeded wherever it is read, for a condition says so."""
    return reference.guarded or any(reference.step in guards_of(owner) for owner in _guarding(site, block))


def _guarding(site: Site, block: StepBlock) -> Iterator[Step]:
    """The steps whose `when` was true wherever `site` is evaluated, up to the step of `block`."""
    if site.step is not None and site.field != "when":
        yield site.step
    inside = site.block
    while inside is not None and inside is not block:
        if inside.group is not None:
            yield inside.group
        inside = inside.around


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


def guards_of(step: Step) -> frozenset[str]:
    """Steps that have succeeded whenever `step` runs, for its `when` says so."""
    if step.when is None or not isinstance(step.when.value, str):
        return frozenset()
    return _guards(step.when.value)


@functools.lru_cache(maxsize=4096)
def _guards(when: str) -> frozenset[str]:
    try:
        return compile_bare(when).guards
    except ExpressionErrors:
        return frozenset()


def place_of(document: Document, step: Step, target: str, dependencies: Mapping[str, Dependencies]) -> Span:
    """Where `step` names `target` first."""
    place = dependencies[step.id].places[target]
    if isinstance(place, int):
        return document.span(step.needs[place].path)
    site, reference = place
    return site.span(*reference.segments[1])
