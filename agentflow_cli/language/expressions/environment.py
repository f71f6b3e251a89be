"""Source text to tree, by Jinja2's own lexer and parser. The only file that imports jinja2, when first used.

Jinja's parser gives us its grammar; its compiler is not used. Jinja turns a template into Python code and then has to
fence that code in, and its fence does not bound size or time. We walk the tree over JSON data instead (`evaluate.py`):
no Python object, attribute or generated code is ever within reach, so there is nothing to escape from.

Jinja's tokens know only their line. We hand it tokens whose "line" is their offset in the source, so that every node
and every syntax error comes back with the exact character.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from agentflow_cli.language.expressions import limits
from agentflow_cli.language.expressions.plain_chain import read_chain
from agentflow_cli.language.expressions.plain_condition import read_condition
from agentflow_cli.language.expressions.problem import ExpressionErrors, Problem
from agentflow_cli.language.expressions.syntax import Node
from agentflow_cli.language.expressions.tree import TreeBuilder

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.lexer import TokenStream

Token: TypeAlias = "tuple[int, str, str]"
"""Its offset, its type, its text."""
_OUTSIDE_STRINGS = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|['"]"""
    r"""|&&|\|\||===|!==|=~|!(?!=)|\?\?|\?\.|\?|=>|[()\[\]{}]|;|`[^`]*`?""",
    re.S,
)
_FOREIGN = {
    "&&": ("`&&` is not an operator here", "write `and`"),
    "||": ("`||` is not an operator here", "write `or`"),
    "!": ("`!` is not an operator here", "write `not`"),
    "===": ("`===` is not an operator here", "write `==`"),
    "!==": ("`!==` is not an operator here", "write `!=`"),
    "?": (
        "`?` is not an operator here",
        "write `A if CONDITION else B`; for a value that may be missing, `X | default(Y)`",
    ),
    "??": ("`??` is not an operator here", "write `X | default(Y)`"),
    "?.": ("`?.` is not an operator here", "write `.`; for a value that may be missing, `X | default(Y)`"),
    "=~": ("`=~` is not an operator here", "there are no patterns: `is contains('x')`, `is startswith('x')`"),
    "=>": ("`=>` is not an operator here", "for a comparison write `>=`"),
    ";": ("`;` has no meaning in an expression", None),
    "`": ("a backtick has no meaning in an expression", "quote text with '…' or \"…\""),
}
_WORDS = {
    "contains": "write `'x' in …`",
    "matches": "there are no patterns: `is contains('x')`, `is startswith('x')`",
    "like": "there are no patterns: `is contains('x')`, `is startswith('x')`",
    "equals": "write `==`",
    "eq": "write `==`",
    "gt": "write `>`",
    "lt": "write `<`",
    "then": "write `A if CONDITION else B`",
    "^": "a power is written `**`",
    "&": "text is joined with `~`, conditions with `and`",
    "#": "there are no comments inside an expression",
    "as": "write `… | string`, `… | int`",
}
"""What others write between two values, and what stands there here."""
_OR = "between conditions write `or`; for a value that may be missing, `X | default(Y)`"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def parse(source: str, offset: int) -> Node:
    """The tree of one expression that begins at `offset` of its string; ExpressionErrors when it is not one."""
    if not source.strip():
        raise ExpressionErrors([Problem("AF401", "the expression is empty", max(offset - 3, 0), offset + len(source) + 2
                                        if offset else len(source), "nothing to evaluate")])  # fmt: skip
    if len(source) > limits.MAX_EXPRESSION:
        message = f"the expression has {len(source):,} characters; {limits.MAX_EXPRESSION:,} are allowed"
        raise ExpressionErrors([Problem("AF413", message, offset, offset + len(source))])
    plain = read_chain(source, offset) or read_condition(source, offset)
    if plain is not None:
        return plain
    problems = _scan(source, offset)
    if problems:
        raise ExpressionErrors(_with_edits(problems, source, offset))
    try:
        return _parse(source, offset)
    except ExpressionErrors as errors:
        if errors.problems[0].code == "AF405":
            raise ExpressionErrors(_with_edits(errors.problems, source, offset)) from None
        raise


def _with_edits(problems: Sequence[Problem], source: str, offset: int) -> list[Problem]:
    """The problems, those of foreign operators with what to write instead, when that is certain."""
    from agentflow_cli.language.expressions.mending import operators_of_others

    if any(problem.code != "AF405" for problem in problems):
        return list(problems)
    found = [(p.start - offset, source[p.start - offset : p.end - offset]) for p in problems]
    edits = operators_of_others(source, found, tree)
    if edits is None:
        return [p._replace(help=_OR) if sign == "||" else p for p, (_, sign) in zip(problems, found, strict=True)]
    return [
        problem._replace(edits=((start + offset, end + offset, new),))
        for problem, (start, end, new) in zip(problems, edits, strict=True)
    ]


def tree(source: str) -> Node | None:
    """The tree of an expression that stands by itself; None when it is none."""
    try:
        return _parse(source, 0) if not _scan(source, 0) else None
    except ExpressionErrors:
        return None


def _scan(source: str, offset: int) -> list[Problem]:
    """What other languages would write, brackets that do not match, strings that do not end."""
    problems: list[Problem] = []
    open_brackets: list[tuple[str, int]] = []

    def add(code: str, message: str, start: int, length: int, label: str | None, help: str | None) -> None:
        problems.append(Problem(code, message, offset + start, offset + start + length, label, help))

    for found in _OUTSIDE_STRINGS.finditer(source):
        token, at = found.group(), found.start()
        if token[0] == "`":
            help = "text is joined with `~`: `'Hello ' ~ inputs.name`" if "${" in token else _FOREIGN["`"][1]
            add("AF405", _FOREIGN["`"][0], at, 1, "not in this language", help)
        elif token in _FOREIGN:
            add("AF405", _FOREIGN[token][0], at, len(token), "not in this language", _FOREIGN[token][1])
        elif token in ("'", '"'):
            add("AF401", "this string is never closed", at, 1, "opened here", f"close it with {token}")
            return problems
        elif token in "([{":
            open_brackets.append((token, at))
            if len(open_brackets) == limits.MAX_BRACKETS + 1:
                add("AF413", f"more than {limits.MAX_BRACKETS} brackets inside each other", at, 1, "too deep", None)
                return problems
        elif token in _PAIRS:
            if not open_brackets or open_brackets[-1][0] != _PAIRS[token]:
                add("AF401", f"this `{token}` closes nothing", at, 1, f"no `{_PAIRS[token]}` is open here", None)
                return problems
            open_brackets.pop()
    for token, at in open_brackets:
        add("AF401", f"this `{token}` is never closed", at, 1, "opened here", None)
    return problems


def _parse(source: str, offset: int) -> Node:
    from jinja2 import TemplateSyntaxError
    from jinja2.lexer import TokenStream

    environment = _environment()
    try:
        raw = _tokens(environment, source)
        stream = TokenStream(environment.lexer.wrap(_with_tests_closed(raw)), None, None)
        parser = _parser()(environment, stream)
        tree = parser.parse_expression()
        if stream:
            raise TemplateSyntaxError("", stream.current.lineno)
        spans = [(at, at + len(text), kind, text) for at, kind, text in raw if kind != "whitespace"]
        return TreeBuilder(spans, offset).build(tree)
    except TemplateSyntaxError as error:
        raise ExpressionErrors([_syntax_problem(source, offset, error.lineno, error.message or "")]) from None
    except RecursionError:
        raise ExpressionErrors(
            [Problem("AF413", "the expression is too deeply nested", offset, offset + len(source))]
        ) from None
    except (ValueError, OverflowError, MemoryError, SyntaxError) as error:
        message = f"this cannot be read: {error}".splitlines()[0]
        raise ExpressionErrors([Problem("AF401", message, offset, offset + len(source))]) from None


def _with_tests_closed(tokens: list[Token]) -> Iterator[Token]:
    """With `()` behind a test that an `if` follows: Jinja would take the `if` for an argument of the test."""
    words: list[str] = []
    for at, kind, text in tokens:
        if kind != "whitespace":
            if text == "if" and words[-2:-1] in (["is"], ["not"]) and words[-1] != "not" and "is" in words[-3:-1]:
                yield from ((at, "operator", sign) for sign in "()")
            words.append(text)
        yield at, kind, text


@functools.cache
def _parser() -> Any:
    """Jinja's parser over tokens that are given."""
    from jinja2.parser import Parser

    class OffsetParser(Parser):
        def __init__(self, environment: Environment, stream: TokenStream) -> None:
            self.environment, self.stream = environment, stream
            self.name = self.filename = None

    return OffsetParser


def _tokens(environment: Environment, source: str) -> list[Token]:
    """Every token, white space included."""
    tokens: list[Token] = []
    at = 0
    # Carriage returns would be folded away and shift what follows. NUL separates nothing here: it is our delimiter.
    text = source.replace("\r", " ")
    iterator = environment.lexer.tokeniter(text, None, None, state="variable")
    while True:
        try:
            _, kind, data = next(iterator)
        except StopIteration:
            return tokens
        except Exception as error:  # a character that begins no token
            from jinja2 import TemplateSyntaxError

            raise TemplateSyntaxError(str(error), at) from None
        tokens.append((at, kind, data))
        at += len(data)


def _syntax_problem(source: str, offset: int, at: int, message: str) -> Problem:
    """Jinja's complaint in our words. `at` is the offset of the token that does not fit."""
    rest = source[at:]
    word = re.match(r"\w+|\S", rest.lstrip())
    at += len(rest) - len(rest.lstrip()) if word else 0
    if "end of template" in message or at >= len(source.rstrip()) or word is None:
        end = len(source.rstrip())
        return Problem("AF401", "the expression ends too early", offset + max(end - 1, 0), offset + end,
                       "something must follow")  # fmt: skip
    text = word.group()
    help: str | None = None
    before = source[:at].rstrip()
    if text == "=":
        return Problem("AF405", "`=` is not an operator here", offset + at, offset + at + 1, "not in this language",
                       "to compare write `==`")  # fmt: skip
    filter = re.search(r"\|\s*(\w+)\Z", before)
    if filter is not None and (text == ":" or text in "'\""):
        help = f"arguments stand in parentheses: `{filter[1]}(…)`"
    elif text in "'\"" and re.search(r"(?<![\w.])[fF]\Z", before) and before == source[:at]:
        help = "text is joined with `~`: `'Hello ' ~ inputs.name`"
    elif text == "%" and before.endswith("{"):
        help = "a condition is an expression: it has no tags"
    elif text in _WORDS or text.lower() in ("and", "or", "not"):
        help = _WORDS.get(text, f"write `{text.lower()}`")
    elif re.search(r"(?<![\w.])lambda\Z", before):
        help = "there are no functions of one's own: `map(attribute='name')`, `selectattr('name', 'eq', 1)`"
    elif text == "for":
        help = "`map`, `select` and `selectattr` work through a list, and so does `foreach`"
    elif text in ("$", "{"):
        help = "inside an expression names stand without `${{ }}`"
    elif "identifier" in message or not text.isascii():
        help = "quote text with '…' or \"…\""
    elif text[0].isalnum() or text in "'\"_":
        help = "text is quoted ('…'); an operator or `|` must stand between two values"
    if "after 'is'" in message or "chain" in message:
        help = "join two tests by `and`"
    return Problem("AF401", f"`{text}` does not fit here", offset + at, offset + at + len(text), "not expected", help)


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment

    # Delimiters that cannot occur: the expression has been cut out already, `}}` in it is two closing braces.
    return Environment(
        block_start_string="\x00%", block_end_string="%\x00", variable_start_string="\x00{",
        variable_end_string="}\x00", comment_start_string="\x00#", comment_end_string="#\x00", autoescape=False,
    )  # fmt: skip
