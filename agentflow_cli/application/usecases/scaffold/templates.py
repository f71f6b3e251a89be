"""What `init` and `new` write. `$name` stands for the name, `$modeline` for the line that tells editors the schema."""

from __future__ import annotations

from string import Template

PROJECT = Template("""\
$modeline
apiVersion: agentflow/v1
name: $name
""")

HELLO = Template("""\
$modeline
apiVersion: agentflow/v1
name: hello
description: One question to whatever model there is.

inputs:
  topic: {type: string, default: a lighthouse, description: What the sentence is about.}

steps:
  greet:
    prompt: Write one friendly sentence about $${{ inputs.topic }}.
    max_tokens: 60

outputs:
  greeting: $${{ steps.greet.output }}
""")

WORKFLOW = Template("""\
$modeline
apiVersion: agentflow/v1
name: $name
description: What it is for, in one sentence.

inputs:
  text: {type: string, default: Hello there., description: What to work on.}

steps:
  draft:
    prompt: |
      Say this in other words:
      $${{ inputs.text }}
    max_tokens: 200

outputs:
  result: $${{ steps.draft.output }}
""")

AGENT = Template("""\
$modeline
apiVersion: agentflow/v1
name: $name
description: What it does, in one sentence.
instructions: |
  You work on the project $${{ project.name }}. Answer briefly, and say so when you do not know.
limits: {turns: 8}
""")

TOOL = Template('''\
"""Tools for agents: each public function is one. Its type hints and its docstring tell a model how to call it."""


def $name(text: str, limit: int = 10) -> list[str]:
    """The first words of a text.

    Args:
        text: Where to look.
        limit: At most so many words.
    """
    return text.split()[:limit]
''')

SCHEMA_LINE = "# yaml-language-server: $schema="
