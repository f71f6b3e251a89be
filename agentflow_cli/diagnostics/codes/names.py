"""AF3xx: what expressions and `needs` refer to."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.codes.whole_projects import with_call, with_function, with_prompt
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = "apiVersion: agentflow/v1\n"
_FETCH = "  fetch:\n    run: echo '{}'\n"


def _steps(*lines: str, before: str = "") -> str:
    return f"{_HEAD}{before}steps:\n{_FETCH}" + "".join(f"  {line}\n" for line in lines)


def _reads(expression: str, before: str = "") -> str:
    return _steps("show:", f"  set: {{it: '${{{{ {expression} }}}}'}}", before=before)


_TOPIC = "inputs:\n  topic: {type: string}\n"
_PICK = "  pick:\n    set: {title: A tale}\n"

CODES: tuple[Code, ...] = (
    Code(
        "AF301",
        "there is no such name",
        "Every chain in an expression begins with one of a few names: `inputs`, `steps`, `env`, `run`, `project`,"
        " and inside a step with `foreach` also `item` and `index`. Nothing else is in reach: a step is read as"
        " `steps.ID.output`, an input as `inputs.NAME`.",
        _reads("topic", _TOPIC),
        _reads("inputs.topic", _TOPIC),
    ),
    Code(
        "AF302",
        "a name that exists, but not here",
        "`item` and `index` exist only in the values of a step with `foreach`: its `when` and its `foreach` are"
        " evaluated once, before there are children. Under `as` the element has that name instead of `item`."
        " `iteration` and `previous` exist only inside a step with `repeat`; `secrets` only in `env`, `http` and"
        " `with`.",
        _reads("item"),
        _steps("show:", "  foreach: [1, 2]", "  set: {it: '${{ item }}'}"),
    ),
    Code(
        "AF303",
        "`as` would hide another name",
        "`as` gives the element of a `foreach` a name of its own. It cannot be one that has a meaning already.",
        _steps("show:", "  foreach: [1, 2]", "  as: steps", "  set: {it: 1}"),
        _steps("show:", "  foreach: [1, 2]", "  as: number", "  set: {it: '${{ number }}'}"),
    ),
    Code(
        "AF304",
        "two steps of the same name",
        "Inside a group the steps around it can be read, so that an inner step cannot have the id of one of them. The"
        " steps of `finally` and `on_failure` share the ids of one run with the main steps.",
        _steps("several:", "  steps:", "    fetch: {run: echo hello}"),
        _steps("several:", "  steps:", "    load: {run: echo hello}"),
    ),
    Code(
        "AF305",
        "a `foreach` inside another one without a name of its own",
        "Both would call their element `item`. Give the inner one, or both, a name with `as`.",
        _steps("all:", "  foreach: [1, 2]", "  steps:", "    each: {foreach: [3, 4], set: {x: '${{ item }}'}}"),
        _steps("all:", "  foreach: [1, 2]", "  steps:", "    each: {foreach: [3, 4], as: it, set: {x: '${{ it }}'}}"),
    ),
    Code(
        "AF311",
        "reads an input that is not declared",
        "Inputs are declared under `inputs:` at the top of the file; each has a type.",
        _reads("inputs.topik", _TOPIC),
        _reads("inputs.topic", _TOPIC),
    ),
    Code(
        "AF312",
        "reads a step that does not exist",
        "`steps.ID` names another step of this workflow by its key under `steps:`.",
        _reads("steps.fetsh.output"),
        _reads("steps.fetch.output"),
    ),
    Code(
        "AF313",
        "a step reads itself",
        "A step can read only what was there before it. Its own output comes after.",
        _reads("steps.show.output"),
        _reads("steps.fetch.output"),
    ),
    Code(
        "AF314",
        "steps wait for each other",
        "A step runs when the steps that it reads or needs have settled. In a circle none could ever start. The"
        " places at which each step names the next are shown.",
        f"{_HEAD}steps:\n  a:\n    set: {{x: '${{{{ steps.b.output.x }}}}'}}\n  b:\n    set: {{x: 1}}\n"
        "    needs: [a]\n",
        f"{_HEAD}steps:\n  a:\n    set: {{x: '${{{{ steps.b.output.x }}}}'}}\n  b:\n    set: {{x: 1}}\n",
    ),
    Code(
        "AF315",
        "a step has no such field",
        "Of a step can be read: `output`, `status`, `error`; of one with `foreach` also `children`; of a `run` step"
        " also `exit_code` and `stderr`. What the step made is below `output`.",
        _reads("steps.fetch.outptu"),
        _reads("steps.fetch.output"),
    ),
    Code(
        "AF316",
        "a step cannot be read as a whole",
        "Say what of the step is meant; mostly `steps.ID.output`.",
        _reads("steps.fetch"),
        _reads("steps.fetch.output"),
    ),
    Code(
        "AF317",
        "`run` or `project` has no such field",
        "`run.id` is the run's id and `run.workflow` its workflow; `project.name` is the project's name. `run.status`"
        " and `run.error` are there in `finally` and `on_failure`, when the run has settled.",
        _reads("run.name"),
        _reads("run.id"),
    ),
    Code(
        "AF318",
        "the value has no such field",
        "The definition of a step or an input says what its value looks like: `output:` of the step, the names in"
        " `set`, the fields of a form, the type of an input. A field that is not there would be missing when the"
        " workflow runs. Objects with declared properties are strict; `additionalProperties: true` opens one.",
        f"{_HEAD}steps:\n{_PICK}  show:\n    set: {{it: '${{{{ steps.pick.output.titel }}}}'}}\n",
        f"{_HEAD}steps:\n{_PICK}  show:\n    set: {{it: '${{{{ steps.pick.output.title }}}}'}}\n",
    ),
    Code(
        "AF319",
        "a secret that the step does not list",
        "`secrets: [NAME]` on a step makes `secrets.NAME` legal in its `env`, `http` and `with`. So it can be seen"
        " which steps get which secrets.",
        _steps("show:", "  run: ./post.sh", "  env: {KEY: '${{ secrets.API_KEY }}'}"),
        _steps("show:", "  run: ./post.sh", "  secrets: [API_KEY]", "  env: {KEY: '${{ secrets.API_KEY }}'}"),
    ),
    Code(
        "AF321",
        "`needs` names a step that does not exist",
        "`needs` lists keys of other steps under `steps:`. It is for order alone: a step waits for"
        " what it reads anyway.",
        _steps("show:", "  set: {it: 1}", "  needs: [fetsh]"),
        _steps("show:", "  set: {it: 1}", "  needs: [fetch]"),
    ),
    Code(
        "AF323",
        "a step needs itself",
        "`needs` lists other steps.",
        _steps("show:", "  set: {it: 1}", "  needs: [show]"),
        _steps("show:", "  set: {it: 1}", "  needs: [fetch]"),
    ),
    Code(
        "AF331",
        "the file of a Python function is not there",
        "`python: path.py:name` names a file relative to the workflow's file, inside the project; `package.module:name`"
        " names an installed module or one below the project's root.",
        with_function("counts.py:words"),
        with_function("count.py:words"),
    ),
    Code(
        "AF332",
        "there is no such function in the file",
        "The file was read, not run: a function must be defined, assigned or imported at the top level of the module.",
        with_function("count.py:word"),
        with_function("count.py:words"),
    ),
    Code(
        "AF333",
        "the file is not Python",
        "It cannot be parsed by the Python that agentflow runs on, so that no function in it could be called.",
        with_function("count.py:words", code="def words(text) {\n    return text.split().length;\n}\n"),
        with_function("count.py:words"),
    ),
    Code(
        "AF334",
        "arguments that the function does not take",
        "`with` gives a function its arguments by name. Each must be a parameter, and each parameter without a default"
        " must be given.",
        with_function("count.py:words", "{text: one two, most: 5}"),
        with_function("count.py:words"),
    ),
    Code(
        "AF341",
        "a prompt file cannot be used",
        "`prompt: {file: …}` names a UTF-8 text file relative to the workflow's file, inside the project. Its text is a"
        " template, and becomes a part of the plan.",
        with_prompt("questions.md"),
        with_prompt("question.md"),
    ),
    Code(
        "AF342",
        "a pattern that leads out of the project",
        "`files` of a `remember` step are patterns relative to the workflow's file, and stay inside the project.",
        _steps("keep:", "  remember: {files: ['/etc/*.md']}", "  memory: docs"),
        _steps("keep:", "  remember: {files: ['docs/*.md']}", "  memory: docs"),
    ),
    Code(
        "AF361",
        "an agent that is not there",
        "A step names its agent by a name under `agents:` of the workflow, by the name of a file in the project's"
        " `agents/`, or by a path relative to the workflow's file. A tool `agent:NAME` takes one of the names.",
        _steps("show:", "  agent: nobody", "  task: Answer."),
        _steps(
            "show:", "  agent: writer", "  task: Answer.", before="agents:\n  writer: {instructions: You are terse.}\n"
        ),
    ),
    Code(
        "AF362",
        "the file of a called workflow is not there",
        "`workflow: path` names a workflow file relative to the file in which it stands, inside the project. The path"
        " is literal, for the whole plan is frozen before a run starts.",
        with_call("{workflow: greeting.yaml, with: {who: Ann}}"),
        with_call("{workflow: greet.yaml, with: {who: Ann}}"),
    ),
    Code(
        "AF363",
        "workflows call each other in a circle",
        "A called workflow is frozen into the plan of its caller; in a circle that would never end. To do something"
        " again and again, use `repeat` on a step or a group.",
        with_call("{workflow: greet.yaml, with: {who: Ann}}", "  again: {workflow: report.yaml}\n"),
        with_call("{workflow: greet.yaml, with: {who: Ann}}"),
    ),
    Code(
        "AF364",
        "inputs that the called workflow does not take",
        "`with` gives a called workflow its inputs by name. Each must be declared under `inputs:` of that file, each"
        " input without a default must be given, and values must be of the declared type.",
        with_call("{workflow: greet.yaml, with: {who: Ann, whom: Bob}}"),
        with_call("{workflow: greet.yaml, with: {who: Ann}}"),
    ),
    Code(
        "AF365",
        "a workflow that cannot be called",
        "`finally` and `on_failure` run when a whole run settles. A called workflow is a part of another run;"
        " move these"
        " steps to the workflow that is run.",
        with_call("{workflow: greet.yaml, with: {who: Ann}}", "finally:\n  tell: {run: echo greeted}\n"),
        with_call("{workflow: greet.yaml, with: {who: Ann}}"),
    ),
    Code(
        "AF366",
        "a step gives its agent a tool",
        "`tools` of a step takes tools away from its agent for this task. What an agent may use at all stands"
        " in the agent"
        " itself, where it can be reviewed.",
        _steps(
            "show:",
            "  agent: writer",
            "  task: Answer.",
            "  tools: [read_file]",
            before="agents:\n  writer: {instructions: You are terse., tools: [http_get]}\n",
        ),
        _steps(
            "show:",
            "  agent: writer",
            "  task: Answer.",
            "  tools: [http_get]",
            before="agents:\n  writer: {instructions: You are terse., tools: [http_get, read_file]}\n",
        ),
    ),
    Code(
        "AF367",
        "agents that delegate in a circle",
        "An agent that has another one as a tool waits for it. In a circle they could go on handing a task around.",
        _steps(
            "show:",
            "  agent: a",
            "  task: Answer.",
            before="agents:\n  a: {instructions: x, tools: ['agent:b']}\n  b: {instructions: x, tools: ['agent:a']}\n",
        ),
        _steps(
            "show:",
            "  agent: a",
            "  task: Answer.",
            before="agents:\n  a: {instructions: x, tools: ['agent:b']}\n  b: {instructions: x}\n",
        ),
    ),
    Code(
        "AF371",
        "a tool that is not there",
        "Tools are built in, or public functions with type hints and a docstring in `tools/*.py` of the project:"
        " `agentflow tools list` shows them. Agents have `agent:NAME` and `memory:NAME` besides.",
        _steps("show:", "  tool: no_such_tool"),
        _steps("show:", "  tool: http_get", "  with: {url: 'https://example.com'}"),
    ),
    Code(
        "AF373",
        "a channel that is not there",
        "`notify` sends to `terminal`, to `log`, or to a channel under `notify:` of `agentflow.yaml`.",
        _steps("show:", "  notify: {channel: termnal, message: Done.}"),
        _steps("show:", "  notify: {channel: terminal, message: Done.}"),
    ),
    Code(
        "AF346",
        "a request that can never be sent",
        "The address of a request begins with `https://` or `http://`, and holds no user name and no password:"
        " addresses are shown and kept. A header has a name of letters, digits and dashes. What stands in the file is"
        " looked at here; what an expression gives is looked at when the request is sent.",
        f"{_HEAD}steps:\n  look:\n    http: {{url: api.example.com/items}}\n",
        f"{_HEAD}steps:\n  look:\n    http: {{url: 'https://api.example.com/items'}}\n",
    ),
    Code(
        "AF347",
        "a limit that is wider than the agent's",
        "`limits` of a step bound one task more narrowly than the agent does. Where the step says more than the agent,"
        " the agent's own limit counts, so that the one here does nothing.",
        f"{_HEAD}agents:\n  critic: {{instructions: You criticise., limits: {{turns: 4}}}}\nsteps:\n  review:\n"
        "    agent: critic\n    task: Review it.\n    limits: {turns: 8}\n",
        f"{_HEAD}agents:\n  critic: {{instructions: You criticise., limits: {{turns: 8}}}}\nsteps:\n  review:\n"
        "    agent: critic\n    task: Review it.\n    limits: {turns: 4}\n",
        Severity.WARNING,
    ),
    Code(
        "AF348",
        "a command in the place of a program",
        "A list under `run` is a program and its arguments, each an element of its own; no shell takes it apart. Here"
        " the first element holds several words, and is looked for as the name of one program.",
        f"{_HEAD}steps:\n  build:\n    run: ['npm run build']\n",
        f"{_HEAD}steps:\n  build:\n    run: [npm, run, build]\n",
        Severity.WARNING,
    ),
    Code(
        "AF351",
        "not a JSON Schema",
        "`output` of a step and each field of a form are JSON Schemas (draft 7).",
        _steps("show:", "  run: echo hello", "  output: {type: string, pattern: '('}"),
        _steps("show:", "  run: echo hello", "  output: {type: string, pattern: '^h'}"),
    ),
)
