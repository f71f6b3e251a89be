"""AF1xx: the file as text and as YAML."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = "apiVersion: agentflow/v1\n"
_NAMED = f"{_HEAD}inputs: {{name: {{type: string}}}}\n"


def _step(field: str) -> str:
    return f"{_HEAD}steps:\n  hello:\n    {field}\n"


CODES: tuple[Code, ...] = (
    Code(
        "AF100",
        "the file cannot be read",
        "There is no such file, or it is a directory, or you may not read it. Check the path; `agentflow"
        " validate` without a path takes every file in `workflows/`.",
    ),
    Code(
        "AF101",
        "the file is not UTF-8 text",
        "Workflow files are UTF-8. A file saved as UTF-16 or Latin-1 reads as something else than its author"
        " wrote, so it is refused. Save it again as UTF-8.",
    ),
    Code(
        "AF102",
        "a character that YAML does not allow",
        "NUL, escape and most other control characters are not allowed in YAML, and they hide in terminals."
        " Remove the"
        ' character, or write it as an escape inside double quotes: `"\\x1b"`. NUL cannot be written at all.',
        _step('set: {text: "a\\0b"}'),
        _step('set: {text: "ab"}'),
    ),
    Code(
        "AF103",
        "the file is too large or nested too deeply",
        "A workflow file may have 5 MB, 250,000 values, 100 levels of nesting, 10,000 steps, and 100,000 expressions;"
        " those that are more than reads and comparisons may have 500,000 characters together. Of its errors and"
        " warnings 1,000 each are told. Real files stay far below; what goes above is generated or hostile. Split the"
        " workflow, or move data into files that steps read.",
        _step(f"set: {{deep: {'[' * 101}{']' * 101}}}"),
        _step("set: {deep: [[1, 2], [3]]}"),
    ),
    Code(
        "AF104",
        "a tab where YAML wants spaces",
        "YAML does not allow tabs for indentation, for their width is not defined. Use two spaces for each level. No"
        " other blank is a space either: text copied from a web page may hold some that do not break lines.",
        f"{_HEAD}steps:\n  hello:\n\trun: echo hello\n",
        _step("run: echo hello"),
    ),
    Code(
        "AF105",
        "the file is not valid YAML",
        "The YAML parser cannot go on at this place. The usual reasons are a missing `:`, a quote or bracket"
        " that is never closed, and a line indented differently from its neighbours.",
        _step("set: {greeting: 'hello}"),
        _step("set: {greeting: 'hello'}"),
    ),
    Code(
        "AF106",
        "a key is written twice",
        "Plain YAML lets the last of two equal keys win without a word, so that one of them does nothing."
        " Remove or rename one of them.",
        f"{_HEAD}steps:\n  hello:\n    run: echo one\n  hello:\n    run: echo two\n",
        f"{_HEAD}steps:\n  hello:\n    run: echo one\n  again:\n    run: echo two\n",
    ),
    Code(
        "AF107",
        "a key is not a string",
        "Keys are names. YAML reads an unquoted `1`, `true` or `null` as another type, and a list or mapping as"
        " a key has no meaning here. Put the key into quotes.",
        _step("set: {data: {1: one}}"),
        _step('set: {data: {"1": one}}'),
    ),
    Code(
        "AF108",
        "merge keys are not supported",
        "`<<` is not part of YAML 1.2, and what a merged field finally says is hard to see in a review. Write"
        " the fields out, or share whole values with an anchor (`&name`, `*name`).",
        f"{_HEAD}x-base: &base {{timeout: 5s}}\nsteps:\n  hello:\n    <<: *base\n    run: echo hello\n",
        f"{_HEAD}steps:\n  hello:\n    timeout: 5s\n    run: echo hello\n",
    ),
    Code(
        "AF109",
        "an alias that cannot be used",
        "`*name` repeats the value that `&name` marked earlier in the file. It cannot stand for something"
        " unknown or for a value that contains it, and repeating may not blow the file up. A value that shall"
        " start with `*` needs quotes.",
        _step("set: {stars: *five}"),
        _step("set: {stars: '*five'}"),
    ),
    Code(
        "AF110",
        "YAML tags are not supported",
        "A word that starts with `!` is a tag, an instruction to the YAML parser. Types come from the value"
        " itself: quote what shall be a string. In a condition, write `not x` instead of `!x`.",
        _step("set: {number: !!str 12}"),
        _step('set: {number: "12"}'),
    ),
    Code(
        "AF111",
        "more than one document in the file",
        "A line `---` starts another YAML document. One file holds one workflow: move the second to a file of its own.",
        _step("run: echo one") + "---\n" + _step("run: echo two"),
        _step("run: echo one"),
    ),
    Code(
        "AF112",
        "an expression that YAML reads as a mapping",
        "Braces open a mapping in YAML. Expressions are written `${{ … }}`, and need quotes inside `{…}` and"
        " `[…]`. A value that only starts with `${{` needs none.",
        f"{_NAMED}steps:\n  hello:\n    set: {{name: {{{{ inputs.name }}}}}}\n",
        f'{_NAMED}steps:\n  hello:\n    set: {{name: "${{{{ inputs.name }}}}"}}\n',
    ),
    Code(
        "AF113",
        "a value that needs quotes",
        "YAML gives `: `, a leading quote, `@`, a backquote and some other characters a meaning of their own."
        " Put the whole value into quotes, and write quotes inside it doubled or of the other sort.",
        f"{_NAMED}steps:\n  hello:\n    when: 'bug' == inputs.name\n    run: echo hello\n",
        f"{_NAMED}steps:\n  hello:\n    when: \"'bug' == inputs.name\"\n    run: echo hello\n",
    ),
    Code(
        "AF114",
        "a comment cuts an expression off",
        "A space and `#` start a comment, also in the middle of an unquoted expression. Put the whole value"
        " into quotes.",
        f"{_NAMED}steps:\n  hello:\n    when: inputs.name == 'a #1'\n    run: echo hello\n",
        f"{_NAMED}steps:\n  hello:\n    when: \"inputs.name == 'a #1'\"\n    run: echo hello\n",
    ),
    Code(
        "AF115",
        "a number that JSON cannot hold",
        "Values travel as JSON: integers have 64 bits, and there is no infinity and no `nan`. Quote the value"
        " to make it a string.",
        _step("set: {serial: 123456789012345678901234567890}"),
        _step('set: {serial: "123456789012345678901234567890"}'),
    ),
    Code(
        "AF116",
        "a number loses its leading zeros",
        "YAML 1.2 reads `007` as the number 7. Quote it when it is a code or an identifier, or drop the zeros"
        " when it is a number.",
        _step("set: {agent: 007}"),
        _step('set: {agent: "007"}'),
        Severity.WARNING,
    ),
    Code(
        "AF117",
        "the file is empty",
        "There is nothing in the file but blanks and comments. The smallest workflow is shown here.",
        "# nothing yet\n",
        _step("run: echo hello"),
    ),
    Code(
        "AF118",
        "a template in a key",
        "Keys are fixed when the file is checked: an expression in a key would make names that nobody can"
        " check. Build a mapping with such keys in a Python step.",
        f'{_NAMED}steps:\n  hello:\n    set: {{data: {{"${{{{ inputs.name }}}}": 1}}}}\n',
        f'{_NAMED}steps:\n  hello:\n    set: {{data: {{name: "${{{{ inputs.name }}}}"}}}}\n',
    ),
    Code(
        "AF120",
        "a key or token in a file",
        "What looks like the key of a provider would be committed, copied and shown with the file. Secrets are"
        " references: `secrets: [NAME]` on a step makes `secrets.NAME` readable in it, and `agentflow.yaml`"
        " says where it"
        " comes from. Revoke a key that was written down.",
        f"apiVersion: agentflow/v1\nsteps:\n  post:\n    run: ./post.sh\n    env: {{KEY: ghp_{'0123456789' * 4}}}\n",
        "apiVersion: agentflow/v1\nsteps:\n  post:\n    run: ./post.sh\n    secrets: [KEY]\n"
        "    env: {KEY: '${{ secrets.KEY }}'}\n",
    ),
)
