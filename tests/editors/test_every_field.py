"""Every field of the schemas, each in a file of its own: explained under the pointer, offered where it may stand."""

from __future__ import annotations

import json

import pytest

from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.language.schema.catalogue import Field, fields
from tests.editors.language_server import LanguageServer

pytestmark = pytest.mark.slow

NAMES = {"workflow": "workflows/a.yaml", "agent": "agents/a.yaml", "project": "agentflow.yaml"}
SKELETON = {"ID": "a", "NAME": "n"}


def document(field: Field, value: str, last: str | None = None) -> tuple[str, str]:
    """The file's name, and a text with `field` (or `last` in its place) and `value`, nested as deep as it is.

    A field of a kind of step stands below that kind's own.
    """
    if field.file == "schema":
        file, path = "workflow", f"steps.ID.output.{field.path}"
    else:
        file, path = field.file, field.path
    parts, lines = path.split("."), ["apiVersion: agentflow/v1"] * (path != "apiVersion")
    item = ""
    for number, part in enumerate(parts):
        name = SKELETON.get(part.removesuffix("[]"), part.removesuffix("[]"))
        indent = "  " * number + item
        if number == len(parts) - 1:
            lines.append(f"{indent}{last if last is not None else f'{name}: {value}'}")
            break
        lines.append(f"{indent}{name}:")
        if part == "ID":
            kind = field.kinds[0] if field.kinds else "run"
            if parts[number + 1].removesuffix("[]") != kind:
                lines.append("  " * (number + 1) + f"{kind}: {json.dumps(first_example(kind))}")
        item = "- " if part.endswith("[]") else ""
    return NAMES[file], "\n".join(lines)


def first_example(kind: str) -> object:
    return next(f.examples[0] for f in fields() if f.path == f"steps.ID.{kind}" and f.examples)


def literal(field: Field) -> str:
    known = field.examples or field.values
    return json.dumps(known[0]) if known else "x"


@pytest.mark.parametrize("field", fields(), ids=lambda field: f"{field.file}:{field.path}:{'/'.join(field.kinds[:1])}")
def test_a_field_is_explained_under_the_pointer(editor: LanguageServer, field: Field) -> None:
    name = field.name.removesuffix("[]")
    if name in ("ID", "NAME"):
        return
    file, text = document(field, literal(field), f"{name[:1]}|>{name[1:]}: {literal(field)}")
    assert first_words(field.about) in plain(editor.hover(file, text)), text


def parents() -> dict[str, list[Field]]:
    """Each mapping that has fields of its own, by file, path and kind, with these."""
    found: dict[str, list[Field]] = {}
    for field in fields():
        parent = field.path.rpartition(".")[0]
        if field.name not in ("ID", "NAME") and parent and parent != "steps.ID":
            found.setdefault(f"{field.file}:{parent}:{'/'.join(field.kinds[:1])}", []).append(field)
    return found


@pytest.mark.parametrize("place", parents())
def test_all_fields_are_offered_where_they_may_stand(editor: LanguageServer, place: str) -> None:
    inside = parents()[place]
    file, text = document(inside[0], "", "|>")
    offered = {offer.label for offer in editor.offers(file, text)}
    assert {field.name for field in inside} <= offered, text


def first_words(text: str) -> str:
    return plain(text).partition(".")[0][:40]


def plain(text: str) -> str:
    """Markdown without its signs and escapes, as far as descriptions have them."""
    return " ".join(text.replace("\\", "").replace("`", "").replace("&nbsp;", " ").replace("&emsp;", " ").split())


def test_kinds_are_all_there() -> None:
    assert {field.path.removeprefix("steps.ID.") for field in fields() if field.kinds} >= set(KINDS)


def simple() -> dict[str, Field]:
    """The fields that take no mapping."""
    known = [f for f in fields() if f.type and "mapping" not in f.type and f.name.removesuffix("[]") not in SKELETON]
    return {f"{field.file}:{field.path}:{'/'.join(field.kinds[:1])}": field for field in known}


@pytest.mark.parametrize("place", simple())
def test_a_value_of_the_wrong_type_is_underlined(editor: LanguageServer, place: str) -> None:
    file, text = document(simple()[place], "{zz: 1}")
    last = text.count("\n")
    assert [problem for problem in editor.problems(file, text + "\n") if problem.start[0] <= last <= problem.end[0]], (
        text
    )
