"""Where the YAML parser cannot go on: what the author probably meant, and the line written right."""

from __future__ import annotations

import re
from collections.abc import Callable

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Secondary
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.loader.source_map import Lines
from agentflow_cli.language.loader.syntax_problem import SyntaxProblem
from agentflow_cli.language.loader.traps import Edits, fix_of, quoted

_TABS = re.compile(r"(?<=[\r\n])(\t[ \t]*)(?=[^\s])")
_MOST_TABS = 10_000
"""Of lines that begin with one: nobody has written more by hand, and each is one edit."""
_BRACKET = re.compile(r"[\[\]{}]")
_FAR = 10_000
"""Characters in which an open bracket is looked for."""
_BARE = re.compile(r"(?<![\w'\"])(?:when|until|foreach):[ \t]+(?=[^\s'\"\[{|>])")
_ENTRY = re.compile(
    r"^(?P<before>[ ]*(?:- +)*)(?P<key>[^\s:'\"{\[#&*!][^:#'\"]*|\"[^\"]*\"|'[^']*'):[ \t]+(?P<value>\S.*?)[ \t]*$"
)


def explain_syntax_error(
    problem: SyntaxProblem, text: str, file: str, lines: Lines, readable: Callable[[str], bool]
) -> Diagnostic:
    """The diagnostic for a syntax error. `readable` says whether a text is YAML."""
    if problem.offset is None:
        return Diagnostic("AF105", f"the file is not valid YAML: {problem.problem}", file=file)
    return _Explainer(problem, text, file, lines, readable).explain()


def _without_comment(value: str) -> str:
    """The value without what follows ` #`, unless that stands inside quotes or braces."""
    before, sign, _ = value.partition(" #")
    closed = before.count("'") % 2 == before.count('"') % 2 == 0 and before.rfind("${{") <= before.rfind("}}")
    return before.rstrip() if sign and closed and before.strip() else value


class _Explainer:
    def __init__(
        self, problem: SyntaxProblem, text: str, file: str, lines: Lines, readable: Callable[[str], bool]
    ) -> None:
        self._readable = readable
        self.text, self.file, self.lines = text, file, lines
        self.problem, self.context = problem.problem, problem.context
        self.at = max(0, min(problem.offset or 0, len(text)))
        self.began = self.at if problem.context_offset is None else min(problem.context_offset, len(text))
        self.line, self.column = lines.place(self.at)
        self.line_text = lines.line_text(self.line)
        self.line_start = self.at - self.column + 1

    def explain(self) -> Diagnostic:
        return (
            self._tab()
            or self._template_in_flow()
            or self._condition_in_flow()
            or self._escape()
            or self._needs_quotes()
            or self._unclosed()
            or self._colon()
            or self._special()
            or self._indentation()
            or self._say(f"YAML cannot be read here: {self.problem}", self.at, self.at + 1)
        )

    def _tab(self) -> Diagnostic | None:
        blanks = self.line_text[: len(self.line_text) - len(self.line_text.lstrip(" \t"))]
        if "\t" not in blanks:
            return None
        start = self.line_start + blanks.index("\t")
        end = self.line_start + len(blanks)
        hint = "use two spaces for each level"
        return self._say("tabs cannot indent YAML", start, end, "AF104", "a tab", hint, edits=self._without_tabs())

    def _without_tabs(self) -> Edits:
        """Spaces for the tabs that begin lines from here on, as wide as makes the file readable; none where nothing
        does."""
        blanks = len(self.line_text) - len(self.line_text.lstrip(" \t"))
        runs = [(self.line_start, self.line_start + blanks)]
        runs += [(found.start(1), found.end(1)) for found in _TABS.finditer(self.text, self.line_start + blanks)]
        above = self.text[: self.line_start].rstrip().rpartition("\n")[2]
        least = len(above) - len(above.lstrip(" ")) + 1 if above.endswith(":") else 0
        for width in (2, 4, 8) if len(runs) <= _MOST_TABS else ():
            edits = tuple((a, b, self.text[a:b].replace("\t", " " * width)) for a, b in runs)
            if len(edits[0][2]) < least:
                continue  # it would stand beside what it belongs to
            ends = (0, *(b for _, b, _ in edits))
            kept = (self.text[end:a] + new for end, (a, _, new) in zip(ends, edits, strict=False))
            if self._readable("".join(kept) + self.text[ends[-1] :]):
                return edits
        return ()

    def _template_in_flow(self) -> Diagnostic | None:
        if "flow" not in self.context:
            return None
        start = self.text.rfind("${{", self.line_start, self.at + 2)
        if start < 0 or self.text.find("}}", start, self.at) >= 0:
            return None
        value_start = start
        while value_start > self.line_start and self.text[value_start - 1] not in "{[,:":
            value_start -= 1
        value_start += len(self.text[value_start:start]) - len(self.text[value_start:start].lstrip())
        close = self.text.find("}}", start, self._line_end())
        end = close + 2 if close >= 0 else self._line_end()
        value = self.text[value_start:end]
        hint = f"put it into quotes: `{quoted(value)}`"
        return self._say(
            "an expression inside `{…}` or `[…]` needs quotes", value_start, end, "AF112", "needs quotes", hint,
            edits=((value_start, end, quoted(value)),) if close >= 0 else (),
        )  # fmt: skip

    def _condition_in_flow(self) -> Diagnostic | None:
        """`{when: x in [1, 2], run: …}`: inside braces a bracket ends what stands before it."""
        found = list(_BARE.finditer(self.line_text, 0, self.column)) if "flow" in self.context else []
        if not found:
            return None
        start = self.line_start + found[-1].end()
        end, open_, quote = start, 0, ""
        while end < self._line_end() and (open_ or quote or self.text[end] not in ",}"):
            sign = self.text[end]
            if quote or sign in "'\"":
                quote = "" if sign == quote else quote or sign
            else:
                open_ += (sign in "[({") - (sign in "])}")
            end += 1
        value = self.text[start:end].rstrip()
        edit = (start, start + len(value), quoted(value))
        before, after = self.text[:start] + edit[2], self.text[edit[1] :]
        line = before[self.line_start :] + after[: self._line_end() - edit[1]]
        if not self._readable(line) and not self._readable(before + after):
            return None
        hint = f"put it into quotes: `{edit[2]}`"
        return self._say("an expression inside `{…}` or `[…]` needs quotes", *edit[:2], "AF112", "needs quotes", hint,
                         edits=(edit,))  # fmt: skip

    def _needs_quotes(self) -> Diagnostic | None:
        entry = _ENTRY.match(self.line_text)
        if entry is None:
            return None
        value, key = _without_comment(entry["value"]), entry["key"]
        start = self.line_start + entry.start("value")
        if not start <= self.at <= start + len(value) or value[0] in "[{|>":
            return None
        if "mapping values" in self.problem:
            message = "an unquoted value cannot hold `: `"
        elif value[0] in "'\"" and self.at > start:
            message = "the value goes on after its closing quote"
        elif value[0] in "@`%&*!,?-" or "token" in self.problem:
            message = f"an unquoted value cannot start with `{value[0]}`"
        else:
            return None
        hint = f"put the whole value into quotes: `{key}: {quoted(value)}`"
        if value[0] == "!" and not value.startswith("!!"):
            hint += ", and write `not` for `!`"
        sure = value[0] not in "!'\"" and "\\" not in value and " #" not in value
        sure = sure or (value[0] in "'\"" and any(sign in value for sign in ("==", "!=", " in ")))
        edits = ((start, start + len(value), quoted(value)),) if sure else ()
        return self._say(message, start, start + len(value), "AF113", "needs quotes", hint, edits=edits)

    def _escape(self) -> Diagnostic | None:
        if "quoted scalar" not in self.context or "escape" not in self.problem:
            return None
        end = min(self.at + 2, len(self.text))
        written = self.text[self.at : end]
        hint = "double the backslash, or use single quotes, which know no escapes"
        return self._say(
            f"`{written}` is not an escape that YAML knows", self.at, end, label="unknown escape", hint=hint
        )

    def _unclosed(self) -> Diagnostic | None:
        if "quoted scalar" in self.context:
            hint = "close it; a quote inside the text is doubled ('') or escaped (\\\")"
            return self._say("this quote is never closed", self.began, self.began + 1, label="opened here", hint=hint)
        if "flow" not in self.context:
            return None
        if "flow node" in self.context:  # the parser names the place where it stopped, and not the bracket
            self.began = self._opening()
        opened = self.text[self.began : self.began + 1]
        closing = "}" if opened == "{" else "]"
        if self.lines.place(self.began)[0] != self.line:
            hint = f"close it with `{closing}`"
            message = f"this `{opened}` is never closed"
            return self._say(message, self.began, self.began + 1, label="opened here", hint=hint)
        opening = Secondary(self._span(self.began, self.began + 1), "opened here")
        return self._say(f"expected `,` or `{closing}` here", self.at, self.at + 1, secondary=(opening,))

    def _opening(self) -> int:
        """The bracket that is open here; where there is none nearby, the place itself."""
        begin, depth = max(0, self.at - _FAR), 0
        for sign in reversed([*_BRACKET.finditer(self.text, begin, self.at)]):
            depth += 1 if sign.group() in "]}" else -1
            if depth < 0:
                return sign.start()
        return self.at

    def _colon(self) -> Diagnostic | None:
        if "expected ':'" in self.problem:
            start = self.began
            end = self._line_end(start)
            hint = "write `key: value`; a line that belongs to a text above is indented deeper than its key"
            return self._say("this line has no `:`", start, end, label="neither a key nor a value", hint=hint)
        if "mapping values" in self.problem:
            start = self.line_start + len(self.line_text) - len(self.line_text.lstrip())
            hint = "the line above already holds a value: indent both lines alike, or end the line above with `:`"
            return self._say("a key is not expected here", min(start, self.at), self.at, label="unexpected", hint=hint)
        return None

    def _special(self) -> Diagnostic | None:
        if "tag" in self.context or "tag" in self.problem:
            hint = "tags are not supported; put a text that starts with `!` into quotes"
            return self._say("`!` starts a YAML tag", self.began, self.began + 1, "AF110", hint=hint)
        if "alias" in self.context or "anchor" in self.context:
            sign = self.text[self.began : self.began + 1]
            hint = "put the whole value into quotes"
            return self._say(
                f"an unquoted value cannot start with `{sign}`", self.began, self.at + 1, "AF113", "needs quotes", hint
            )
        if "block scalar" in self.context:
            sign = self.text[self.began : self.began + 1]
            hint = f"start the text on the next line, indented; or put a value that starts with `{sign}` into quotes"
            return self._say(
                f"nothing but a comment may follow `{sign}` on its line", self.at, self._line_end(), hint=hint
            )
        if "token" in self.problem:
            sign = self.text[self.at : self.at + 1]
            hint = "put the whole value into quotes"
            return self._say(
                f"an unquoted value cannot start with `{sign}`", self.at, self.at + 1, "AF113", "needs quotes", hint
            )
        return None

    def _indentation(self) -> Diagnostic | None:
        if "block" not in self.context:
            return None
        start = self.at
        end = max(self._line_end(), start + 1)
        began = self._span(self.began, self._line_end(self.began))
        what = "the list" if "collection" in self.context or "sequence" in self.context else "the mapping"
        hint = f"every line of {what} starts in the same column"
        secondary = () if began.line == self.line else (Secondary(began, f"{what} starts here"),)
        return self._say(
            "this line does not line up with the lines around it",
            start,
            end,
            label="indented differently",
            hint=hint,
            secondary=secondary,
        )

    def _line_end(self, offset: int | None = None) -> int:
        line, column = self.lines.place(self.at if offset is None else offset)
        start = (self.at if offset is None else offset) - column + 1
        return start + len(self.lines.line_text(line).rstrip())

    def _span(self, start: int, end: int) -> Span:
        (line, column), (end_line, end_column) = self.lines.place(start), self.lines.place(max(start, end))
        return Span(self.file, line, column, end_line, end_column)

    def _say(
        self,
        message: str,
        start: int,
        end: int,
        code: str = "AF105",
        label: str | None = None,
        hint: str | None = None,
        secondary: tuple[Secondary, ...] = (),
        edits: Edits = (),
    ) -> Diagnostic:
        fix = fix_of(self.text, edits, self._span)
        return Diagnostic(code, message, self._span(start, end), label=label, help=hint, secondary=secondary, fix=fix)
