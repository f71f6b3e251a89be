"""A block of a Markdown file that this tool keeps, between two comments; every other byte stays as it is.

<!-- agentflow:graph triage -->
<!-- /agentflow:graph triage -->
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError, UsageError
from agentflow_cli.foundation.files import replace_file

_MARK = re.compile(r"^([ \t>]*)<!--[ \t]*(/?)agentflow:graph[ \t]+(\S+)[ \t]*-->[ \t]*\r?\n?$")
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*([^\r\n]*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
LARGEST = 10_000_000
"""Bytes of a file."""


@dataclass(frozen=True, slots=True)
class Target:
    """`docs/flow.md#triage`: a file and the name of the block in it."""

    file: str
    marker: str

    @classmethod
    def of(cls, written: str, workflow: str) -> Target:
        """Without `#NAME`, the block has the name of the workflow. UsageError when that can be none."""
        file, sign, marker = written.rpartition("#")
        if not sign:
            file, marker = written, workflow
        if not file or not _NAME.fullmatch(marker):
            raise UsageError(
                f"`{written}` does not say which block of which file is meant"
                if sign
                else f"`{marker}` cannot be the name of a block",
                hint="write it like `README.md#triage`: letters, digits, `.`, `_` and `-`",
            )
        return cls(file, marker)


def update(target: Target, source: str, write: bool) -> bool:
    """Put `source`, a Mermaid drawing, into the block; whether the file was something else before.

    Nothing is written when it is that already, or without `write`. NotFoundError, with what to paste, when there is
    no such file or block; UsageError when the block is there twice or is not closed.
    """
    path = Path(target.file)
    try:
        path = path.resolve()
        if not path.is_file():
            raise NotFoundError(f"there is no file {target.file}", hint="`--write` changes a file that is there")
        data = path.read_bytes()
    except OSError as error:
        raise NotFoundError(f"cannot read {target.file}: {error.strerror}") from error
    if len(data) > LARGEST:
        raise UsageError(f"{target.file} is larger than {LARGEST:,} bytes")
    text = data.decode("utf-8", "surrogateescape")
    changed = replaced(text, target, source)
    if changed == text:
        return False
    if write:
        replace_file(path, changed.encode("utf-8", "surrogateescape"))
    return True


def replaced(text: str, target: Target, source: str) -> str:
    """`text` with `source` in the block; with the line ends and the indent of its first comment."""
    lines = re.split(r"(?<=\n)", text)
    begin, end = _find(lines, target)
    match = _MARK.match(lines[begin])
    assert match is not None
    indent, line_end = match[1], "\r\n" if lines[begin].endswith("\r\n") else "\n"
    block = ["```mermaid", *source.rstrip("\n").split("\n"), "```"]
    made = [f"{indent}{line}".rstrip(" \t") + line_end for line in block]
    return "".join([*lines[: begin + 1], *made, *lines[end:]])


def _find(lines: list[str], target: Target) -> tuple[int, int]:
    """The lines of the two comments. What stands in a fenced block elsewhere is an example, and no comment."""
    found: list[tuple[int, int]] = []
    names: dict[str, None] = {}
    fence = ""
    begin: int | None = None
    for number, line in enumerate(lines):
        match = _MARK.match(line)
        if begin is not None:  # inside the block only its end counts
            if match is not None and match[2] and match[3] == target.marker:
                found.append((begin, number))
                begin = None
            continue
        opening = _FENCE.match(line)
        if opening is not None and not fence:
            fence = opening[1]
        elif opening is not None and opening[1].startswith(fence) and not opening[2]:
            fence = ""
        elif match is not None and not fence and not match[2]:
            names[match[3]] = None
            begin = number if match[3] == target.marker else None
    if begin is not None:
        raise UsageError(
            f"the block `{target.marker}`, which begins in line {begin + 1} of {target.file}, is not closed",
            hint=f"put `<!-- /agentflow:graph {target.marker} -->` on a line of its own below it",
        )
    if len(found) > 1:
        places = ", ".join(str(begin + 1) for begin, _ in found)
        raise UsageError(f"the block `{target.marker}` is in {target.file} more than once: lines {places}")
    if not found:
        near = closest(target.marker, names)
        both = f"<!-- agentflow:graph {target.marker} -->\n<!-- /agentflow:graph {target.marker} -->"
        raise NotFoundError(
            f"{target.file} has no block `{target.marker}`",
            hint=(f"did you mean `{near}`? " if near else "")
            + f"paste these two lines where the drawing is to stand:\n{both}",
        )
    return found[0]
