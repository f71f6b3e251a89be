"""The only place that prints. stdout is data, stderr is conversation; colour and glyphs are decided here, once.

Text that did not come from us (a model's, a tool's, a file's) goes through `clean` before it is printed.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Mapping
from typing import TextIO, cast

from agentflow_cli.cli.streams import Unbreakable, abandon, open_missing
from agentflow_cli.foundation.terminal_text import clean

STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_ON, _OFF = ("always", "on", "1", "true", "yes", "force"), ("never", "off", "0", "false", "no")


class OutputClosed(Exception):
    """Whoever read our stdout has enough."""


class Console:
    """Two streams, and what each of them can show."""

    def __init__(
        self,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if stdout is None or stderr is None:
            open_missing()
        self.stdout = stdout if stdout is not None else sys.stdout
        self.stderr = cast(TextIO, Unbreakable(stderr if stderr is not None else sys.stderr))
        self.environment = environment if environment is not None else os.environ
        self.quiet = False
        self.verbose = 0
        self.color_choice = "auto"

    def for_programs(self) -> None:
        """What follows on stdout is for a program: UTF-8, as JSON has to be, whatever the terminal's encoding is."""
        encoding = (self.stdout.encoding or "").lower().replace("_", "-")
        if encoding not in ("utf-8", "utf8") and isinstance(self.stdout, io.TextIOWrapper):
            self.stdout.reconfigure(encoding="utf-8")

    def data(self, text: str) -> None:
        """A result, with a line break at its end. It is the caller's: escape sequences are kept only off a terminal."""
        self.raw((clean(text) if self.stdout.isatty() else text) + "\n")

    def raw(self, text: str) -> None:
        """A result exactly as it is. OutputClosed when nobody reads any more."""
        stream = self.stdout
        try:
            try:
                stream.write(text)
            except UnicodeEncodeError:
                encoding = stream.encoding or "ascii"
                stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        except BrokenPipeError:
            raise OutputClosed from None

    def flush(self) -> None:
        try:
            self.stdout.flush()
        except BrokenPipeError:
            raise OutputClosed from None

    def abandon_output(self) -> None:
        """Write no more results: nobody reads them."""
        abandon(self.stdout)

    def say(self, text: str = "") -> None:
        """A line of conversation, left out by `--quiet`."""
        if not self.quiet:
            self.insist(text)

    def insist(self, text: str) -> None:
        """A line of conversation that `--quiet` does not silence: an error, a question."""
        stream = self.stderr
        try:
            stream.write(text + "\n")
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()

    def paint(self, text: str, *styles: str) -> str:
        """`text` with styles for stderr, or as it is where colour is off."""
        return paint(text, *styles) if self.colors(self.stderr) else text

    def paint_data(self, text: str, *styles: str) -> str:
        return paint(text, *styles) if self.colors(self.stdout) else text

    def colors(self, stream: TextIO) -> bool:
        """Whether `stream` gets colour: --color > AGENTFLOW_COLOR > NO_COLOR > FORCE_COLOR > a terminal that can."""
        environment = self.environment
        for choice in (self.color_choice, environment.get("AGENTFLOW_COLOR", "").lower()):
            if choice in _ON:
                return True
            if choice in _OFF:
                return False
        if environment.get("NO_COLOR"):
            return False
        forced = environment.get("FORCE_COLOR", "")
        if forced:
            return forced.lower() not in _OFF
        return stream.isatty() and environment.get("TERM") != "dumb"

    @property
    def unicode(self) -> bool:
        """Whether both streams can show glyphs beyond ASCII."""
        return all(
            (s.encoding or "ascii").lower().replace("_", "-") in ("utf-8", "utf8") for s in (self.stdout, self.stderr)
        )

    @property
    def width(self) -> int:
        """Columns of the terminal, 100 where there is none."""
        return max(20, shutil.get_terminal_size((100, 24)).columns)


def paint(text: str, *styles: str) -> str:
    codes = ";".join(STYLES[style] for style in styles)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes and text else text
