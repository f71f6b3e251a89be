"""Names misspelt where they are read: steps, inputs, fields of outputs, filters, functions and tests."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from agentflow_cli.language.expressions.functions import FILTERS, FUNCTIONS, TESTS
from tests.diagnostics.mutations.document import SECTIONS, Document, Part, is_step
from tests.diagnostics.mutations.judge import Mutation
from tests.diagnostics.mutations.shapes import Shape, closed, inside, once, output_of
from tests.diagnostics.mutations.spelling import misspelt

_BARE = ("when", "foreach", "until")
_TEMPLATE = re.compile(r"(?<!\$)\$\{\{(.*?)\}\}|\{%[-+]?\s*(?:if|elif|else|endif|for|endfor)\b(.*?)%\}", re.S)
_TRAIL = r"((?:\.[A-Za-z_]\w*|\[\d+\])*)"
_STRING = re.compile(r"'[^'\n]*'")
_ATTRIBUTE = re.compile(_TRAIL + r" \| (?:map|groupby|sort|sum)\(attribute='([\w]+)'")


@dataclass(frozen=True)
class Expression:
    """The text of one expression, with literals blanked out, and where it begins in the file."""

    part: Part
    start: int
    text: str
    raw: str


def expressions(document: Document) -> Iterator[Expression]:
    for part in document.parts:
        if not isinstance(part.node, yaml.ScalarNode) or part.path[0] not in (*SECTIONS, "outputs"):
            continue
        if part.name in ("description", "name", "message") and part.path[-2:-1] == ("properties",):
            continue
        start, end = document.raw(part.node)
        raw = document.text[start:end]
        bare = part.name in _BARE and "${{" not in raw and isinstance(part.value, str)
        spans = [(0, len(raw))] if bare else [match.span() for match in _TEMPLATE.finditer(raw)]
        for begin, stop in spans:
            text = raw[begin:stop]
            blank = _STRING.sub(lambda match: "'" + " " * (len(match[0]) - 2) + "'", text)
            if not (bare and raw[:1] == "'"):
                yield Expression(part, start + begin, blank, text)


def _slip(
    document: Document, kind: str, expression: Expression, at: int, word: str, chance: random.Random, taken: set[str]
) -> Mutation:
    start = expression.start + at
    slip = misspelt(word, chance, taken | document.words)
    text = document.text[:start] + slip + document.text[start + len(word) :]
    return Mutation(kind, document.valid, text, f"{word} → {slip}", frozenset({document.line(start)}))


def misspell_a_step(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """`steps.NAME` and `previous.NAME` in an expression, and a name in `needs`."""
    kind = "misspell a step"
    for expression in expressions(document):
        for match in re.finditer(r"\b(?:steps|previous)\.(\w+)", expression.text):
            yield _slip(document, kind, expression, match.start(1), match[1], chance, set())
    for part in document.parts:
        if len(part.path) > 1 and part.path[-2] == "needs" and part.parent is not None and is_step(part.parent.parent):
            start, end = document.raw(part.node)
            raw = document.text[start:end]
            at = raw.index(str(part.value))
            yield _slip(document, kind, Expression(part, start, raw, raw), at, str(part.value), chance, set())


def misspell_an_input(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """`inputs.NAME` in an expression, and a key of `with` where the called side names what it takes."""
    kind = "misspell an input"
    for expression in expressions(document):
        for match in re.finditer(r"\binputs\.(\w+)", expression.text):
            yield _slip(document, kind, expression, match.start(1), match[1], chance, set())
    for part in document.parts:
        if part.key is not None and part.path[-2:-1] == ("with",) and is_step(part.parent.parent):
            if any(name in str(part.parent.parent.value.get("python")) for name in (":anything", "json:")):
                continue  # they take any keyword
            start, end = document.raw(part.key)
            raw = document.text[start:end]
            at = raw.index(part.key.value)
            yield _slip(document, kind, Expression(part, start, raw, raw), at, part.key.value, chance, set())


def misspell_an_output_field(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """What is read of a step beside `output` itself, and each field of an output whose shape is declared."""
    kind = "misspell an output field"
    for expression in expressions(document):
        for match in re.finditer(r"\bsteps\.\w+\.(\w+)", expression.text):
            yield _slip(document, kind, expression, match.start(1), match[1], chance, set())
        for start, trail, shape in _reads(document, expression):
            names = [name for name in re.split(r"\.|(?=\[)", trail) if name]
            for position, found in enumerate(re.finditer(r"\.(\w+)|\[\d+\]", trail)):
                fields = closed(inside(shape, names[:position]))
                if fields is not None and found[1] in fields:
                    yield _slip(document, kind, expression, start + found.start(1), found[1], chance, fields)
            after = _ATTRIBUTE.match(expression.raw, start)
            fields = closed(inside(shape, [*names, "[0]"]))
            if after is not None and fields is not None and after[2] in fields:
                yield _slip(document, kind, expression, after.start(2), after[2], chance, fields)


def _reads(document: Document, expression: Expression) -> Iterator[tuple[int, str, Shape | None]]:
    """Where the fields begin, the fields as they are written, and the shape that they are read of."""
    for match in re.finditer(r"\b(steps|previous)\.(\w+)" + _TRAIL, expression.text):
        step = _step(document, expression.part, match[2])
        if step is None:
            continue
        trail, start = match[3], match.start(3)
        if match[1] == "steps":
            if not trail.startswith(".output"):
                continue
            trail, start = trail[len(".output") :], start + len(".output")
            yield start, trail, output_of(document, step)
        else:
            yield start, trail, once(document, step)
    for match in re.finditer(r"\binputs\.(\w+)" + _TRAIL, expression.text):
        yield match.start(2), match[2], document.root.value["inputs"].get(match[1])
    for name, shape in _items(document, expression.part).items():
        for match in re.finditer(rf"(?<![.\w]){name}" + _TRAIL, expression.text):
            yield match.start(1), match[1], shape


def _step(document: Document, part: Part, name: str) -> Part | None:
    """The step of that name that is nearest from here."""
    around: Part | None = part
    while around is not None:
        for section in SECTIONS:
            found = document.by_path.get((*around.path, section, name))
            if found is not None and is_step(found):
                return found
        around = around.parent
    return None


def _items(document: Document, part: Part) -> dict[str, Shape | None]:
    """The variables of the foreach loops around, where they run through the whole output of a step."""
    found: dict[str, Shape | None] = {}
    around: Part | None = part
    own = part.name in ("when", "foreach")
    while around is not None:
        if is_step(around) and isinstance(around.value.get("foreach"), str):
            match = re.fullmatch(r"steps\.(\w+)\.output" + _TRAIL, around.value["foreach"])
            name = around.value.get("as", "item")
            if match is not None and name not in found and not own:
                step = _step(document, around.parent, match[1]) if around.parent is not None else None
                shape = None if step is None else output_of(document, step)
                names = [field for field in re.split(r"\.|(?=\[)", match[2]) if field]
                found[name] = inside(shape, [*names, "[0]"])
            else:
                found.setdefault(name, None)
            own = False
        around = around.parent
    return found


def misspell_a_filter(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """Filters, functions and tests."""
    kind = "misspell a filter"
    for expression in expressions(document):
        for pattern, names in (
            (r"\|\s*(\w+)", {*FILTERS}),
            (r"(?<![.\w|])(?<!\| )(\w+)\(", {*FUNCTIONS}),
            (r"\bis (?:not )?(\w+)", {*TESTS}),
        ):
            for match in re.finditer(pattern, expression.text):
                if match[1] in names:
                    yield _slip(document, kind, expression, match.start(1), match[1], chance, {*names})
