"""A document cut into passages: by headings and paragraphs, each with its line and the headings above it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

LONGEST = 800
"""Characters in a passage, without its headings. One idea a passage: the shorter ones are found better."""

_MARKDOWN = {"", ".md", ".markdown", ".mdx", ".qmd"}
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_SENTENCE_END = re.compile(r"(?<=[.!?…。])\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage before it has an id. `text` begins with its headings, `A › B`, on a line of their own."""

    text: str
    line: int
    """Where it starts, from 1."""


@dataclass(slots=True)
class _Block:
    """Lines that belong together: a paragraph, a list, a fenced piece of code."""

    text: str
    line: int


def split(text: str, source: str) -> list[Piece]:
    """The passages of `text`. Headings count where `source` ends like a Markdown file, or in no way at all."""
    name = source.split("#")[0]
    markdown = ":" in name or PurePosixPath(name).suffix.lower() in _MARKDOWN
    pieces = []
    for headings, blocks in _sections(text, markdown):
        above = " › ".join(heading for heading in headings if heading)
        for passage in _packed(blocks):
            pieces.append(Piece(f"{above}\n{passage.text}" if above else passage.text, passage.line))
    if not pieces and text.strip():
        return [Piece(text.strip()[:LONGEST], 1)]  # nothing but headings
    return pieces


def _sections(text: str, markdown: bool) -> Iterator[tuple[list[str], list[_Block]]]:
    """Each stretch under one heading: the headings above it, the outermost first, and its blocks."""
    headings: list[str] = []
    blocks: list[_Block] = []
    open_block: _Block | None = None
    fence = ""
    lines = text.replace("\r\n", "\n").split("\n")
    start = _front_matter_end(lines) if markdown else 0
    for number, line in enumerate(lines[start:], start + 1):
        mark = _FENCE.match(line) if markdown else None
        heading = _HEADING.match(line) if markdown and not fence else None
        if heading is not None:
            yield headings, blocks
            depth = len(heading[1])
            headings = [*headings[: depth - 1], *[""] * (depth - 1 - len(headings)), heading[2]]
            blocks, open_block = [], None
        elif not line.strip() and not fence:
            open_block = None
        elif open_block is None:
            open_block = _Block(line, number)
            blocks.append(open_block)
        else:
            open_block.text += "\n" + line
        if mark is not None:
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
    yield headings, blocks


def _front_matter_end(lines: list[str]) -> int:
    """The index of the first line after a YAML header between two `---`."""
    if lines and lines[0].rstrip() == "---":
        for index, line in enumerate(lines[1:200], 1):
            if line.rstrip() == "---":
                return index + 1
    return 0


def _packed(blocks: list[_Block]) -> Iterator[_Block]:
    """Blocks joined while they fit into one passage, and cut where one alone does not."""
    current: _Block | None = None
    for block in blocks:
        for part in _cut(block):
            if current is not None and len(current.text) + len(part.text) + 2 <= LONGEST:
                current.text += "\n\n" + part.text
                continue
            if current is not None:
                yield current
            current = part
    if current is not None:
        yield current


def _cut(block: _Block) -> Iterator[_Block]:
    """A block in parts that fit: between lines if possible, then sentences, then words, then anywhere."""
    current = _Block("", block.line)
    for offset, line in enumerate(block.text.split("\n")):
        for index, part in enumerate(_fitting(line)):
            joint = " " if index else "\n"
            if current.text and len(current.text) + len(part) + 1 > LONGEST:
                yield current
                current = _Block("", block.line + offset)
            if current.text:
                current.text += joint + part
            else:
                current = _Block(part, block.line + offset)
    if current.text.strip():
        yield current


def _fitting(line: str) -> list[str]:
    if len(line) <= LONGEST:
        return [line]
    parts: list[str] = []
    for sentence in _SENTENCE_END.split(line):
        while len(sentence) > LONGEST:
            cut = sentence.rfind(" ", LONGEST // 2, LONGEST)
            cut = cut if cut > 0 else LONGEST
            parts.append(sentence[:cut])
            sentence = sentence[cut:].lstrip()
        parts.append(sentence)
    return parts
