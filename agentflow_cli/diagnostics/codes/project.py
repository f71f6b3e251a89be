"""AF60x: what is wrong between the files of a project. Found by `agentflow validate` without a path.

An example is a project: each of its files follows a comment with its path.
"""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

_READ = """\
# workflows/read.yaml
apiVersion: agentflow/v1
steps:
  read: {agent: reader, task: Read the notes.}
# agents/reader.yaml
apiVersion: agentflow/v1
instructions: You read.
"""
_HELLO = """\
# workflows/hello.yaml
apiVersion: agentflow/v1
name: hello
steps:
  say: {run: echo hello}
# workflows/bye.yaml
apiVersion: agentflow/v1
name: NAME
steps:
  say: {run: echo goodbye}
"""
_COUNT = """\
# workflows/count.yaml
apiVersion: agentflow/v1
steps:
  say: {run: echo counted}
# tools/words.py
def count(text: str) -> int:
    \"\"\"Count the words.\"\"\"
    return len(text.split())
"""

CODES = (
    Code(
        code="AF601",
        title="an agent that no workflow uses",
        why="A file in `agents/` is called by no step, is no tool of an agent that is called, and is named in no\n"
        "other YAML file of the project. Either the file was forgotten, or the call of it. This is only said when all\n"
        "files are checked together and none of them has an error.",
        wrong=_READ + "# agents/critic.yaml\napiVersion: agentflow/v1\ninstructions: You criticise.\n",
        right=_READ,
        severity=Severity.WARNING,
    ),
    Code(
        code="AF602",
        title="two files have the same id",
        why="Agents and workflows are called by the name of their file up to its first dot. `agents/reader.yaml` and\n"
        "`agents/reader.yml` are both `reader`, and which one a step gets would be chance. Rename one of them.",
        wrong=_READ + "# agents/reader.yml\napiVersion: agentflow/v1\ninstructions: You read aloud.\n",
        right=_READ,
    ),
    Code(
        code="AF603",
        title="two workflows have the same name",
        why="Runs are listed by the `name` of their workflow. Two files in `workflows/` with one name make runs that\n"
        "cannot be told apart. Give each its own, or leave `name` out: then it is the name of the file.",
        wrong=_HELLO.replace("NAME", "hello"),
        right=_HELLO.replace("NAME", "bye"),
        severity=Severity.WARNING,
    ),
    Code(
        code="AF604",
        title="a file of tools is not Python",
        why="The files in `tools/` are read, not executed, to see which functions they offer. One that cannot be\n"
        "parsed offers none. The message says where Python stopped.",
        wrong=_COUNT.replace("-> int:", "-> int"),
        right=_COUNT,
    ),
    Code(
        code="AF605",
        title="a link that leads nowhere",
        why="A file of `workflows/` or `agents/` is a link, and what it names is not there: it may have been moved,\n"
        "or the checkout is not complete. It would be left out in silence. Mend the link, or remove it.",
        wrong="# workflows/later.yaml is a link to farewell.yaml\n" + _HELLO.replace("NAME", "bye"),
        right=_HELLO.replace("NAME", "bye"),
    ),
)  # fmt: skip
