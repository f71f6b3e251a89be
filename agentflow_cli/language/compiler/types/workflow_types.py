"""The types of one workflow: of what its steps give out, of their elements, of every template. Each worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath, Json, type_name
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.names import foreach_of, items_of, repeating
from agentflow_cli.language.compiler.sites import Site, is_bare
from agentflow_cli.language.compiler.types.known import output_of_kind
from agentflow_cli.language.compiler.types.readable import Readable
from agentflow_cli.language.expressions.lexer import has_markup
from agentflow_cli.language.expressions.problem import ExpressionErrors, Problem
from agentflow_cli.language.expressions.references import Reference
from agentflow_cli.language.expressions.scope import Place
from agentflow_cli.language.expressions.syntax import Access, Node
from agentflow_cli.language.expressions.types import reading
from agentflow_cli.language.expressions.types.inference import Inference
from agentflow_cli.language.expressions.types.lattice import (
    ANY,
    NULL,
    PLAIN,
    STRING,
    Array,
    Object,
    Type,
    of_value,
    optional,
    or_default,
    union,
    widened,
)
from agentflow_cli.language.expressions.types.schemas import type_of_schema
from agentflow_cli.language.expressions.types.signatures import Kinds
from agentflow_cli.language.expressions.types.whole import infer, never_fitting, problems_beside
from agentflow_cli.language.loader.load import Loaded

_DEEPEST = 40
"""Types that wait for each other; beyond it they are open."""


def types_of(loaded: Loaded) -> WorkflowTypes:
    """The types of a workflow, the same for everybody who asks in one command."""
    kept = loaded.files.derived
    found = kept.get(("types", loaded.path))
    if not isinstance(found, WorkflowTypes) or found.loaded is not loaded:
        found = kept["types", loaded.path] = WorkflowTypes(loaded)
    return found


class WorkflowTypes:
    """Asks no order: what is needed first is worked out first; what needs itself is open."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self._outputs: dict[DocumentPath, Type] = {}
        self._open: set[DocumentPath] = set()
        self._elements: dict[DocumentPath, Type] = {}
        self._inferred: dict[DocumentPath, tuple[Type, tuple[Problem, ...]]] = {}
        self._inputs: dict[str, Type] = {}
        self._given: Type | None = None
        self._depth = 0

    # What is asked

    def inferred(self, site: Site) -> tuple[Type, tuple[Problem, ...]]:
        """The type of what stands at `site`, and what is wrong with its types. A text that is not valid is open; its
        valid parts are looked at."""
        found = self._inferred.get(site.path)
        if found is None:
            if not site.bare and not has_markup(site.text):
                found = STRING, ()
            else:
                self._inferred[site.path] = ANY, ()  # for what reads itself
                try:
                    found = infer(site.compile(), Readable(self, site))
                except ExpressionErrors as errors:
                    found = ANY, problems_beside(errors, site.text, Readable(self, site))
            self._inferred[site.path] = found
        return found

    def never_fitting(self, site: Site, wanted: Kinds) -> tuple[tuple[Node, Type], ...]:
        """The branches of the expression at `site` that never give a kind `wanted`; none of an invalid one."""
        try:
            template = site.compile()
        except ExpressionErrors:
            return ()
        return never_fitting(template, Readable(self, site), wanted)

    def chain(self, node: Access, block: StepBlock) -> Type:
        """The type of a chain that is read in `block`, outside of any step of it."""
        return Inference(Readable(self, Site("", Place.GROUP_OUTPUTS, _nowhere, "", block=block)), "").silently(node)

    def input(self, name: str) -> Type:
        if name not in self._inputs:
            spec = self.loaded.workflow.inputs[name]
            found = type_of_schema(spec.schema)
            self._inputs[name] = found if spec.required else or_default(found, spec.default)
        return self._inputs[name]

    def output(self, step: Step, block: StepBlock) -> Type:
        """`steps.ID.output`, read from outside. `block` is the one in which the step stands."""
        if step.path not in self._outputs and step.path not in self._open:
            self._work_out(step, block)
        found = self._outputs.get(step.path)
        return _names(step) if found is None else found

    def single(self, step: Step, block: StepBlock) -> Type:
        """The output of one child of a `foreach`, or of one repetition, that succeeded."""
        if not step.whole:
            return ANY
        return self.made(step, block) if step.output is None else type_of_schema(step.output.value)

    def made(self, step: Step, block: StepBlock) -> Type:
        """The same by what the step does, whatever `output` declares."""
        match step.kind:
            case "set":
                return self._value(step.templates["set"], Place.STEP, step, "set", block)
            case "steps":
                inside = block.inner(step)
                return Object(
                    {name: self._value(located, Place.GROUP_OUTPUTS, step, "outputs", inside)
                     for name, located in step.outputs.items()}, closed=True
                )  # fmt: skip
            case "workflow":
                called = self.loaded.calls.get(step.path)
                return ANY if called is None else types_of(called).outputs()
            case "agent":
                return self._agent(step)
            case "python" | "tool":
                from agentflow_cli.language.compiler.types.functions import result_of_function, result_of_tool

                return (result_of_function if step.kind == "python" else result_of_tool)(self.loaded, step)
        return output_of_kind(step)

    def child(self, step: Step, block: StepBlock) -> Type:
        """The output of one child of a `foreach`, which `on_error` may have replaced."""
        found = self.single(step, block)
        if step.on_error.value is None:
            return found
        return union(found, self._value(step.on_error.value, Place.ON_ERROR, step, "on_error", block))

    def outputs(self) -> Type:
        """What the workflow gives out where it is called."""
        if self._given is None:
            workflow = self.loaded.workflow
            main = StepBlock(workflow.steps)
            found = workflow.outputs.items()
            fields = {name: self._value(located, Place.OUTPUTS, None, "", main) for name, located in found}
            self._given = Object(fields, closed=True)
        return self._given

    def element(self, step: Step, block: StepBlock) -> Type:
        """What the `foreach` of a step gives each of its children."""
        if step.path not in self._elements:
            self._elements[step.path] = ANY
            assert step.foreach is not None
            items = step.foreach.items
            if isinstance(items.value, list):
                found = [self._inner(value, (*items.path, index), Place.FOREACH, step, "foreach", block, True)
                         for index, value in enumerate(items.value)]  # fmt: skip
                self._elements[step.path] = widened(union(*found))
            else:
                site = self._site(str(items.value), items.path, Place.FOREACH, step, "foreach", block, bare=True)
                self._elements[step.path] = reading.items_of(self.inferred(site)[0])
        return self._elements[step.path]

    # How it is worked out

    def _work_out(self, step: Step, block: StepBlock) -> None:
        """The output of `step` and of all that it is made from, those first, however long the chain is."""
        if self._depth > _DEEPEST:
            self._outputs[step.path] = ANY
            return
        self._depth += 1
        waiting = [(step, block)]
        while waiting:
            current, within = waiting[-1]
            if current.path in self._outputs:
                waiting.pop()
            elif current.path in self._open:
                self._outputs[current.path] = self._output(current, within)
                self._open.discard(current.path)
                waiting.pop()
            else:
                self._open.add(current.path)
                waiting.extend(
                    (needed, around)
                    for needed, around in self._made_from(current, within)
                    if needed.path not in self._outputs and needed.path not in self._open
                )
        self._depth -= 1

    def _output(self, step: Step, block: StepBlock) -> Type:
        found = self.child(step, block)
        # A child that was skipped or tolerated is null.
        return found if step.foreach is None else Array(optional(found))

    def _made_from(self, step: Step, block: StepBlock) -> Iterator[tuple[Step, StepBlock]]:
        """The steps whose outputs say what the output of `step` is."""
        if not step.whole:
            return
        if step.output is None:
            if step.kind == "set":
                yield from self._read_by(step.templates["set"], Place.STEP, step, "set", block)
            for located in step.outputs.values():
                yield from self._read_by(located, Place.GROUP_OUTPUTS, step, "outputs", block.inner(step))
        if step.on_error.value is not None:
            yield from self._read_by(step.on_error.value, Place.ON_ERROR, step, "on_error", block)

    def _read_by(
        self, located: Located, place: Place, step: Step, field: str, block: StepBlock
    ) -> Iterator[tuple[Step, StepBlock]]:
        bare = is_bare(field, located.value)
        for path, text in _templates_in(located.value, located.path, bare):
            site = self._site(text, path, place, step, field, block, bare)
            try:
                references = site.compile().references
            except ExpressionErrors:
                continue
            for reference in references:
                yield from self._behind(reference, site, block)

    def _behind(self, reference: Reference, site: Site, block: StepBlock) -> Iterator[tuple[Step, StepBlock]]:
        if reference.step is not None:
            found = block.find(reference.step)
            if found is not None:
                yield found
        elif reference.root == "previous" and reference.path:
            around = repeating(site)
            if around is not None and reference.path[0] in around[0].steps:
                inside = around[1].inner(around[0])
                yield inside.steps[str(reference.path[0])], inside
        elif reference.root in items_of(site):
            each = foreach_of(site, reference.root)
            if each is not None and each[0].foreach is not None and each[0].path not in self._elements:
                yield from self._read_by(each[0].foreach.items, Place.FOREACH, each[0], "foreach", each[1])

    def _agent(self, step: Step) -> Type:
        found = self.loaded.agents.get(step.settings["agent"].value)
        if found is None:
            return ANY
        return STRING if found.agent.output is None else type_of_schema(found.agent.output.value)

    def _value(self, located: Located, place: Place, step: Step | None, field: str, block: StepBlock) -> Type:
        """The type of a value in which strings are templates. What is written there once is one of many."""
        return widened(self._inner(located.value, located.path, place, step, field, block, False))

    def _inner(
        self, value: Json, path: DocumentPath, place: Place, step: Step | None, field: str, block: StepBlock,
        literal: bool,
    ) -> Type:  # fmt: skip
        """`literal`: the values that are written there are kept."""
        if isinstance(value, dict):
            fields = {
                str(key): self._inner(element, (*path, key), place, step, field, block, literal)
                for key, element in value.items()
            }
            return Object(fields, closed=True)
        if isinstance(value, list):
            parts = [self._inner(element, (*path, index), place, step, field, block, literal)
                     for index, element in enumerate(value)]  # fmt: skip
            return Array(union(*parts))
        if isinstance(value, str) and has_markup(value):
            return self.inferred(self._site(value, path, place, step, field, block))[0]
        if literal:
            return of_value(value)
        return NULL if value is None else PLAIN[type_name(value)]

    def _site(
        self, text: str, path: DocumentPath, place: Place, step: Step | None, field: str, block: StepBlock,
        bare: bool = False,
    ) -> Site:  # fmt: skip
        return Site(text, place, _nowhere, "", step, field, block, bare, path=path)


def _templates_in(value: Json, path: DocumentPath, bare: bool) -> Iterator[tuple[DocumentPath, str]]:
    """The strings in `value` that are evaluated."""
    if isinstance(value, str):
        if bare or has_markup(value):
            yield path, value
    elif isinstance(value, Mapping):
        for key, element in value.items():
            yield from _templates_in(element, (*path, str(key)), bare)
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _templates_in(element, (*path, index), bare)


def _nowhere(start: int, end: int) -> Span:
    raise AssertionError((start, end))


def _names(step: Step) -> Type:
    """What an output has in any case, for the expression in it that reads the output of the round before."""
    if not step.whole or step.kind != "set" or step.foreach is not None or step.on_error.value is not None:
        return ANY
    values = None if step.output is not None else step.templates["set"].value
    return Object(dict.fromkeys(values, ANY), closed=True) if isinstance(values, dict) else ANY
