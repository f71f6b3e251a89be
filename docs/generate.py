"""Write docs/reference/ from what the program itself knows: `make docs`. A test fails when a page is out of date."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from agentflow_cli.cli.app import VERBS, build_app
from agentflow_cli.cli.lazy import Verb
from agentflow_cli.diagnostics.codes import CODES
from agentflow_cli.domain.kinds import CACHED, KINDS
from agentflow_cli.language.expressions.functions import FILTERS, FUNCTIONS, TESTS, Function
from agentflow_cli.language.expressions.scope import ROOTS, STEP_FIELDS, Place
from agentflow_cli.language.schema.catalogue import Field, as_yaml, fields, kind_example

REFERENCE = Path(__file__).resolve().parent / "reference"
_NOTE = "<!-- Written by `make docs`. What it says is changed where the program keeps it, not here. -->"
_WIDTH = 80
_FAMILIES = {
    "AF1": "The file as text and as YAML",
    "AF2": "The shape of the file",
    "AF3": "Names: what expressions and fields refer to",
    "AF4": "Expressions and templates",
    "AF5": "The flow of a workflow",
}


def pages() -> dict[str, str]:
    """Every page of the reference: its file's name and its text."""
    return {
        "language.md": _page("The language: reference", _language()),
        "diagnostics.md": _page("Diagnostics", _diagnostics()),
        "commands.md": _page("Commands", _commands()),
    }


def _page(title: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", _NOTE, *(part.strip("\n") for part in parts)]) + "\n"


def _language() -> Iterator[str]:
    yield (
        "Every field, name and function. [The guide](../language.md) says how they work together, and"
        " `agentflow explain foreach` says the same as this page. Capitals in a field stand for names of your own:"
        " `steps.ID.when` is `when` of any step. A field in bold is required."
    )
    workflow = [field for field in fields() if field.file == "workflow"]
    yield "## Workflow files"
    yield _field_table([field for field in workflow if not field.path.startswith("steps.ID.")])
    yield "## Kinds of step"
    yield "A step has exactly one of these keys."
    for kind in KINDS.values():
        yield f"### {kind.name}"
        notes = [f"{kind.summary[0].upper()}{kind.summary[1:]}. Its output is {kind.output}."]
        notes += [f"Beside it, `.{name}` is {about}." for name, about in kind.beside.items()]
        if kind.effect:
            notes.append("It acts on the world outside: it is tried again only where `retry` or `idempotent` says so.")
        if kind.name in CACHED:
            notes.append("`cache: true` keeps its outcome for later runs.")
        yield " ".join(notes)
        yield _field_table([field for field in workflow if kind.name in field.kinds], "steps.ID.")
        yield "```yaml steps\n" + _block({"example": kind_example(kind.name)}) + "```"
    yield "## Fields of every step"
    yield _field_table([f for f in workflow if f.path.startswith("steps.ID.") and not f.kinds], "steps.ID.")
    yield "## What can be read of a step"
    rows = [(f"`steps.ID.{name}`", about) for name, about in STEP_FIELDS.items()]
    rows += [
        (f"`steps.ID.{name}`", f"of a `{kind.name}` step: {about}")
        for kind in KINDS.values()
        for name, about in kind.beside.items()
    ]
    yield _table(("in an expression", "what it is"), rows)
    yield "## Names in expressions"
    yield _table(
        ("name", "what it is", "where it can be read"),
        [(f"`{root.name}`", root.summary, _where(root.places, root.why_not)) for root in ROOTS.values()],
    )
    for root in ROOTS.values():
        if root.fields:
            yield _table(
                (f"of `{root.name}`", "what it is"),
                [(f"`{root.name}.{name}`", about) for name, about in root.fields.items()],
            )
    for title, lead, form, table in (
        ("Filters", "`value | filter`", "{}", FILTERS),
        ("Tests", "`value is test`, or `value is not test`", "{}", TESTS),
        ("Functions", "`function(…)`", "{}", FUNCTIONS),
    ):
        yield f"## {title}"
        yield f"Written as {lead}. What ends in `?` may be left out."
        yield _function_table(form, table.values())
    for title, lead, file in (
        ("Agent files", "Files in `agents/`, and what stands under `agents:` of a workflow.", "agent"),
        ("The project file", "`agentflow.yaml` in the project's root.", "project"),
        ("JSON Schema", "What `output`, `form` and the fields of `inputs` may hold.", "schema"),
    ):
        yield f"## {title}"
        yield lead
        yield _field_table([field for field in fields() if field.file == file])


def _where(places: frozenset[Place], why_not: str) -> str:
    if places == frozenset(Place):
        return "everywhere"
    missing = [place.value for place in Place if place not in places]
    if why_not:
        return why_not.removeprefix("it exists ").removeprefix("it can be read ")
    return f"everywhere but in {' and '.join(missing)}"


def _field_table(listed: Sequence[Field], prefix: str = "") -> str:
    rows = []
    for field in listed:
        name = f"`{field.path.removeprefix(prefix)}`"
        values = ", ".join(f"`{as_yaml(value)}`" for value in field.values)
        shape = f"{field.type}: {values}" if field.type and values else field.type or values or "anything"
        example = f"`{as_yaml(field.examples[0])}`" if field.examples else ""
        rows.append((f"**{name}**" if field.required else name, field.about, shape, example))
    return _table(("field", "what it says", "what it holds", "example"), rows)


def _function_table(form: str, functions: Iterable[Function]) -> str:
    rows = [
        (f"`{form.format(f.signature)}`", f.summary, f"`{f.example}`", f"`{as_yaml(f.example_value)}`")
        for f in functions
    ]
    return _table(("name", "what it gives", "example", "is"), rows)


def _diagnostics() -> Iterator[str]:
    yield (
        "Every code that `agentflow validate` knows, with a file that earns it and the same file mended."
        " `agentflow explain AF201` shows one of them. [Checking](../checking.md) says how to choose among them."
    )
    for family in dict.fromkeys(code[:3] for code in CODES):
        members = [code for name, code in CODES.items() if name.startswith(family)]
        yield f"## {_FAMILIES.get(family, f'{family}xx')}"
        yield _table(
            ("code", "title", "severity"),
            [(f"[{code.code}](#{code.code.lower()})", code.title, code.severity.value) for code in members],
        )
        for code in members:
            yield f"### {code.code}"
            yield f"**{code.title[0].upper()}{code.title[1:]}** ({code.severity.value})"
            yield code.why
            for title, text in (("Wrong:", code.wrong), ("Right:", code.right)):
                if text:
                    yield f"{title}\n\n{_fenced(text, title)}"


def _fenced(text: str, title: str) -> str:
    """A file that wrong text is part of may hold what Markdown cannot show: such characters become visible."""
    shown = "".join(c if c == "\n" or c.isprintable() or c == "\t" else f"\\x{ord(c):02x}" for c in text)
    fence = "````" if "```" in shown else "```"
    several = "\napiVersion:" in shown and shown.startswith("# ")  # a project, which is no YAML file
    language = "text" if several else "yaml invalid" if title == "Wrong:" else "yaml"
    return f"{fence}{language}\n{shown.rstrip(chr(10))}\n{fence}"


def _commands() -> Iterator[str]:
    yield "What `--help` of each command prints. Exit codes are listed in [running](../running.md#exit-codes)."
    app = build_app()
    for section in dict.fromkeys(verb.section for verb in VERBS):
        yield f"## {section}"
        for verb in (verb for verb in VERBS if verb.section == section):
            yield from _command(app, verb, "agentflow")


def _command(group: Any, verb: Verb, path: str) -> Iterator[str]:
    context = group.context_class(group, info_name=path)
    command = group.get_command(context, verb.name)
    inner = command.context_class(command, info_name=f"{path} {verb.name}", terminal_width=_WIDTH, color=False)
    yield f"### {path} {verb.name}"
    lines = [line.rstrip() for line in command.get_help(inner).strip("\n").splitlines()]
    yield "```text\n" + "\n".join(lines) + "\n```"
    for below in verb.verbs:
        yield from _command(command, below, f"{path} {verb.name}")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _block(value: Any, indent: str = "") -> str:
    """A mapping as YAML, a line for each field."""
    lines = ""
    for key, inner in value.items():
        if isinstance(inner, dict):
            lines += f"{indent}{key}:\n{_block(inner, indent + '  ')}"
        else:
            lines += f"{indent}{key}: {as_yaml(inner)}\n"
    return lines


def main() -> int:
    """Write the pages; with --check only say which are out of date, and end with 1 when one is."""
    stale = []
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        path = REFERENCE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    sys.stdout.write("".join(f"docs/reference/{name}\n" for name in stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
