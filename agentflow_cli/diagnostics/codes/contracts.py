"""AF53x, AF54x: contracts. Schemas, what calls are given, and what agents may do."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.codes.whole_projects import with_function, with_tool
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = "apiVersion: agentflow/v1\n"


def _output(schema: str) -> str:
    return f"{_HEAD}steps:\n  judge:\n    prompt: Judge the text.\n    output: {schema}\n"


CODES: tuple[Code, ...] = (
    Code(
        "AF345",
        "an output that the step never gives",
        "`output` declares what a step gives, and a step whose output is something else has failed. What this kind of"
        " step gives is known before it runs: the text of a command, the fields of `set`, the answer to a question."
        " It can never match here. A command that prints JSON needs `format: json`.",
        f"{_HEAD}steps:\n  count:\n    run: ./count.sh\n    output: {{type: integer}}\n",
        f"{_HEAD}steps:\n  count:\n    run: ./count.sh\n    format: json\n    output: {{type: integer}}\n",
    ),
    Code(
        "AF531",
        "an object of which every field may be missing",
        "A JSON Schema with `properties` says how the fields look if they are there; which must be there stands in"
        " `required`. Without it a model may answer `{}`, and the step that reads a field fails. List the fields that"
        " the workflow reads, or write `required: []` if really all may be missing. `validate --fix` lists all.",
        _output("{type: object, properties: {score: {type: integer}}}"),
        _output("{type: object, properties: {score: {type: integer}}, required: [score]}"),
        Severity.WARNING,
    ),
    Code(
        "AF532",
        "a required field that is not described",
        "`required` names fields of `properties`. A name that is not there is misspelt, or its description is missing:"
        " no step could read it.",
        _output("{type: object, properties: {score: {type: integer}}, required: [scroe]}"),
        _output("{type: object, properties: {score: {type: integer}}, required: [score]}"),
    ),
    Code(
        "AF533",
        "a schema that contradicts itself",
        "No value can match: the least is more than the most, or a value of `enum` or `const` is refused by the rest"
        " of the schema.",
        _output("{type: integer, minimum: 5, maximum: 1}"),
        _output("{type: integer, minimum: 1, maximum: 5}"),
    ),
    Code(
        "AF534",
        "a rule for values of another type",
        "JSON Schema has its rules by type: `minLength` for strings, `minimum` for numbers, `items` for arrays,"
        " `properties` for objects. For a value of another type such a rule is always fulfilled, so that it says"
        " nothing.",
        _output("{type: string, maximum: 100}"),
        _output("{type: string, maxLength: 100}"),
        Severity.WARNING,
    ),
    Code(
        "AF535",
        "an argument of the wrong type",
        "The type hints of a Python function, and the schema of a tool, say what `with` can give. The value here, or"
        " every value that the expression can have, is of another type. Cast it (`| int`, `| string`), or give"
        " another value.",
        f"{_HEAD}steps:\n  look:\n    tool: read_file\n    with: {{path: notes.md, lines: many}}\n",
        f"{_HEAD}steps:\n  look:\n    tool: read_file\n    with: {{path: notes.md, lines: 20}}\n",
    ),
    Code(
        "AF542",
        "an example that its own schema refuses",
        "The `examples` of a schema, and a `default` inside one, show what is meant to whoever fills it in: a model"
        " gets them with the schema. One that the schema would refuse leads to an answer that is refused.",
        _output("{type: string, pattern: '^[A-Z]', examples: [Good, bad]}"),
        _output("{type: string, pattern: '^[A-Z]', examples: [Good, Bad]}"),
        Severity.WARNING,
    ),
    Code(
        "AF543",
        "a Python function that gives what is not JSON",
        "What a step gives is kept as JSON: texts, numbers, booleans, None, lists, and dicts whose keys are texts. The"
        " type hint of the function, or its `yield`, says that something else comes, and the step would fail. It is a"
        " warning where the function may also give None, or an empty list.",
        with_function("count.py:words", code="def words(text: str) -> set[str]:\n    return set(text.split())\n"),
        with_function("count.py:words", code="def words(text: str) -> list[str]:\n    return sorted(text.split())\n"),
    ),
    Code(
        "AF544",
        "a parameter of a type that never comes",
        "What `with` gives a Python function is JSON: texts, numbers, booleans, None, lists and dicts. By its type hint"
        " the function takes something else, such as a `Path`, a `date` or an object of a class; nothing makes one of"
        " what comes, and the function uses it as no text, number, list or dict can be used. Take a text or a dict, and"
        " make it inside the function.",
        with_function(
            "count.py:words",
            "{file: notes.txt}",
            "from pathlib import Path\n\n\ndef words(file: Path) -> int:\n    return len(file.read_text().split())\n",
        ),
        with_function(
            "count.py:words",
            "{file: notes.txt}",
            "from pathlib import Path\n\n\ndef words(file: str) -> int:\n"
            "    return len(Path(file).read_text().split())\n",
        ),
        Severity.WARNING,
    ),
    Code(
        "AF541",
        "an agent that can act without limits",
        "A function in `tools/` may change something, and a model decides how often it is called, also when a page that"
        " it has read tells it to. `limits` of the agent, or of each step that uses it, bound the turns, tokens, cost"
        " and time of one task. Tools that only look (`http_get`, `read_file`) do not ask for them.",
        with_tool("{instructions: You keep notes., tools: [add_note]}"),
        with_tool("{instructions: You keep notes., tools: [add_note], limits: {turns: 8}}"),
        severity=Severity.WARNING,
    ),
)
