"""Mend what a machine can mend: the safe fixes of the findings, made in memory, checked, and then written."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentflow_cli.application.usecases.validate import validate
from agentflow_cli.application.usecases.workflow_files import STDIN, STDIN_NAME, read_stdin, stdin_path
from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.diagnostics.editing import EditableText, compatible
from agentflow_cli.diagnostics.fix import Fix
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.foundation.files import replace_file
from agentflow_cli.language.loader.files import Files, identity
from agentflow_cli.language.loader.project import find_project_root
from agentflow_cli.language.loader.source_text import BYTE_ORDER_MARK, read_source

MOST_ROUNDS = 100
"""One fix may uncover the next, and one that does harm has to be found; then a person has to look."""
_MOST_READ = 2_000_000
"""Characters that all rounds read again together: a file of a megabyte gets three rounds."""
_LARGE = 50_000


@dataclass(frozen=True, slots=True)
class Change:
    """One file's text before and after, byte order mark included. `file` is its name in spans."""

    file: str
    path: Path
    before: str
    after: str


@dataclass(slots=True)
class Fixed:
    """`report` is about the files as they are after all `changes`; `problems` counts the findings that were mended."""

    report: Report
    changes: list[Change]
    problems: int
    left: list[str] = field(default_factory=list)
    """Why a file that has fixes was not touched: one sentence each."""
    stdin: str | None = None
    """What became of standard input, when that was to be fixed."""


Selection = Callable[[Report], Report]
"""Which findings of a report count."""


def fix(paths: Sequence[str], selection: Selection = lambda report: report) -> Fixed:
    """Make the safe fixes of the findings that `selection` keeps, in memory; nothing is written.

    A fix after which the file could no longer be read is taken back.
    """
    fixing = _Fixing(paths, selection)
    if list(paths) == [STDIN]:
        fixing.hold(STDIN_NAME, stdin_path(), read_stdin())
    fixed = fixing.run()
    fixed.stdin = fixing.text(STDIN_NAME)
    return fixed


def write_changes(fixed: Fixed) -> None:
    """Write every changed file, whole or not at all, with the mode that it had. StorageError when that fails.

    A file that somebody else has changed meanwhile stays as it is.
    """
    for change in list(fixed.changes):
        if read_source(change.path, change.file, Diagnostics()) != change.before:
            fixed.changes.remove(change)
            fixed.left.append(f"{change.file} is as it was: it has changed meanwhile")
        else:
            replace_file(change.path, change.after.encode())


def _distinct(fixes: Iterable[Fix | None]) -> dict[int, Fix]:
    """The fixes by their ids: a thousand findings may share one of a thousand edits, which is long to compare."""
    return {id(fix): fix for fix in fixes if fix is not None}


def _of(report: Report, chosen: Sequence[Fix]) -> list[Diagnostic]:
    """The findings of `report` that the fixes in `chosen` are for."""
    fixes = set(chosen)
    made = {key for key, fix in _distinct(d.fix for d in report.diagnostics).items() if fix in fixes}
    return [d for d in report.diagnostics if id(d.fix) in made]


def _in_vain(after: Report, mended: Sequence[Diagnostic]) -> bool:
    """Whether a finding about the text of a file is still where it was, although its fix was made."""
    met = {(d.code, d.place) for d in mended if d.code.startswith("AF1")}
    return any((d.code, d.place) in met for d in after.diagnostics)


_WORD = re.compile(r"\w+")
_NAMES = frozenset({"AF301", "AF311", "AF312", "AF318", "AF321"})
"""Findings about names that the author has chosen."""


class _Words:
    """How often names stand in a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known = Counter(_WORD.findall(text))

    def times(self, name: str) -> int:
        if _WORD.fullmatch(name):
            return self._known[name]
        return len(re.findall(rf"\b{re.escape(name)}\b", self._text))


def _declaration_may_be_wrong(fix: Fix, words: Mapping[str, _Words]) -> bool:
    """Whether the name that is there stands in the file once, and the one that is not there more often: then the slip
    may be where the name is given, and who gave it has to say."""
    for edit in fix.edits:
        found = words.get(edit.span.file)
        if found is not None and found.times(edit.new) == 1 and found.times(edit.old) > 1:
            return True
    return False


class _Fixing:
    def __init__(self, paths: Sequence[str], selection: Selection) -> None:
        self._paths, self._selection = paths, selection
        self._held: dict[str, tuple[Path, str] | None] = {}
        """By the name in spans the file and its first text; None for one that may not be changed."""
        self._overlay: dict[Path, str] = {}
        self._refused: set[Fix] = set()
        self._left: dict[str, str] = {}

    def hold(self, file: str, path: Path, text: str) -> None:
        self._held[file] = (identity(path), text)
        self._overlay[identity(path)] = text

    def text(self, file: str) -> str | None:
        """What a file that is held reads now."""
        held = self._held.get(file)
        return None if held is None else self._overlay[held[0]]

    def run(self) -> Fixed:
        report, damage = self._look()
        made, most = 0, sys.maxsize
        for done in range(MOST_ROUNDS):
            chosen = self._choose(report)
            size = sum(map(len, self._overlay.values()))
            if not chosen or done >= max(3, _MOST_READ // (1 + size)):
                break
            if size > _LARGE:
                gc.collect()  # each round leaves trees behind that nothing else would look for
            chosen = chosen[:most]
            previous = dict(self._overlay)
            self._make(chosen)
            next_report, next_damage = self._look()
            mended = _of(report, chosen)
            worse = any(next_damage.get(file, 0) > damage.get(file, 0) for file in self._held)
            if worse or _in_vain(next_report, mended):
                self._overlay = previous
                if len(chosen) == 1:
                    self._refused.update(chosen)
                most = max(1, len(chosen) // 2)  # the one that does harm is found by halves
                continue
            made, most = made + len(mended), most * 2
            report, damage = next_report, next_damage
        return Fixed(report, self._changes(), made, list(self._left.values()))

    def _look(self) -> tuple[Report, dict[str, int]]:
        """What is found now, and how much of each file cannot be read."""
        files = Files(overlay=dict(self._overlay))
        report = validate(self._paths, files)
        damage: dict[str, int] = {}
        for diagnostic in report.diagnostics:
            if diagnostic.code.startswith("AF1"):
                damage[diagnostic.place[0]] = damage.get(diagnostic.place[0], 0) + 1
        return self._selection(report), damage

    def _choose(self, report: Report) -> list[Fix]:
        distinct = _distinct(d.fix for d in report.diagnostics)
        possible = {key: fix for key, fix in distinct.items() if fix.safe and fix not in self._refused}
        texts = {}
        for file in sorted({edit.span.file for fix in possible.values() for edit in fix.edits}):
            if file not in self._held:
                self._held[file] = self._open(file)
            held = self._held[file]
            if held is not None:
                texts[file] = EditableText(self._overlay[held[0]].removeprefix(BYTE_ORDER_MARK))
        found = [d for d in report.diagnostics if id(d.fix) in possible]
        named = {id(d.fix) for d in found if d.code in _NAMES}
        words = {file: _Words(editable.text) for file, editable in texts.items()} if named else {}
        unsure = {key for key in named if _declaration_may_be_wrong(possible[key], words)}
        return compatible([possible[id(d.fix)] for d in found if id(d.fix) not in unsure], texts)

    def _open(self, file: str) -> tuple[Path, str] | None:
        """The file behind a name in spans, and its text; None, with the reason in `left`, if it stays as it is."""
        path = Path(file)
        target, root = identity(path), identity(find_project_root(path))
        if not target.is_relative_to(root):
            self._left[file] = f"{file} is as it was: it leads out of the project"
            return None
        if target in self._overlay or not target.is_file():
            return None  # a file with two names is mended under the first
        if not (target.stat().st_mode & 0o222 and os.access(target, os.W_OK)):
            self._left[file] = f"{file} is as it was: it is read-only"
            return None
        text = read_source(target, file, Diagnostics())
        if text is None or text.encode(errors="replace") != target.read_bytes():
            return None  # no UTF-8: that has been said
        self._overlay[target] = text
        return target, text

    def _make(self, chosen: Sequence[Fix]) -> None:
        for file, held in self._held.items():
            edits = list(dict.fromkeys(edit for fix in chosen for edit in fix.edits if edit.span.file == file))
            if held is None or not edits:
                continue
            text = self._overlay[held[0]]
            mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
            self._overlay[held[0]] = mark + EditableText(text.removeprefix(BYTE_ORDER_MARK)).edited(edits)

    def _changes(self) -> list[Change]:
        found = []
        for file, held in sorted(self._held.items()):
            if held is not None and self._overlay[held[0]] != held[1]:
                found.append(Change(file, held[0], held[1], self._overlay[held[0]]))
        return found
