"""What is wrong between the files of a project: names that two of them have, agents that none of them uses."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from agentflow_cli.application.usecases.project_check.discovery import HOMES, SUFFIXES, walk, yaml_files
from agentflow_cli.application.usecases.project_check.verdict import Verdict
from agentflow_cli.diagnostics.diagnostic import Diagnostic, Secondary, Severity
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.compiler.definitions import UnreadableSourceError
from agentflow_cli.language.compiler.python_source import tool_functions
from agentflow_cli.language.loader.files import display_name, identity
from agentflow_cli.language.loader.project import find_project_root
from agentflow_cli.language.loader.uses import FILE

_MOST_SEARCHED = 5_000
_HEAD = 1_000
"""Lines."""
_LARGEST_SEARCHED = 1_000_000
"""Bytes."""


def check_across(root: Path, verdicts: Sequence[Verdict]) -> Iterator[Diagnostic]:
    """Everything that only a look at all files of the project at `root` can find."""
    for home in HOMES:
        yield from _same_id(root, home)
        yield from _dead_links(root / home, root)
    yield from _same_name(root, verdicts)
    yield from _unused_agents(root, verdicts)
    yield from _broken_tools(root)


def _id(path: Path) -> str:
    return path.name.split(".")[0]


def _start(path: Path, root: Path) -> Span:
    """The first line that is more than a comment."""
    from agentflow_cli.language.loader.ignore_comments import has_substance

    line = 1
    if not path.is_file():
        return Span(display_name(path, root), 1, 1, 1, 1)  # a pipe would be waited for
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            for number, text in enumerate(itertools.islice(stream, _HEAD), 1):
                if has_substance(text):
                    line = number
                    break
    except OSError:
        pass
    return Span(display_name(path, root), line, 1, line, 1)


def _dead_links(home: Path, root: Path) -> Iterator[Diagnostic]:
    """What looks like a file of the language, and would be left out in silence."""
    for path in sorted(home.iterdir()) if home.is_dir() else ():
        if path.suffix in SUFFIXES and path.name[0] != "." and path.is_symlink():
            try:
                if path.exists():
                    continue
                target = str(path.readlink())
            except OSError:
                continue  # it has just gone, or leads to where nobody may look
            yield Diagnostic("AF605", f"`{path.name}` is a link to `{target}`, and there is nothing",
                             file=display_name(path, root), help="mend the link, or remove it")  # fmt: skip


def _same_id(root: Path, home: str) -> Iterator[Diagnostic]:
    """`review.yaml` and `review.yml`: the one name means both."""
    known: dict[str, Path] = {}
    for path in yaml_files(root / home):
        first = known.setdefault(_id(path), path)
        if first != path:
            what = "agents" if home == "agents" else "workflows"
            yield Diagnostic("AF602", f"two {what} are called `{_id(path)}`: `{first.name}` and `{path.name}`",
                             _start(path, root), label=f"`{_id(path)}` again", help="rename one of the files",
                             secondary=(Secondary(_start(first, root), "the first one"),))  # fmt: skip


def _same_name(root: Path, verdicts: Sequence[Verdict]) -> Iterator[Diagnostic]:
    """Two workflows that say the same `name`: their runs cannot be told apart."""
    known: dict[str, Verdict] = {}
    for verdict in verdicts:
        if verdict.name is None or verdict.path.absolute().parent != root / "workflows":
            continue
        first = known.setdefault(verdict.name.text, verdict)
        if first.name is not None and _id(first.path) != _id(verdict.path):
            yield Diagnostic("AF603", f"two workflows have the name `{verdict.name.text}`", verdict.name.span,
                             Severity.WARNING, label="the same name",
                             help="runs are listed by this name: give each workflow its own",
                             secondary=(Secondary(first.name.span, "first used here"),))  # fmt: skip


def _unused_agents(root: Path, verdicts: Sequence[Verdict]) -> Iterator[Diagnostic]:
    """Agents of the catalogue that certainly nothing uses: where a workflow is broken, nobody can say."""
    workflows = [verdict for verdict in verdicts if verdict.kind == "workflow"]
    broken = any(found.severity is Severity.ERROR for verdict in verdicts for found in verdict.findings)
    if broken or not workflows:
        return
    used = {identity(path) for verdict in workflows for what, path in verdict.uses if what == FILE}
    named = {_id(path) for path in used if path.parent.name == "agents"}  # of two files with one id, the other one
    unused = [path for path in yaml_files(root / "agents") if identity(path) not in used and _id(path) not in named]
    if unused:
        checked = {identity(verdict.path) for verdict in workflows}
        elsewhere = _words_elsewhere(root, checked | {identity(path) for path in unused})
        for path in unused:
            if _id(path) not in elsewhere:
                yield Diagnostic("AF601", f"no workflow uses the agent `{_id(path)}`", _start(path, root),
                                 Severity.WARNING, label="used nowhere",
                                 help=f"remove the file, or call it: `agent: {_id(path)}`")  # fmt: skip


def _words_elsewhere(root: Path, known: set[Path]) -> set[str]:
    """The words of all other YAML files of the project: what a file elsewhere names may be used there."""
    words: set[str] = set()
    for number, path in enumerate(walk(root)):
        if number > _MOST_SEARCHED:
            break
        if identity(path) not in known and path.is_file() and path.stat().st_size <= _LARGEST_SEARCHED:
            words.update(re.findall(r"[\w-]+", path.read_text(encoding="utf-8", errors="replace")))
    return words


def _broken_tools(root: Path) -> Iterator[Diagnostic]:
    """Files of `tools/` that are not Python."""
    directory = root / "tools"
    for path in sorted(directory.glob("*.py")) if directory.is_dir() else []:
        if path.is_file() and not path.name.startswith("_") and find_project_root(path) == root:
            try:
                tool_functions(path)
            except UnreadableSourceError as error:
                name = display_name(path, root)
                span = None if error.line is None else Span(name, error.line, 1, error.line, 1)
                yield Diagnostic("AF604", f"`{path.name}` is not Python: {error}", span, file=name,
                                 help="none of its functions can be a tool until it can be read")  # fmt: skip
