"""Every place of a workflow where an expression stands, with its text and the way back to the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.language.compiler.prompt_files import PromptFile
from agentflow_cli.language.expressions.scope import Place
from agentflow_cli.language.expressions.template import Template, compile_bare, compile_template
from agentflow_cli.language.loader.load import Loaded


@dataclass(frozen=True, slots=True)
class Site:
    """One string that is a template, or a bare expression."""

    text: str
    place: Place
    span: Callable[[int, int], Span]
    """The place in the file of the characters [start, end) of `text`."""
    who: str
    """Whose it is, for messages: `step `publish``."""
    step: Step | None = None
    """None for the outputs of the workflow."""
    field: str = ""
    """The step's field in which it stands: `when`, `env`, `foreach`, …"""

    @property
    def bare(self) -> bool:
        return self.field == "when" or (self.field == "foreach" and self.step is not None and self._foreach_is_text)

    @property
    def _foreach_is_text(self) -> bool:
        assert self.step is not None and self.step.foreach is not None
        return isinstance(self.step.foreach.items.value, str)

    def compile(self) -> Template:
        """The compiled text; ExpressionErrors when something is wrong with it."""
        return compile_bare(self.text) if self.bare else compile_template(self.text)


def sites_of(loaded: Loaded, prompts: Mapping[str, PromptFile]) -> Iterator[Site]:
    """All sites in the order of the file. `prompts` are the prompt files by step."""
    for step in loaded.workflow.steps.values():
        yield from step_sites(loaded, step, prompts.get(step.id))
    for name, located in loaded.workflow.outputs.items():
        yield from _strings(loaded, located, Place.OUTPUTS, f"output `{name}`", None, "")


def step_sites(loaded: Loaded, step: Step, prompt: PromptFile | None) -> Iterator[Site]:
    """The sites of one step."""
    who = f"step `{step.id}`"

    def strings(located: Located | None, place: Place, field: str) -> Iterator[Site]:
        if located is not None:
            yield from _strings(loaded, located, place, who, step, field)

    yield from strings(step.when, Place.WHEN, "when")
    if step.foreach is not None:
        yield from strings(step.foreach.items, Place.FOREACH, "foreach")
    for name, located in step.templates.items():
        yield from strings(located, Place.STEP, name)
    if prompt is not None:
        yield Site(prompt.text, Place.STEP, prompt.span, who, step, "prompt")
    for located in step.env.values():
        yield from strings(located, Place.STEP, "env")
    yield from strings(step.on_error.value, Place.STEP, "on_error")


def _strings(loaded: Loaded, located: Located, place: Place, who: str, step: Step | None, field: str) -> Iterator[Site]:
    for path, text in strings_in(located.value, located.path):
        yield Site(text, place, _spanner(loaded, path), who, step, field)


def strings_in(value: Json, path: DocumentPath) -> Iterator[tuple[DocumentPath, str]]:
    """Every string in `value`, at any depth, with its path; keys are not templates."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, element in value.items():
            yield from strings_in(element, (*path, key))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from strings_in(element, (*path, index))


def _spanner(loaded: Loaded, path: DocumentPath) -> Callable[[int, int], Span]:
    return lambda start, end: loaded.document.within(path, start, end)
