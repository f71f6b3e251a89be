"""Small workflows that need no model."""

HELLO = """\
apiVersion: agentflow/v1
name: hello
inputs:
  who: {type: string, description: Whom to greet.}
  times: {type: integer, default: 1}
steps:
  greet:
    set: {text: "Hello, ${{ inputs.who }}!"}
outputs:
  greeting: ${{ steps.greet.output.text }}
"""

SUM = """\
apiVersion: agentflow/v1
name: sum
steps:
  each:
    foreach: [1, 2, 3]
    set: {n: "${{ item }}"}
  total:
    set: {sum: "${{ steps.each.output | sum(attribute='n') }}"}
outputs:
  sum: ${{ steps.total.output.sum }}
  parts: ${{ steps.each.output | map(attribute='n') | list }}
"""

FAILING = """\
apiVersion: agentflow/v1
name: failing
steps:
  fine:
    run: echo fine >> effects; echo fine
  broken:
    run: |
      echo "no such luck" >&2
      test -e mended
  after:
    set: {x: "${{ steps.broken.output }}"}
outputs:
  fine: ${{ steps.fine.output }}
"""

ASKING = """\
apiVersion: agentflow/v1
name: asking
steps:
  publish:
    ask: {message: "Publish?", choices: [publish, discard], ci: discard}
outputs:
  said: ${{ steps.publish.output.choice }}
"""

FORM = """\
apiVersion: agentflow/v1
name: form
steps:
  tell:
    ask:
      message: Tell me
      form: {n: {type: integer, minimum: 1}, why: {type: string, default: because}}
outputs:
  n: ${{ steps.tell.output.n }}
  why: ${{ steps.tell.output.why }}
"""

WRONG = """\
apiVersion: agentflow/v1
steps:
  a:
    promt: hi
"""
