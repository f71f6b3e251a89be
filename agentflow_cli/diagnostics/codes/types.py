"""AF43x, AF44x: what expressions do with values of the wrong type."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = """apiVersion: agentflow/v1
inputs:
  count: {type: integer}
  topic: {type: string}
  tags: {type: array, items: {type: string}}
steps:
  sort:
    prompt: Sort ${{ inputs.topic }}.
    output:
      type: object
      properties:
        kind: {enum: [bug, question]}
        rows: {type: array, items: {type: object, properties: {name: {type: string}, size: {type: integer}}}}
      required: [kind, rows]
"""


_NULLABLE = """apiVersion: agentflow/v1
inputs:
  title: {{type: [string, 'null'], default: null}}
steps:
  show:
    set:
      it: "${{{{ {} }}}}"
"""


def _set(expression: str) -> str:
    return f'{_HEAD}  show:\n    set:\n      it: "${{{{ {expression} }}}}"\n'


CODES = (
    Code(
        "AF431",
        "an operator between values that it cannot take",
        "Arithmetic needs numbers; `<` and its like need two numbers or two strings; `~` joins what can stand in text."
        " Nothing is converted silently: cast with `| int`, `| float` or `| string`.",
        _set("inputs.topic > 5"),
        _set("inputs.topic | length > 5"),
    ),
    Code(
        "AF432",
        "a comparison with a value that never comes",
        "The value is declared with all that it can be (`enum`, the choices of an `ask`, the statuses of a step), and"
        " what it is compared with is none of that: the comparison would always go the same way.",
        _set("steps.sort.output.kind == 'bgu'"),
        _set("steps.sort.output.kind == 'bug'"),
    ),
    Code(
        "AF433",
        "a comparison of types that are never equal",
        "A number is never equal to a text, nor `true` to `1`: values are compared as JSON. The comparison would always"
        " go the same way. Write the value in the type that it is compared with, or cast one.",
        _set("inputs.count == '5'"),
        _set("inputs.count == 5"),
    ),
    Code(
        "AF434",
        "an index into something that has no such elements",
        "Arrays and texts have elements by number, objects fields by name. Nothing else can be indexed.",
        _set("inputs.count[0]"),
        _set("inputs.tags[0]"),
    ),
    Code(
        "AF435",
        "`{% for %}` over something that is not an array",
        "`for` takes an array. Of an object write `x | items`, of a text `x | lines` or `x | split(',')`.",
        f"{_HEAD}  show:\n    prompt: 'All: {{% for tag in inputs.topic %}}${{{{ tag }}}} {{% endfor %}}'\n",
        f"{_HEAD}  show:\n    prompt: 'All: {{% for tag in inputs.tags %}}${{{{ tag }}}} {{% endfor %}}'\n",
    ),
    Code(
        "AF436",
        "a filter or test of a value that it cannot take",
        "Each filter and test says what it works on: `length` on text, arrays and objects, `upper` on text, `sum` on"
        " numbers. The reference lists them all.",
        _set("inputs.count | length"),
        _set("inputs.tags | length"),
    ),
    Code(
        "AF437",
        "an attribute that no element has",
        "`map`, `selectattr`, `sort` and others look at a field of each element by its name. The elements are declared"
        " without such a field.",
        _set("steps.sort.output.rows | map(attribute='nmae') | list"),
        _set("steps.sort.output.rows | map(attribute='name') | list"),
    ),
    Code(
        "AF438",
        "something in the place of a condition that is not true or false",
        "`and`, `or`, `not`, `A if CONDITION else B` and `{% if %}` take booleans. Nothing is taken for true because it"
        " is not empty: compare it.",
        _set("'some' if inputs.tags else 'none'"),
        _set("'some' if inputs.tags | length > 0 else 'none'"),
    ),
    Code(
        "AF439",
        "a value in a text that cannot be written there",
        "Texts, numbers and booleans can stand in the middle of a text. An array or an object must say how: `| tojson`,"
        " `| join(', ')`; null needs a fall-back.",
        f"{_HEAD}  show:\n    prompt: 'Explain ${{{{ steps.sort.output.rows }}}}.'\n",
        f"{_HEAD}  show:\n    prompt: 'Explain ${{{{ steps.sort.output.rows | tojson }}}}.'\n",
    ),
    Code(
        "AF440",
        "a value that leaves the process and is no text",
        "Environment variables, arguments of a command, addresses, headers, prompts, questions and messages are text."
        " An array or an object must say how it is written: `| tojson`, `| join(',')`. One branch of `if … else`,"
        " `default` or `coalesce` that is never text is enough.",
        f'{_HEAD}  show:\n    run: ./show.sh\n    env: {{ROWS: "${{{{ steps.sort.output.rows }}}}"}}\n',
        f'{_HEAD}  show:\n    run: ./show.sh\n    env: {{ROWS: "${{{{ steps.sort.output.rows | tojson }}}}"}}\n',
    ),
    Code(
        "AF441",
        "a `default` that never helps",
        "`default` stands in for a value that is missing, and lets null pass. An input, and the item of a loop, is"
        " never missing: here the value may only be null. `coalesce(a, b)` gives `b` for both.",
        _NULLABLE.format("inputs.title | default('none')"),
        _NULLABLE.format("coalesce(inputs.title, 'none')"),
        Severity.WARNING,
    ),
)
