"""Splits a string into literal text, `${{ … }}` and `{% … %}`.

Everything else is text: `{# #}`, `{{ .Name }}` of other template languages, braces of JSON. What looks like a slip
(`{{ inputs.x }}`, `${ inputs.x }`, a tag of Jinja that is not in this language) is a problem with the fix.
"""

from __future__ import annotations

import re

from agentflow_cli.language.expressions import environment, limits
from agentflow_cli.language.expressions.problem import ExpressionErrors, Problem
from agentflow_cli.language.expressions.scope import ROOTS
from agentflow_cli.language.expressions.syntax import DictOf, ListOf, Literal, Node

TAGS = frozenset({"if", "elif", "else", "endif", "for", "endfor"})
_TAG_FIXES = {"elseif": "elif", "elsif": "elif", "fi": "endif", "end": "endif", "done": "endfor", "foreach": "for"}
_FOREIGN_TAGS = frozenset(
    {"set", "endset", "macro", "endmacro", "include", "import", "from", "extends", "block", "endblock", "raw", "endraw",
     "call", "endcall", "filter", "endfilter", "with", "endwith", "autoescape", "endautoescape", "do", "continue",
     "break", "while", "endwhile", "unless", "endunless", "endforeach", *_TAG_FIXES}
)  # fmt: skip
_TAG_FIXES["endforeach"] = "endfor"

_HALF_TAG = r"\{\s*(?P<half>%s)\b[^{}\n]{0,200}?%%\}" % "|".join(sorted(TAGS))  # noqa: UP031
"""`{ else %}`"""
_SPECIAL = re.compile(r"\$\$\{\{|\$\{\{|\$\{|\{\{|\{%|" + _HALF_TAG)
_INSIDE = re.compile(r"""'(?:\\.|[^'\\])*+'?|"(?:\\.|[^"\\])*+"?|\$\{\{|\{%|[{}]|%\}""", re.DOTALL)
_NESTED = r"\$\{\{[^{}\n]*(?P<inner>\$\{\{\s*(?P<name>[^{}\n]*?)\s*\}\})[^{}\n]*\}\}"
_BLOCK = re.compile(r"\s+(if|for)\b")
"""`{% end if %}`"""
_HALF_END = re.compile(r"([^{}\n]*)(\}(?!\})|(?=\{%)|(?=\n)|\Z)")
"""Where a tag may end that is not closed: at one brace, before the next tag, with its line."""
_TAG_WORD = re.compile(r"\{%[-+]?\s*([A-Za-z_]\w*)")
_IN = re.compile(r"\s+[A-Za-z_]\w*\s+in\b")
_OURS = re.compile(r"\{%%[-+]?\s*(?:%s)\b" % "|".join(sorted(TAGS)))  # noqa: UP031
_FOREIGN_TAG = re.compile(r"\{%[-+]?\s*([A-Za-z_]\w*)[^{}%\n]*%\}")
_BARE_BRACES = re.compile(r"\{\{-?\s*((?:[^\s{}]|\{[^{}]*+\})(?:[^{}]|\{[^{}]*+\})*+)\}\}")
_BLANK_TO_END = re.compile(r"[^\S\n]*+(?:\n|\Z)")
_DATA = re.compile(r"""(?:'[^'\\]*'|"[^"\\]*"|[-\d.,:\s\[\]])*+""")
_TEX = r"(?:\^|\\[A-Za-z]+)(?:\{\{?[^{}]*\}\}?)?\Z"
"""What may stand before an argument of TeX."""
_MOST = 1000
"""Texts in double braces that are looked into; a text with more is of another language."""
_SHELL_BRACES = re.compile(r"\$\{\s*((?:%s)\s*[.\[][^{}]*+)\}" % "|".join(sorted(ROOTS)))  # noqa: UP031


class Text(Node):
    text: str


class Expr(Node):
    """`${{ source }}`; `offset` is where `source` begins, [start, end) is the whole with its braces."""

    source: str
    offset: int


class Tag(Node):
    """`{% word source %}`."""

    word: str
    source: str
    offset: int
    guessed: bool = False
    """It is written in another way, which has been reported, and was meant as this."""


Piece = Text | Expr | Tag


def split(text: str) -> tuple[list[Piece], list[Problem]]:
    """The pieces of `text` in order, and what is wrong with its braces."""
    return _Splitter(text).run()


def has_markup(text: str) -> bool:
    """Whether `text` can be anything but itself."""
    return "{{" in text or "{%" in text or "${" in text


def _slip(word: str, rest: str) -> str | None:
    """The tag of which `word`, followed by `rest`, is one slip of the pen away: `esle`, `endfr`, `fro x in xs`."""
    if len(word) > 10:
        return None
    for tag in sorted(TAGS, key=len, reverse=True):
        if len(word) < 3 and tag != "for":
            continue  # too short to be sure
        if tag == "for" and not _IN.match(rest):
            continue
        if len(word) > len(tag):
            close = tag in (word[:at] + word[at + 1 :] for at in range(len(word)))
        elif len(word) < len(tag):
            close = word in (tag[:at] + tag[at + 1 :] for at in range(len(tag)))
        else:
            swapped = (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))
            close = tag in swapped or sum(a != b for a, b in zip(word, tag, strict=True)) == 1
        if close:
            return tag
    return None


def _is_data(node: Node) -> bool:
    match node:
        case ListOf():
            return all(map(_is_data, node.items))
        case DictOf():
            return all(_is_data(part) for pair in node.pairs for part in pair)
    return isinstance(node, Literal)


def _no_tag(name: str, start: int, fix: str | None) -> Problem:
    return Problem("AF406", f"there is no tag `{name}` in this language", start, start + len(name), "not a tag",
                   f"did you mean `{fix}`?" if fix else
                   "the tags are `if`, `elif`, `else`, `endif`, `for`, `endfor`; to write the characters `{%` "
                   "themselves use `${{ '{%' }}`",
                   ((start, start + len(name), fix),) if fix else ())  # fmt: skip


class _Splitter:
    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[Piece] = []
        self.problems: list[Problem] = []
        self.literal: list[str] = []
        self.has_tags = _OURS.search(text) is not None
        """Tags that are almost ours are slips in such a text; in another one they may be those of another language."""
        self.looked = 0
        self.position = 0
        self.last = {closing: text.rfind(closing) for closing in ("}}", "%}")}
        """Where each stands for the last time: nobody searches behind it."""

    def run(self) -> tuple[list[Piece], list[Problem]]:
        while found := _SPECIAL.search(self.text, self.position):
            if self._is_too_much():
                break
            start = found.start()
            self.literal.append(self.text[self.position : start])
            self.position = start
            match found.group():
                case "$${{":
                    self._keep("${{", 4)
                case "${{":
                    self._expression(start)
                case "{%":
                    self._tag(start)
                case "{{":
                    self._bare_braces(start)
                case "${":
                    self._shell_braces(start, "${")
                case _:
                    self._half_tag(found)
        self.literal.append(self.text[self.position :])
        self._flush()
        return self.pieces, self.problems

    def _is_too_much(self) -> bool:
        """Whether nobody wants the rest read; more pieces than are allowed are refused by whoever counts them."""
        if len(self.problems) >= limits.MAX_PROBLEMS:
            self.problems.append(limits.too_many_problems(self.position))
            return True
        return len(self.pieces) > 2 * limits.MAX_PIECES + 2

    def _keep(self, text: str, length: int) -> None:
        self.literal.append(text)
        self.position += length

    def _flush(self) -> None:
        text = "".join(self.literal)
        self.literal.clear()
        if text:
            self.pieces.append(Text(self.position - len(text), self.position, text))

    def _expression(self, start: int) -> None:
        end = self._close(start + 3, "}}")
        nested = re.match(_NESTED, self.text[start : start + 1000]) if end is None else None
        if nested:
            inner, inner_end = start + nested.start("inner"), start + nested.end("inner")
            self.problems.append(
                Problem("AF401", "an expression stands inside an expression", inner, inner_end,
                        "one `${{` is enough",
                        f"inside `${{{{ }}}}` names stand as they are: write `{nested['name']}`",
                        ((inner, inner_end, nested["name"]),))
            )  # fmt: skip
            self._keep(nested.group(), len(nested.group()))
            return
        if end is None:
            self.problems.append(
                Problem("AF402", "this `${{` is never closed", start, start + 3, "no `}}` follows",
                        "close it with `}}`, or write `$${{` for the three characters themselves",
                        self._second_brace(start))
            )  # fmt: skip
            self._keep("", 3)
            return
        self._flush()
        self.pieces.append(Expr(start, end + 2, self.text[start + 3 : end], start + 3))
        self.position = end + 2

    def _second_brace(self, start: int) -> tuple[tuple[int, int, str], ...]:
        """`${{ x }`: the edit that closes it, when its one brace stands on the same line."""
        found = re.match(r"\$\{\{[^{}\n]*[^{}\s][^{}\n]*\}(?!\})", self.text[start : start + 1000])
        return ((start + found.end(), start + found.end(), "}"),) if found else ()

    def _close(self, begin: int, closing: str) -> int | None:
        """Where the `}}` or `%}` of what begins at `begin` stands; strings and inner braces are stepped over."""
        depth = 0
        position = begin
        while found := _INSIDE.search(self.text, position):
            token, at = found.group(), found.start()
            position = found.end()
            if token == "${{" or (token == "{%" and closing == "%}"):
                break
            if token[0] in "'\"" and (len(token) == 1 or token[-1] != token[0]):
                break
            if token in ("{", "{%"):
                depth += 1
            elif token == "%}" and closing == "%}":
                return at
            elif token == "}" or token == "%}":
                if depth:
                    depth -= 1
                elif self.text.startswith("}}", at) and closing == "}}":
                    return at
        # A quote that is never closed has swallowed the end: take the nearest, the parser will say what is wrong.
        if begin > self.last[closing]:
            return None
        following = self.text.find("${{" if closing == "}}" else "{%", begin)
        nearest = self.text.find(closing, begin, following if following >= 0 else len(self.text))
        inside = self.text[begin:nearest] if nearest >= 0 and closing == "}}" else ""
        if "\n" in inside and (found is None or inside.count("{") - inside.count("}") >= 2):
            return None  # on another line, where it closes braces of its own, as in JSON
        return nearest if nearest >= 0 else None

    def _tag(self, start: int) -> None:
        word = _TAG_WORD.match(self.text, start)
        name = word.group(1) if word else ""
        fix = (
            None
            if word is None or name in TAGS
            else _TAG_FIXES.get(name) or _slip(name, self.text[word.end() : word.end() + 200])
        )
        if word is None or (name not in TAGS and name not in _FOREIGN_TAGS and fix is None):
            if word is not None and self.has_tags and _FOREIGN_TAG.match(self.text, start, start + 1000):
                self.problems.append(_no_tag(word.group(1), word.start(1), None))
            self._keep("{%", 2)
            return
        meant, begin = name if name in TAGS or fix is None else fix, word.end()
        if name == "end":
            block = _BLOCK.match(self.text, begin)
            meant = fix = f"end{block[1] if block is not None else self._open_block()}"
            begin = begin if block is None else block.end()
        end = self._close(begin, "%}")
        if end is None:
            half = _HALF_END.match(self.text, begin)
            stop = len(self.text) if half is None else half.end(1)
            brace = half is not None and half[2] == "}"
            self.problems.append(
                Problem("AF402", f"this `{{% {name}` is never closed", start, start + 2, "no `%}` follows",
                        "close it with `%}`", ((stop, stop, "%"),) if brace else ())
            )  # fmt: skip
            self._flush()
            if meant in TAGS:  # as if it ended there, so that what closes the block is not reported too
                self.pieces.append(Tag(start, stop, meant, self.text[begin:stop], begin, True))
            self.position = stop + brace
            return
        if name not in TAGS:
            written = self.text[word.start(1) : begin]
            self.problems.append(_no_tag(written, word.start(1), fix))
        self._trim_before(start, end)
        self._flush()
        source = self.text[begin : end - 1 if self.text[end - 1] in "-+" else end]
        if meant in TAGS:  # read as what was meant, so that the other tags of the block are not reported too
            self.pieces.append(Tag(start, end + 2, meant, source, begin, name != meant))
        self._trim_after(start, end)

    def _open_block(self) -> str:
        """What the next end ends: `if` or `for`."""
        ended = 0
        for piece in reversed(self.pieces):
            if isinstance(piece, Tag) and piece.word in ("endif", "endfor"):
                ended += 1
            elif isinstance(piece, Tag) and piece.word in ("if", "for"):
                if not ended:
                    return piece.word
                ended -= 1
        return "if"

    def _half_tag(self, found: re.Match[str]) -> None:
        """`{ else %}`: a tag that lacks the first of its signs."""
        start, end, name = found.start(), found.end(), found["half"]
        if not self.has_tags:
            self._keep(found.group(), end - start)
            return
        self.problems.append(
            Problem("AF402", f"this `{name}` has no `%` at its beginning", start, end, "not a tag",
                    "begin it with `{%`", ((start, start + 1, "{%"),))
        )  # fmt: skip
        self._flush()
        offset = found.end("half")
        self.pieces.append(Tag(start, end, name, self.text[offset : end - 2], offset, True))
        self.position = end

    def _alone(self, start: int, end: int) -> bool:
        """Whether the tag has its line for itself; then it leaves no trace of that line."""
        at = start
        while at and self.text[at - 1].isspace():
            if self.text[at - 1] == "\n":
                break
            at -= 1
        return (not at or self.text[at - 1] == "\n") and _BLANK_TO_END.match(self.text, end + 2) is not None

    def _trim_before(self, start: int, end: int) -> None:
        before = "".join(self.literal)
        if self.text[start + 2] == "-":
            before = before.rstrip()
        elif self.text[start + 2] != "+" and self._alone(start, end):
            before = before.rstrip(" \t")
        self.literal = [before]

    def _trim_after(self, start: int, end: int) -> None:
        self.position = end + 2
        if self.text[end - 1] == "-":
            while self.position < len(self.text) and self.text[self.position].isspace():
                self.position += 1
        elif self.text[end - 1] != "+" and self._alone(start, end):
            stop = self.text.find("\n", end)
            self.position = stop + 1 if stop >= 0 else len(self.text)

    def _bare_braces(self, start: int) -> None:
        found = _BARE_BRACES.match(self.text, start)
        source = "" if found is None else found[1].removesuffix("-").rstrip() or found[1].rstrip()
        word = source[:1].isidentifier() and "{" not in source
        torn = self.text.startswith("$ ", start - 2) and start > 1
        if found is None or not (word or self._computes(source, whatever=torn)) or self._is_of_tex(start, source):
            self._keep("{{", 2)
            return
        self.problems.append(
            Problem("AF403", "`{{ … }}` without `$` is plain text here", start, found.end(), "not an expression",
                    f"write `${{{{ {source} }}}}`; for the braces themselves write `${{{{ '{{{{' }}}}`",
                    ((1, 2, ""),) if torn and start == 2 else self._with_dollar(start, found, source))
        )  # fmt: skip
        self._keep(found.group(), len(found.group()))

    def _is_of_tex(self, start: int, source: str) -> bool:
        """Whether braces of TeX are doubled: `x^{{n}}`, `\\frac{{a}}{{b}}`."""
        before = self.text[max(0, start - 80) : start]
        if self.looked >= _MOST or not (before[-1:] in ("^", "}") or before[-1:].isalpha()):
            return False
        self.looked += 1
        first = re.match(r"\w*", source)
        return re.search(_TEX, before) is not None and (first is None or first.group() not in ROOTS)

    def _computes(self, source: str, *, whatever: bool = False) -> bool:
        """Whether `source` is an expression, and more than a value written down: `-inputs.n`, `[b, a] | sort`.
        `whatever`: it may be that too, for `$ {{ 1 }}` is a slip."""
        data = _DATA.fullmatch(source) or re.fullmatch(r"\[\w+(?:-\w+)+\]", source)  # `[a-z]` of a pattern
        if (data and not whatever) or self.looked >= _MOST:
            return False
        self.looked += 1
        try:
            return not _is_data(environment.parse(source, 0)) or whatever
        except ExpressionErrors:
            return False

    def _with_dollar(self, start: int, found: re.Match[str], source: str) -> tuple[tuple[int, int, str], ...]:
        """The edit that makes an expression of `{{ x }}`, when it begins like one of ours."""
        word = re.match(r"\w+", source)
        if word is None or word.group() not in ROOTS:
            return ()
        if found.group()[2] == "-" or found.group()[-3] == "-":
            return ((start, found.end(), f"${{{{ {source} }}}}"),)
        return ((start, start, "$"),)

    def _shell_braces(self, start: int, token: str) -> None:
        found = _SHELL_BRACES.match(self.text, start)
        if found is None:
            self._keep(token, len(token))
            return
        whole = f"${{{{ {found[1].rstrip()} }}}}"
        self.problems.append(
            Problem("AF404", "an expression has two braces on each side", start, found.end(), "only one",
                    f"write `{whole}`", ((start, found.end(), whole),))
        )  # fmt: skip
        self._keep(found.group(), len(found.group()))
