"""Prompts kept in files of their own: `prompt: {file: …}`. Their text is a template, like any prompt."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple, TypeAlias

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.diagnostics.fix import Edit
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath
from agentflow_cli.domain.workflow import Located
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.loader.files import display_name, is_file
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.nearby import not_there_help
from agentflow_cli.language.loader.project import OutsideProjectError, resolve_inside
from agentflow_cli.language.loader.source_map import Lines
from agentflow_cli.language.loader.source_text import read_source, without_mark

_Texts: TypeAlias = "dict[Path, tuple[str | None, Diagnostics]]"
"""What was read of each file: many steps may name one."""


class PromptFile(NamedTuple):
    """The text of one. `file` is relative to the project's root; `display` is its name in spans."""

    file: str
    display: str
    text: str

    def span(self, start: int, end: int) -> Span:
        """The place of the characters [start, end) of the text."""
        line, column = self._place(start)
        end_line, end_column = self._place(end)
        return Span(self.display, line, column, end_line, end_column)

    def edit(self, start: int, end: int, new: str) -> Edit:
        """What writes `new` for the characters [start, end) of the text."""
        return Edit(self.span(start, end), self.text[start:end], new)

    def _place(self, offset: int) -> tuple[int, int]:
        return _lines(self.text).place(offset)


@functools.lru_cache(maxsize=4)
def _lines(text: str) -> Lines:
    """Where the lines of a text start: asked for each finding in it."""
    return Lines(text)


def read_prompt_files(loaded: Loaded, diagnostics: Diagnostics) -> dict[DocumentPath, PromptFile]:
    """The prompt files of a workflow, by the path of the step. One that cannot be read is reported and left out."""
    found = {}
    texts: _Texts = {}
    for step, _ in steps_with_blocks(loaded.workflow):
        if "prompt.file" in step.settings:
            prompt = _read(loaded, step.settings["prompt.file"], texts, diagnostics)
            if prompt is not None:
                found[step.path] = prompt
    return found


def _read(loaded: Loaded, located: Located, texts: _Texts, diagnostics: Diagnostics) -> PromptFile | None:
    def refuse(message: str, label: str | None = None, help: str | None = None) -> None:
        span = loaded.document.span(located.path)
        diagnostics.add(Diagnostic("AF341", message, span, label=label, help=help))

    written = located.value
    try:
        path = resolve_inside(loaded.root, loaded.path.absolute().parent, written)
    except OutsideProjectError as error:
        refuse(f"a prompt file stays inside the project: {error}")
        return None
    if not is_file(path):
        refuse(f"there is no file `{written}`", "not a file", not_there_help(path, written))
        return None
    display = display_name(path, loaded.root)
    key = loaded.files.identity(path)
    if key not in texts:
        problems = Diagnostics()
        overlay = loaded.files.overlay
        texts[key] = overlay[key] if key in overlay else read_source(path, display, problems), problems
    text, problems = texts[key]
    for problem in problems:
        refuse(f"the prompt file `{written}` cannot be used: {problem.message}", help=problem.help)
    if text is None:
        return None
    return PromptFile(path.relative_to(loaded.root.resolve()).as_posix(), display, without_mark(text))
