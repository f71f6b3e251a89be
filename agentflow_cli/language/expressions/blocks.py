"""The pieces of a text to a tree of parts: text, expressions, `{% if %}` and `{% for %}`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agentflow_cli.language.expressions import environment, limits
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.lexer import Expr, Tag, Text, split
from agentflow_cli.language.expressions.problem import ExpressionErrors, Problem
from agentflow_cli.language.expressions.scope import ROOTS

_FOR = re.compile(r"\s*([A-Za-z_]\w*)\s+in\b")
_TARGETS = re.compile(r"\s*\(?\s*[A-Za-z_]\w*\s*,")
_IN = re.compile(r"\bin\b")
_NAME = re.compile(r"[A-Za-z_]\w*")
_MOST_NAMES = 8
"""Of a `for` that cannot be read."""


@dataclass(slots=True)
class _Open:
    """A block whose end has not come yet."""

    tag: Tag
    head: s.Node
    names: tuple[str, ...] = ()
    """Its variable; of a `for` that cannot be read, whatever may be meant as one."""
    finished: list[tuple[s.Node, s.Body]] = field(default_factory=list)
    parts: list[s.Part] = field(default_factory=list)
    in_else: bool = False
    body: s.Body = ()
    """Of a `for`, when its `else` has begun."""
    ended_wrongly: bool = False
    """An end of another block has been reported inside; that it has none of its own needs no telling."""


def parse_template(text: str) -> tuple[s.Body, list[Problem]]:
    """The parts of `text`, `Unread` those that cannot be understood, and everything that is wrong in it."""
    if len(text) > limits.MAX_TEMPLATE:
        message = f"the template has {len(text):,} characters; {limits.MAX_TEMPLATE:,} are allowed"
        return (), [Problem("AF413", message, 0, 1)]
    pieces, problems = split(text)
    builder = _Builder(problems)
    found = [piece for piece in pieces if not isinstance(piece, Text)]
    if len(found) > limits.MAX_PIECES:
        over = found[limits.MAX_PIECES]
        message = f"the template has more than {limits.MAX_PIECES:,} expressions and tags"
        return (), [Problem("AF413", message, over.start, over.end)]
    if len(problems) > limits.MAX_PROBLEMS:
        return (), problems
    try:
        for piece in pieces:
            if len(problems) >= limits.MAX_PROBLEMS:
                return (), [*problems, limits.too_many_problems(piece.start)]
            match piece:
                case Text():
                    builder.add(piece.text)
                case Expr():
                    builder.add(builder.parse(piece.source, piece.offset))
                case Tag():
                    builder.tag(piece)
    except _TooManyError:
        return (), problems
    return builder.finish()


class _TooManyError(Exception):
    """The rest of the template is not worth reading; why has been said."""


class _Builder:
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.open: list[_Open] = []
        self.top: list[s.Part] = []

    def add(self, part: s.Part) -> None:
        (self.open[-1].parts if self.open else self.top).append(part)

    def parse(self, source: str, offset: int) -> s.Node:
        try:
            return environment.parse(source, offset)
        except ExpressionErrors as errors:
            self.problems.extend(errors.problems)
            return s.Unread(offset, offset + len(source))

    def wrong(self, tag: Tag, message: str, help: str | None = None) -> None:
        if not tag.guessed:
            self.problems.append(Problem("AF406", message, tag.start, tag.end, None, help))

    def tag(self, tag: Tag) -> None:
        current = self.open[-1] if self.open else None
        match tag.word:
            case "if":
                self._begin(_Open(tag, self.parse(tag.source, tag.offset)))
            case "for":
                self._begin_for(tag)
            case "elif":
                if current is None or current.tag.word != "if" or current.in_else:
                    self.wrong(tag, "this `elif` belongs to no `{% if %}`")
                else:
                    self._finish_branch(current)
                    current.head = self.parse(tag.source, tag.offset)
            case "else":
                self._else(tag, current)
            case end:
                wanted = end.removeprefix("end")
                if current is None:
                    self.wrong(tag, f"this `{end}` closes nothing", f"no `{{% {wanted} %}}` is open here")
                elif current.tag.word == wanted:
                    self._end(tag, current)
                elif any(block.tag.word == wanted for block in self.open):
                    while self.open[-1].tag.word != wanted:
                        self._never_closed(self.open[-1])
                        self._end(tag, self.open[-1])  # as if it ended here
                    self._end(tag, self.open[-1])
                else:
                    self.wrong(tag, f"this `{end}` comes while `{{% {current.tag.word} %}}` is open",
                               f"close that first with `{{% end{current.tag.word} %}}`")  # fmt: skip
                    current.ended_wrongly = True

    def _begin(self, block: _Open) -> None:
        if len(self.open) >= limits.MAX_BRACKETS:
            self.problems.append(Problem("AF413", "too many blocks inside each other", block.tag.start, block.tag.end))
            raise _TooManyError
        self.open.append(block)

    def _begin_for(self, tag: Tag) -> None:
        found = _FOR.match(tag.source)
        if found is None:
            help = "write `{% for NAME in VALUES %}`"
            if _TARGETS.match(tag.source):
                help = (
                    "there is one variable: write `{% for pair in VALUES | items %}`, then `pair.key` and `pair.value`"
                )
            self.wrong(tag, "this `for` cannot be read", help)
            names = tuple(dict.fromkeys(_NAME.findall(_IN.split(tag.source)[0])))[:_MOST_NAMES]
            self._begin(_Open(tag, s.Unread(tag.start, tag.end), names or ("item",)))
            return
        name = found.group(1)
        if name in ROOTS and name not in ("item", "index"):
            start = tag.offset + found.start(1)
            self.problems.append(
                Problem("AF406", f"`{name}` has a meaning already", start, start + len(name), None,
                        "choose another name for the variable of this `for`")
            )  # fmt: skip
        head = self.parse(tag.source[found.end() :], tag.offset + found.end())
        self._begin(_Open(tag, head, (name,)))

    def _else(self, tag: Tag, current: _Open | None) -> None:
        if current is None:
            self.wrong(tag, "this `else` belongs to no block")
        elif current.in_else:
            self.wrong(tag, "this block has an `else` already")
        elif tag.source.strip():
            self.wrong(tag, "`else` takes no condition", "write `{% elif CONDITION %}`")
        else:
            if current.tag.word == "if":
                self._finish_branch(current)
            else:
                current.body, current.parts = tuple(current.parts), []
            current.in_else = True

    def _finish_branch(self, block: _Open) -> None:
        block.finished.append((block.head, tuple(block.parts)))
        block.parts = []

    def _end(self, tag: Tag, block: _Open) -> None:
        self.open.pop()
        if block.tag.word == "if":
            if not block.in_else:
                self._finish_branch(block)
                block.parts = []
            self.add(s.If(block.tag.start, tag.end, tuple(block.finished), tuple(block.parts)))
        else:
            body, otherwise = (block.body, tuple(block.parts)) if block.in_else else (tuple(block.parts), ())
            for name in block.names[1:]:  # only of one that cannot be read
                body = (s.For(block.tag.start, tag.end, name, block.head, body, ()),)
            self.add(s.For(block.tag.start, tag.end, block.names[0], block.head, body, otherwise))

    def _never_closed(self, block: _Open) -> None:
        self.wrong(block.tag, f"this `{{% {block.tag.word} %}}` is never closed",
                   f"close it with `{{% end{block.tag.word} %}}`")  # fmt: skip

    def finish(self) -> tuple[s.Body, list[Problem]]:
        for block in self.open:
            if not block.ended_wrongly:
                self._never_closed(block)
        while self.open:
            self._end(self.open[-1].tag, self.open[-1])  # as if it ended here, so that its reads are seen
        return tuple(self.top), self.problems
