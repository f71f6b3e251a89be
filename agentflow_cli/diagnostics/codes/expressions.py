"""AF4xx: expressions and templates themselves."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity


def _text(text: str) -> str:
    body = "".join(f"      {line}\n" for line in text.splitlines())
    return f"apiVersion: agentflow/v1\ninputs:\n  topic: {{type: string}}\nsteps:\n  show:\n    prompt: |\n{body}"


def _when(condition: str) -> str:
    head = "apiVersion: agentflow/v1\ninputs:\n  topic: {type: string}\n"
    return f"{head}steps:\n  show:\n    run: echo hello\n    when: {condition}\n"


CODES: tuple[Code, ...] = (
    Code(
        "AF401",
        "an expression that cannot be read",
        "The grammar is Jinja2's: names, literals, operators, `| filter`, `is test`, `A if CONDITION else B`. Text is"
        " quoted. The message points at the first piece that does not fit.",
        _text("${{ inputs.topic + }}"),
        _text("${{ inputs.topic + '!' }}"),
    ),
    Code(
        "AF402",
        "`${{` or `{%` that is never closed",
        "An expression ends with `}}`, a tag with `%}`. To write the three characters `${{` themselves, write `$${{`.",
        _text("${{ inputs.topic"),
        _text("${{ inputs.topic }}"),
    ),
    Code(
        "AF403",
        "`{{ … }}` without `$`",
        "Expressions are written `${{ … }}`. Braces alone would stay in the text, which is rarely meant. To write them"
        " on purpose, write `${{ '{{' }}`.",
        _text("{{ inputs.topic }}"),
        _text("${{ inputs.topic }}"),
    ),
    Code(
        "AF404",
        "`${ … }` with one brace",
        "Expressions have two braces on each side. `${HOME}` and other names of the shell stay text.",
        _text("${ inputs.topic }"),
        _text("${{ inputs.topic }}"),
    ),
    Code(
        "AF405",
        "an operator of another language",
        "`&&`, `||` and `!` are written `and`, `or` and `not`; `===` and `=` are written `==`; `C ? A : B` is written"
        " `A if C else B`.",
        _when("inputs.topic != '' && true"),
        _when("inputs.topic != '' and true"),
    ),
    Code(
        "AF406",
        "tags that do not fit together",
        "The tags are `{% if %}`, `{% elif %}`, `{% else %}`, `{% endif %}`, `{% for NAME in VALUES %}`,"
        " `{% endfor %}`; each block is closed by its own end. Other tags of Jinja are not in this language.",
        _text("{% if inputs.topic != '' %}\nyes"),
        _text("{% if inputs.topic != '' %}\nyes\n{% endif %}"),
    ),
    Code(
        "AF407",
        "there is no such filter",
        "The message names the nearest filter, or all of them. There is one spelling for each.",
        _text("${{ inputs.topic | uppercase }}"),
        _text("${{ inputs.topic | upper }}"),
    ),
    Code(
        "AF408",
        "there is no such test",
        "Tests follow `is`, and are named in `select` and `selectattr`.",
        _when("inputs.topic is begins('a')"),
        _when("inputs.topic is startswith('a')"),
    ),
    Code(
        "AF409",
        "nothing that can be called",
        "Values have no methods: use a filter. The only function is `coalesce`.",
        _text("${{ inputs.topic.upper() }}"),
        _text("${{ inputs.topic | upper }}"),
    ),
    Code(
        "AF410",
        "wrong arguments",
        "The message shows how the filter, test or function is written; a parameter with `?` may be left out.",
        _text("${{ inputs.topic | replace('a') }}"),
        _text("${{ inputs.topic | replace('a', 'b') }}"),
    ),
    Code(
        "AF411",
        "the name of a step is computed",
        "What a step reads decides what it waits for, and that must be known before the run. So `steps.` is followed"
        " by a literal id.",
        _text("${{ steps[inputs.topic].output }}"),
        _text("${{ inputs.topic }}"),
    ),
    Code(
        "AF412",
        "`${{ }}` around a part of a bare expression",
        "`when` and `foreach` are expressions already. `${{ }}` may stand around all of the value, and is not needed.",
        _when("${{ inputs.topic }} == 'a'"),
        _when("inputs.topic == 'a'"),
    ),
    Code(
        "AF413",
        "an expression that is too large",
        "The length of an expression, the depth of its brackets and the size of its numbers are bounded. Compute"
        " what is large in a `set` or `python` step.",
        _text("${{ " + "(" * 40 + "1" + ")" * 40 + " }}"),
        _text("${{ (1) }}"),
    ),
    Code(
        "AF414",
        "a condition that is not true or false",
        "`when` must be a boolean. Nothing is taken for true because it is not empty: compare it.",
        _when("inputs.topic | length"),
        _when("inputs.topic | length > 0"),
    ),
    Code(
        "AF415",
        "an expression in a script",
        "A string under `run` is a shell script, and is run as it is written: a value spliced into it could become"
        " code. Values enter a command by `env:`, by `stdin:`, or as elements of a list under `run`.",
        "apiVersion: agentflow/v1\ninputs:\n  topic: {type: string}\nsteps:\n  show:\n"
        "    run: echo ${{ inputs.topic }}\n",
        "apiVersion: agentflow/v1\ninputs:\n  topic: {type: string}\nsteps:\n  show:\n"
        '    run: echo "$TOPIC"\n    env: {TOPIC: "${{ inputs.topic }}"}\n',
    ),
    Code(
        "AF416",
        "`foreach` over something that is not an array",
        "`foreach` takes an array. An object is iterated as `x | items`, with `item.key` and `item.value`.",
        "apiVersion: agentflow/v1\nsteps:\n  show:\n    foreach: \"'abc' | length\"\n    set: {it: '${{ item }}'}\n",
        "apiVersion: agentflow/v1\nsteps:\n  show:\n    foreach: \"'abc' | list\"\n    set: {it: '${{ item }}'}\n",
    ),
    Code(
        "AF418",
        "an expression where values are taken as they are",
        "Names, models, memories, file names and defaults of inputs are literal. An expression there would"
        " silently be text.",
        "apiVersion: agentflow/v1\ninputs:\n  topic: {type: string}\nsteps:\n  show:\n    prompt: Hello.\n"
        "    model: ${{ inputs.topic }}\n",
        "apiVersion: agentflow/v1\nsteps:\n  show:\n    prompt: Hello.\n    model: fast\n",
    ),
    Code(
        "AF222",
        "a text that names a value",
        "Outside of `when`, `until` and `foreach` a string is text, and an expression stands in `${{ }}`. This string"
        " is nothing but the name of something that is there, so that its value was probably meant. Where the text"
        " itself is meant, write `${{ 'inputs.topic' }}`.",
        "apiVersion: agentflow/v1\ninputs:\n  topic: {type: string}\nsteps:\n  show:\n    set: {about: inputs.topic}\n"
        "outputs:\n  about: ${{ steps.show.output.about }}\n",
        "apiVersion: agentflow/v1\ninputs:\n  topic: {type: string}\nsteps:\n  show:\n"
        "    set: {about: '${{ inputs.topic }}'}\noutputs:\n  about: ${{ steps.show.output.about }}\n",
        Severity.WARNING,
    ),
)
