"""Where in a shell script something stands: bare, in double quotes, or where a variable would not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable

BARE, DOUBLE, NOWHERE = "bare", "double", "nowhere"
"""As a word of its own; inside `"…"` or a here-document; where `$NAME` is text, or code that is evaluated."""

_HEREDOC = re.compile(r"<<-?[ \t]*(?:'(?P<single>[^'\n]+)'|\"(?P<double>[^\"\n]+)\"|(?P<escaped>\\?)(?P<bare>[\w.-]+))")


def contexts(script: str, places: Iterable[tuple[int, int]]) -> list[str]:
    """The context of each place [start, end), in order; what stands inside a place is not read as shell."""
    scanner = _Scanner(script, list(places))
    return scanner.run()


class _Scanner:
    def __init__(self, script: str, places: list[tuple[int, int]]) -> None:
        self.script, self.places = script, places
        self.found: list[str] = []
        self.stack: list[str] = ["("]
        """What is open: `(` for commands, `"`, `{` for `${…}`, `$((`, a backquote."""
        self.heredocs: list[tuple[str, bool]] = []
        """Of here-documents whose text begins on the next line: the delimiter, and whether variables are read."""
        self.at = 0

    def run(self) -> list[str]:
        while len(self.found) < len(self.places):
            start, end = self.places[len(self.found)]
            if self.at >= start:
                self.found.append(self._context() if self.at == start else NOWHERE)
                self.at = max(self.at, end)
            elif self.at >= len(self.script):
                break
            else:
                self._step()
        return self.found + [NOWHERE] * (len(self.places) - len(self.found))

    def _context(self) -> str:
        if self.stack[-1] == "(":
            return BARE if self.script[self.at - 1 : self.at] != "$" else NOWHERE
        return DOUBLE if self.stack[-1] == '"' and set(self.stack) <= {"(", '"'} else NOWHERE

    def _step(self) -> None:
        script, at, top = self.script, self.at, self.stack[-1]
        character = script[at]
        self.at += 1
        if character == "\\":
            self.at += 1
        elif top == '"':
            self._in_double(character)
        elif character == "'":
            self._skip_to("'", escapes=script[at - 1 : at] == "$")
        elif character == '"':
            self.stack.append('"')
        elif character == "\n" and self.heredocs:
            self._heredoc(*self.heredocs.pop(0))
        elif character == "#" and top == "(" and (at == 0 or script[at - 1] in " \t\n;&|("):
            self._skip_to("\n", past=False)
        elif script.startswith("<<", at) and not script.startswith("<<<", at) and top == "(":
            self._begin_heredoc(at)
        elif script.startswith("<<<", at):
            self.at = at + 3
        else:
            self._brackets(character)

    def _in_double(self, character: str) -> None:
        if character == '"':
            self.stack.pop()
        elif character == "`" or character == "$":
            self._brackets(character)

    def _brackets(self, character: str) -> None:
        top = self.stack[-1]
        if character == "$" and self.script.startswith("((", self.at):
            self.stack.append("$((")
            self.at += 2
        elif character == "$" and self.script[self.at : self.at + 1] in ("(", "{"):
            self.stack.append(self.script[self.at])
            self.at += 1
        elif character == "(":
            self.stack.append("(" if top != "$((" else "$(")
        elif character == ")" and top in ("(", "$((", "$(") and len(self.stack) > 1:
            self.stack.pop()
            if top == "$((" and self.script.startswith(")", self.at):
                self.at += 1
        elif character == "}" and top == "{":
            self.stack.pop()
        elif character == "`":
            if top == "`":
                self.stack.pop()
            else:
                self.stack.append("`")

    def _skip_to(self, end: str, *, escapes: bool = False, past: bool = True) -> None:
        """Pass over what is only text; places in it are nowhere."""
        while self.at < len(self.script) and self.script[self.at] != end:
            if not self._pass_place(NOWHERE):
                self.at += 2 if escapes and self.script[self.at] == "\\" else 1
        self.at += past

    def _pass_place(self, context: str) -> bool:
        if len(self.found) < len(self.places) and self.at >= self.places[len(self.found)][0]:
            self.at = max(self.at + 1, self.places[len(self.found)][1])
            self.found.append(context)
            return True
        return False

    def _begin_heredoc(self, at: int) -> None:
        found = _HEREDOC.match(self.script, at)
        if found is None:
            self.at = at + 2
            return
        self.heredocs.append((found["single"] or found["double"] or found["bare"], found["bare"] is not None))
        if found["escaped"]:
            self.heredocs[-1] = (found["bare"], False)
        self.at = found.end()

    def _heredoc(self, delimiter: str, reads: bool) -> None:
        """Pass over the text of a here-document, up to the line that ends it."""
        end = re.compile(r"^\t*" + re.escape(delimiter) + r"$", re.MULTILINE).search(self.script, self.at)
        stop = end.start() if end else len(self.script)
        depth = 0
        while self.at < stop:
            here = DOUBLE if reads and depth == 0 and self.script[self.at - 1] not in ("\\", "$") else NOWHERE
            if not self._pass_place(here):
                depth += {"(": 1, "{": 1}.get(self.script[self.at], 0) if self.script[self.at - 1] == "$" else 0
                depth -= 1 if depth and self.script[self.at] in ")}" else 0
                self.at += 1
        self.at = end.end() if end else stop
