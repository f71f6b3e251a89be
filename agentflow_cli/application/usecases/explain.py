"""Explain a word of the language: a diagnostic's code, a field, a kind of step, a name or function of expressions."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.diagnostics.codes import CODES
from agentflow_cli.diagnostics.codes import explain as explain_code
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.language.expressions.functions import FILTERS, FUNCTIONS, TESTS, Function
from agentflow_cli.language.expressions.scope import ROOTS
from agentflow_cli.language.schema.catalogue import Field, as_yaml, fields
from agentflow_cli.language.schema.wording import either

_TITLES = {
    "workflow": "Fields of a workflow and of its steps",
    "agent": "Fields of an agent file",
    "project": "Fields of the project file",
    "schema": "Keywords of a JSON Schema",
}
_FILES = {"workflow": "a workflow", "agent": "an agent file", "project": "the project file"}


@dataclass(frozen=True, slots=True)
class Topic:
    """`kind` is `code`, `step`, `field`, `name`, `filter`, `test` or `function`."""

    name: str
    kind: str
    text: str


def explain(word: str) -> list[Topic]:
    """Everything that `word` means; NotFoundError with a suggestion when it means nothing."""
    topics = []
    if word.upper() in CODES:
        topics.append(Topic(word.upper(), "code", explain_code(word).rstrip("\n")))
    topics += _language(word)
    if topics:
        return topics
    near = closest(word, known_words()) or closest(word.upper(), CODES)
    raise NotFoundError(
        f"there is nothing called `{word}` to explain",
        hint=f"did you mean `{near}`?" if near else "codes (AF201), fields (foreach), functions (selectattr)",
        next_command="agentflow explain",
    )


def known_words() -> list[str]:
    """Every word that can be explained besides codes."""
    names = [field.name for field in fields()]
    words = [*KINDS, *names, *ROOTS, *FILTERS, *TESTS, *FUNCTIONS]
    return list(dict.fromkeys(words))


def index() -> dict[str, dict[str, str]]:
    """Everything that can be explained: heading → name → one line."""
    return {
        "Kinds of step": {kind.name: kind.summary for kind in KINDS.values()},
        **{title: _listed(file) for file, title in _TITLES.items()},
        "Names in expressions": {root.name: root.summary for root in ROOTS.values()},
        "Filters": {f.signature: f.summary for f in FILTERS.values()},
        "Tests": {f.signature: f.summary for f in TESTS.values()},
        "Functions": {f.signature: f.summary for f in FUNCTIONS.values()},
        "Diagnostics": {code.code: code.title for code in CODES.values()},
    }


def _listed(file: str) -> dict[str, str]:
    """The fields of a kind of file by their paths; a field of a step without the way to it, where that is clear."""
    found: dict[str, str] = {}
    for field in fields():
        if field.file == file and field.path not in (f"steps.ID.{kind}" for kind in KINDS):
            short = field.path.removeprefix("steps.ID.")
            found.setdefault(field.path if short in found else short, field.about)
    return found


def _language(word: str) -> list[Topic]:
    topics = []
    if word in KINDS:
        topics.append(Topic(word, "step", "\n".join(_kind(word))))
    groups: dict[str, list[Field]] = {}
    for field in fields():
        if _means(word, field.path) and not (word in KINDS and field.path == f"steps.ID.{word}"):
            groups.setdefault(field.about, []).append(field)
    topics += [Topic(word, "field", "\n".join(_field(word, group))) for group in groups.values()]
    if word in ROOTS:
        root = ROOTS[word]
        lines = [f"{word}: {root.summary}"]
        lines += [f"  {word}.{name}: {about}" for name, about in (root.fields or {}).items()]
        topics.append(Topic(word, "name", "\n".join(lines)))
    for kind_name, table in (("filter", FILTERS), ("test", TESTS), ("function", FUNCTIONS)):
        if word in table:
            topics.append(Topic(word, kind_name, _function(kind_name, table[word])))
    return topics


def _function(kind: str, function: Function) -> str:
    usage = {"filter": f"value | {function.signature}", "test": f"value is {function.signature}"}.get(
        kind, function.signature
    )
    return f"{usage}\n{function.summary}\n\nExample:\n    {function.example}  →  {function.example_value!r}"


def _means(word: str, path: str) -> bool:
    """Whether `word` is the end of `path`: `max`, `retry.max`, `steps.draft.retry.max`. Capitals stand for any name."""
    asked, there = word.replace("[]", "").split("."), path.replace("[]", "").split(".")
    if not 0 < len(asked) <= len(there):
        return False
    return all(a == b or (b in ("ID", "NAME") and a) for a, b in zip(reversed(asked), reversed(there), strict=False))


def _kind(word: str) -> list[str]:
    kind = KINDS[word]
    own = [field for field in fields() if word in field.kinds]
    lines = [f"{word}: {kind.summary}.", f"Its output is {kind.output}."]
    lines += [f"Beside it, `.{name}` is {about}." for name, about in kind.beside.items()]
    beside = [field.path.removeprefix("steps.ID.") for field in own if field.path != f"steps.ID.{word}"]
    if beside:
        lines.append(f"Fields: {', '.join(f'`{name}`' for name in beside)}.")
    if kind.effect:
        lines.append("It acts on the world outside: it is not retried unless `retry` asks for it.")
    return [*lines, *_examples(word, [field for field in own if field.path == f"steps.ID.{word}"])]


def _field(word: str, group: list[Field]) -> list[str]:
    first = group[0]
    lines = [f"{first.name}: {first.about}", f"In {either(dict.fromkeys(map(_place, group)))}."]
    if first.type:
        lines.append(f"It is {first.type}{', and required' if first.required else ''}.")
    if first.values:
        lines.append(f"Values: {', '.join(f'`{as_yaml(value)}`' for value in first.values)}.")
    return [*lines, *_examples(first.name, group)]


def _place(field: Field) -> str:
    """Where it stands: ``a workflow (`steps.ID.retry`, of a `run` step)``."""
    if field.file == "schema":
        return "a JSON Schema (`output`, `form`, `inputs`)"
    of = f", of {either(f'`{kind}`' for kind in field.kinds)} steps" if field.kinds else ""
    return f"{_FILES[field.file]} (`{field.path}`{of})"


def _examples(name: str, group: list[Field]) -> list[str]:
    found = list(dict.fromkeys(as_yaml(example) for field in group for example in field.examples))
    return ["", "Examples:", *(f"    {name}: {text}" for text in found[:3])] if found else []
