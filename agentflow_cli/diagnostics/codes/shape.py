"""AF2xx: the file's shape: fields, types, names."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.codes.whole_projects import project_file

_HEAD = "apiVersion: agentflow/v1\n"


def _step(*fields: str) -> str:
    return f"{_HEAD}steps:\n  hello:\n" + "".join(f"    {field}\n" for field in fields)


CODES: tuple[Code, ...] = (
    Code(
        "AF200",
        "the file is not a workflow",
        "A workflow is a mapping with `apiVersion: agentflow/v1` and `steps:`. This file is something else: a"
        " list, a text, or a file of another tool.",
        "jobs:\n  build:\n    steps: []\n",
        _step("run: echo hello"),
    ),
    Code(
        "AF201",
        "an unknown field",
        "Unknown fields are refused, for a misspelt field would silently do nothing. Each kind of step has its"
        " own fields: `agentflow explain prompt` lists those of `prompt`. At the top of a file, keys that start"
        " with `x-` are free.",
        _step("prompt: Say hello.", "modle: fast"),
        _step("prompt: Say hello.", "model: fast"),
    ),
    Code(
        "AF202",
        "a field is missing",
        "This field must be there.",
        "steps:\n  hello:\n    run: echo hello\n",
        _step("run: echo hello"),
    ),
    Code(
        "AF203",
        "a value of the wrong type",
        "The field takes another type of value. Unquoted numbers, `true`, `false` and `null` are no strings in"
        " YAML; `yes`, `no`, `on` and `off` are strings since YAML 1.2.",
        _step("run: echo hello", "foreach: [1, 2]", "max_parallel: many"),
        _step("run: echo hello", "foreach: [1, 2]", "max_parallel: 2"),
    ),
    Code(
        "AF204",
        "a value that is not among those allowed",
        "The field takes one of a few words.",
        _step("run: echo '{}'", "format: jsn"),
        _step("run: echo '{}'", "format: json"),
    ),
    Code(
        "AF205",
        "a name that is spelt wrongly",
        "Ids of steps and names of inputs are lower-case letters, digits and `_`, a letter first, so that"
        " expressions can read them: `steps.fetch_all.output`. A workflow's and a memory's name may hold `-` as"
        " well.",
        f"{_HEAD}steps:\n  Say-Hello:\n    run: echo hello\n",
        f"{_HEAD}steps:\n  say_hello:\n    run: echo hello\n",
    ),
    Code(
        "AF206",
        "a value that is too small, too large, or there twice",
        "The field has bounds; the message names them.",
        _step("run: echo hello", "foreach: [1, 2]", "max_parallel: 0"),
        _step("run: echo hello", "foreach: [1, 2]", "max_parallel: 1"),
    ),
    Code(
        "AF207",
        "a step without a kind",
        "A step says what it does by one key: `prompt`, `agent`, `run`, `python`, `http`, `tool`, `workflow`, `steps`,"
        " `ask`, `recall`, `remember`, `set`, `wait`, `notify` or `fail`.",
        _step("timeout: 5s"),
        _step("run: echo hello", "timeout: 5s"),
    ),
    Code(
        "AF208",
        "a step with two kinds",
        "A step does one thing. Make two steps; the second reads the output of the first, or names it under `needs`.",
        _step("run: echo hello", "prompt: Say hello."),
        f"{_HEAD}steps:\n  hello:\n    run: echo hello\n  again:\n    needs: [hello]\n    prompt: Say hello.\n",
    ),
    Code(
        "AF209",
        "something of a later version",
        "The language will have it, and this version does not run it yet. `agentflow version` says which"
        " version this is.",
        _step("prompt: Describe it.", "files: [picture.png]"),
        _step("prompt: Describe it."),
    ),
    Code(
        "AF210",
        "not a duration",
        "Durations carry their unit: `250ms`, `30s`, `5m`, `1h30m`, `2d`. A number alone could be seconds or"
        " milliseconds.",
        _step("run: echo hello", "timeout: 30"),
        _step("run: echo hello", "timeout: 30s"),
    ),
    Code(
        "AF211",
        "fields that exclude each other",
        "An `ask` offers choices or a form, not both. A `remember` takes files or one text. An `http` sends `json` or"
        " `body`.",
        _step("ask: {message: Go on?, choices: [yes, no], form: {reason: {type: string}}}"),
        _step("ask: {message: Go on?, choices: [yes, no]}"),
    ),
    Code(
        "AF212",
        "a field that needs `foreach`",
        "`as`, `max_parallel` and `fail_fast` shape a `foreach`. Without one they would do nothing.",
        _step("run: echo hello", "max_parallel: 4"),
        _step("run: echo hello", "foreach: [1, 2]", "max_parallel: 4"),
    ),
    Code(
        "AF213",
        "a default that does not fit",
        "The default of an input, or of a field of a form, must be a value that it accepts, and the answer for CI one"
        " that the form accepts.",
        f"{_HEAD}inputs:\n  count: {{type: integer, default: many}}\nsteps:\n  hello:\n    run: echo hello\n",
        f"{_HEAD}inputs:\n  count: {{type: integer, default: 3}}\nsteps:\n  hello:\n    run: echo hello\n",
    ),
    Code(
        "AF215",
        "another version of the language",
        "`apiVersion` says which version of the language a file is written in, so that a later version can"
        " migrate it. This version reads `agentflow/v1`.",
        "apiVersion: agentflow/v9\nsteps:\n  hello:\n    run: echo hello\n",
        _step("run: echo hello"),
    ),
    Code(
        "AF216",
        "not the name of a function",
        "A Python step names a function in a file beside the workflow (`tools/text.py:clean`) or in an"
        " installed module (`acme.text:clean`).",
        _step("python: clean"),
        _step("python: json:dumps", "with: {obj: 1}"),
    ),
    Code(
        "AF217",
        "an input that is not described by a JSON Schema",
        "What an input accepts is described in JSON Schema. A pattern must be a regular expression, and bounds"
        " must be numbers.",
        f"{_HEAD}inputs:\n  name: {{type: string, pattern: '['}}\nsteps:\n  hello:\n    run: echo hello\n",
        f"{_HEAD}inputs:\n  name: {{type: string, pattern: '[a-z]'}}\nsteps:\n  hello:\n    run: echo hello\n",
    ),
    Code(
        "AF218",
        "a step that cannot be cached",
        "`cache: true` keeps an outcome for later runs. A step that acts on the world outside (`run`, `tool`,"
        " `notify`, an"
        " `http` that sends) must happen in each of them, and so must a question, a pause and what is"
        " remembered. Within"
        " one run, and when it is resumed, a success is never done again anyway.",
        _step("run: ./post.sh", "cache: true"),
        _step("prompt: Say hello.", "cache: true"),
    ),
    Code(
        "AF219",
        "a secret without a source",
        "`secrets` of `agentflow.yaml` says for each name where its value comes from: `env:NAME`, an environment"
        " variable, `file:PATH`, or `store:NAME`, what `agentflow secrets set` keeps for you; `api_key` of a model says"
        " it in the same way. The value itself never stands in a file of the project.",
        project_file("secrets:\n  MAIL_PASSWORD: correct horse\n"),
        project_file("secrets:\n  MAIL_PASSWORD: store:MAIL_PASSWORD\n"),
    ),
    Code(
        "AF221",
        "a name of the project file that is taken",
        "The channels `terminal` and `log` are built in, and mean the same in every project.",
        project_file("notify:\n  log: {command: [./post.sh]}\n"),
        project_file("notify:\n  team: {command: [./post.sh]}\n"),
    ),
)
