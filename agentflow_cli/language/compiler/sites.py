"""Every place of a workflow where an expression stands, with its text and the way back to the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentflow_cli.diagnostics.fix import Edit, Fix
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.foundation.closest import only_close
from agentflow_cli.language.compiler.blocks import StepBlock, sections_of
from agentflow_cli.language.compiler.prompt_files import PromptFile
from agentflow_cli.language.expressions.scope import Place
from agentflow_cli.language.expressions.template import Template, compile_bare, compile_template
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.load import Loaded

Prompts = Mapping[DocumentPath, PromptFile]
"""The prompt files of a workflow by the path of the step."""


class Site(NamedTuple):
    """One string that is a template, or a bare expression."""

    text: str
    place: Place
    span: Callable[[int, int], Span]
    """The place in the file of the characters [start, end) of `text`."""
    who: str
    """Whose it is, for messages: `step `publish``."""
    step: Step | None = None
    """None for the outputs of the workflow, and for an agent."""
    field: str = ""
    """The step's field in which it stands: `when`, `env`, `foreach`, …"""
    block: StepBlock | None = None
    """Where names of steps are looked up; None where no step can be read."""
    bare: bool = False
    edit: Callable[[int, int, str], Edit | None] = lambda start, end, new: None
    """The edit of the file that writes `new` for the characters [start, end); None where none is certain to do so."""
    path: DocumentPath = ()
    """Of the value in the document; of a prompt file, that of its name."""

    @property
    def whole(self) -> bool:
        """Whether all is known about the step, and about the groups around it."""
        groups = self.block.groups() if self.block is not None else ()
        return (self.step is None or self.step.whole) and all(group.whole for group in groups)

    def fix(self, edits: Sequence[tuple[int, int, str]]) -> Fix | None:
        """The fix that writes each `new` for the characters [start, end) of `text`; None where one is not certain."""
        made = [self.edit(*edit) for edit in edits]
        certain = tuple(edit for edit in made if edit is not None)
        if not edits or len(certain) < len(made):
            return None
        return Fix("write " + " and ".join(f"`{new.strip()}`" for _, _, new in edits[:1]), certain)

    def slip(self, start: int, end: int, known: Iterable[str]) -> Fix | None:
        """The fix of a misspelt name that stands, bare or in quotes, at [start, end): the one of `known` that it can be
        a slip of."""
        name = self.text[start:end]
        quote = 1 if name[:1] in "'\"" and name[:1] == name[-1:] and len(name) > 2 else 0
        near = only_close(name[quote : len(name) - quote], known)
        return None if near is None else self.fix([(start + quote, end - quote, near)])

    def compile(self) -> Template:
        """The compiled text; ExpressionErrors when something is wrong with it."""
        return compile_bare(self.text) if self.bare else compile_template(self.text)


def sites_of(loaded: Loaded, prompts: Prompts) -> Iterator[Site]:
    """All sites of a workflow's own file, without those of agents in files of their own; of a step whose shape is
    wrong, those in the fields that are right."""
    for block in sections_of(loaded.workflow):
        for step in block.steps.values():
            yield from step_sites(loaded.document, step, block, prompts, fragments=True)
    main = StepBlock(loaded.workflow.steps)
    for name, located in loaded.workflow.outputs.items():
        yield from _strings(loaded.document, located, Place.OUTPUTS, f"output `{name}`", None, "", main)


def step_sites(
    document: Document, step: Step, block: StepBlock, prompts: Prompts, *, fragments: bool = False
) -> Iterator[Site]:
    """The sites of one step and of its inner steps; `block` is the one in which it stands. `fragments`: also those of
    steps whose shape is wrong."""
    if not step.whole:
        if not fragments or step.fragments is None:
            return
        step = step.fragments
    who = f"step `{step.id}`"

    def strings(located: Located | None, place: Place, field: str, within: StepBlock = block) -> Iterator[Site]:
        if located is not None:
            yield from _strings(document, located, place, who, step, field, within)

    yield from strings(step.when, Place.WHEN, "when")
    if step.foreach is not None:
        yield from strings(step.foreach.items, Place.FOREACH, "foreach")
    for name, located in step.templates.items():
        yield from strings(located, Place.STEP, name)
    prompt = prompts.get(step.path)
    if prompt is not None:
        path = (*step.path, "prompt", "file")
        yield Site(prompt.text, Place.STEP, prompt.span, who, step, "prompt", block, edit=prompt.edit, path=path)
    for located in step.env.values():
        yield from strings(located, Place.STEP, "env")
    inside = block.inner(step) if step.kind == "steps" or step.steps else block
    if step.repeat is not None:
        yield from strings(step.repeat.until, Place.UNTIL, "until", inside)
    yield from strings(step.on_error.value, Place.ON_ERROR, "on_error")
    for inner in step.steps.values():
        yield from step_sites(document, inner, inside, prompts, fragments=fragments)
    for located in step.outputs.values():
        yield from strings(located, Place.GROUP_OUTPUTS, "outputs", inside)


def agent_sites(document: Document, located: Located, who: str) -> Iterator[Site]:
    """The sites of an agent's instructions."""
    yield from _strings(document, located, Place.INSTRUCTIONS, who, None, "instructions", None)


def _strings(
    document: Document, located: Located, place: Place, who: str, step: Step | None, field: str,
    block: StepBlock | None,
) -> Iterator[Site]:  # fmt: skip
    bare = is_bare(field, located.value)
    for path, text in strings_in(located.value, located.path):
        yield Site(text, place, _spanner(document, path), who, step, field, block, bare, _editor(document, path), path)


def is_bare(field: str, value: Json) -> bool:
    """Whether the string `value` of `field` is an expression without `${{ }}`."""
    return field in ("when", "until") or (field == "foreach" and isinstance(value, str))


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


def _spanner(document: Document, path: DocumentPath) -> Callable[[int, int], Span]:
    return lambda start, end: document.within(path, start, end)


def _editor(document: Document, path: DocumentPath) -> Callable[[int, int, str], Edit | None]:
    return lambda start, end, new: document.edit_within(path, start, end, new)
