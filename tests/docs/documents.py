"""The documentation as data: fenced blocks, tables, headings and links.

Blocks are told apart by the words after the three backticks:

    ```yaml                a whole workflow, which must be valid
    ```yaml notes.yaml     the same, and a file that the console blocks of the page find
    ```yaml … invalid      one that `validate` must refuse
    ```yaml steps          steps without the rest of their workflow
    ```yaml project        a project file
    ```console             commands after `$ `, each with what it prints
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = {
    path.relative_to(ROOT).as_posix(): path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
}
REFERENCE = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "docs/reference").glob("*.md"))}
"""Written by `make docs`."""
EVERY_PAGE = {**PAGES, **REFERENCE, "CHANGELOG.md": ROOT / "CHANGELOG.md"}

_FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.M | re.S)
_HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    page: str
    line: int
    """Of its first line of text, from 1."""
    words: tuple[str, ...]
    text: str

    @property
    def language(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def file(self) -> str | None:
        return next((word for word in self.words[1:] if word.endswith(".yaml")), None)

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str, language: str) -> list[Block]:
    text = EVERY_PAGE[page].read_text()
    found = [
        Block(page, text.count("\n", 0, match.start(2)) + 1, tuple(match[1].split()), match[2])
        for match in _FENCE.finditer(text)
    ]
    return [block for block in found if block.language == language]


def prose(page: str) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", EVERY_PAGE[page].read_text())


def links(page: str) -> list[str]:
    return _LINK.findall(prose(page))


def anchors(path: Path) -> set[str]:
    """The names that headings get where Markdown is shown."""
    headings = _HEADING.findall(_FENCE.sub("", path.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table(page: str, first_column: str) -> list[list[str]]:
    """The rows of the table whose first column has that title, without the title row."""
    lines = iter(prose(page).split("\n"))
    for line in lines:
        if line.startswith(f"| {first_column} |"):
            next(lines)
            rows: list[list[str]] = []
            for row in lines:
                if not row.startswith("|"):
                    return rows
                rows.append([cell.strip() for cell in row.strip("|").split("|")])
    raise AssertionError(f"{page} has no table that begins with the column `{first_column}`")


def code_spans(page: str) -> list[str]:
    """What stands between single backticks in the page's prose."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]
