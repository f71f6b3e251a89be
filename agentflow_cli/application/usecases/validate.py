"""Check files of the language: everything that is wrong with all of them, sorted by place."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow_cli.application.usecases.project_check.verdict import Verdict, check_alone, merged
from agentflow_cli.application.usecases.workflow_files import (
    STDIN,
    STDIN_NAME,
    find_files,
    read_stdin,
    stdin_path,
)
from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.foundation.clock import SystemClock
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.language.compiler.check_file import check_file
from agentflow_cli.language.loader.files import Files, display_name, identity
from agentflow_cli.language.loader.project import find_project_root
from agentflow_cli.language.loader.source_text import shown_text

_MOST_HELD = 5_000_000
"""Characters of files whose trees are kept for the files after them."""

if TYPE_CHECKING:
    from agentflow_cli.application.usecases.project_check.disk_state import DiskState


def validate(paths: Sequence[str], files: Files | None = None, *, cache: bool = True) -> Report:
    """The findings in the files that `paths` name (none: those of the project; `-`: standard input).

    `files` may hold texts that stand for what is on disk. With `cache`, what was found in files that have not changed
    since is taken from there, and kept for the next time.
    """
    with _uncollected():
        return _validate(paths, files if files is not None else Files(), cache=cache)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Trees of many nodes stay until the end: looking for garbage among them takes a quarter of the time.

    So it would when collecting begins again, for all of them are new to it: they are put among the old first, unless
    the process keeps some frozen for itself.
    """
    on, frozen = gc.isenabled(), gc.get_freeze_count()
    gc.disable()
    try:
        yield
    finally:
        if on:
            if not frozen:
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _validate(paths: Sequence[str], files: Files, *, cache: bool) -> Report:
    if list(paths) == [STDIN]:
        return _check_stdin(files)
    if STDIN in paths:
        raise UsageError("`-` (standard input) cannot be mixed with other files")
    found = find_files(paths)
    disk = _disk_state() if cache and len(found) > 1 and not files.overlay else None
    verdicts = _verdicts(found, files, disk)
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    if not paths:
        from agentflow_cli.application.usecases.project_check.across import check_across

        findings += check_across(find_project_root(Path.cwd()), verdicts)
    ordered = merged(findings)
    _add_sources(ordered, verdicts, files, disk)
    named = {display_name(path, path) for path in found}
    ordered = _without_silenced(ordered, files, named, whole_project=not paths)
    return _report(ordered, files, named)


def _report(found: list[Diagnostic], files: Files, named: set[str]) -> Report:
    concerned = named | {finding.place[0] for finding in found}
    return Report(found, len(concerned), files.sources, sorted(concerned))


def _disk_state() -> DiskState:
    from agentflow_cli.application.usecases.project_check.disk_state import DiskState

    return DiskState(round(SystemClock().now() * 1e9))


def _without_silenced(
    found: list[Diagnostic], files: Files, named: set[str], *, whole_project: bool
) -> list[Diagnostic]:
    """The findings that no comment `# agentflow: ignore[…]` silences, and what is wrong with such comments."""
    if not any("agentflow:" in text for text in files.sources.values()):
        return found
    from agentflow_cli.language.loader.ignore_comments import silenced

    return silenced(found, files.sources, named, whole_project=whole_project)


def _check_stdin(files: Files) -> Report:
    diagnostics, path = Diagnostics(), stdin_path()
    text = None if identity(path) in files.overlay else read_stdin()
    check_file(path, find_project_root(path), diagnostics, files, STDIN_NAME, text)
    found = _without_silenced(diagnostics.sorted(), files, {STDIN_NAME}, whole_project=False)
    return _report(found, files, {STDIN_NAME})


def _verdicts(paths: Sequence[Path], files: Files, disk: DiskState | None) -> list[Verdict]:
    """The verdict on each file, from the last time where `disk` is still as it was then."""
    roots: dict[Path, Path] = {}
    for path in paths:
        if path.parent not in roots:
            roots[path.parent] = find_project_root(path)
    room = _Room(files)
    if disk is None:
        return [room.after(check_alone(path, roots[path.parent], files)) for path in paths]
    from agentflow_cli.application.usecases.project_check.kept_checks import KeptChecks

    kept = {root: KeptChecks(root, disk) for root in set(roots.values())}
    verdicts = []
    for path in paths:
        known = kept[roots[path.parent]]
        verdict = known.get(path)
        if verdict is None:
            verdict = room.after(check_alone(path, roots[path.parent], files))
            known.put(verdict)
        verdicts.append(verdict)
    for known in kept.values():
        known.save()
    return verdicts


class _Room:
    """What one file has been read to serves the next ones too, until it is too much to be held."""

    def __init__(self, files: Files) -> None:
        self._files, self._held = files, 0
        self._found: set[str] = set()
        """Names of files in which something was found: their texts are shown."""

    def after(self, verdict: Verdict) -> Verdict:
        sources = self._files.sources
        self._found.update(_places(verdict.findings))
        self._held += len(sources.get(display_name(verdict.path, verdict.path), ""))
        if self._held > _MOST_HELD:
            self._held = 0
            self._files.documents.clear()
            for name in [n for n, text in sources.items() if n not in self._found and "agentflow:" not in text]:
                del sources[name]
            gc.collect()
        return verdict


def _places(findings: Sequence[Diagnostic]) -> set[str]:
    spans = [span for d in findings for span in (d.span, *(second.span for second in d.secondary)) if span is not None]
    return {span.file for span in spans}


def _add_sources(
    findings: Sequence[Diagnostic], verdicts: Sequence[Verdict], files: Files, disk: DiskState | None
) -> None:
    """The texts of files that were not read this time, or not as YAML, for the frames that show them."""
    shown = _places(findings)
    named = set() if disk is None else {display_name(verdict.path, verdict.path) for verdict in verdicts}
    missing = (shown | named) - files.sources.keys()
    if not missing:
        return
    disk = disk if disk is not None else _disk_state()
    for name in missing:
        try:
            text = shown_text(disk.text(Path(name)))
        except (OSError, ValueError):
            continue
        if name in shown or "agentflow:" in text:
            files.sources[name] = text
