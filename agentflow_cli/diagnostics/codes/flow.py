"""AF5xx: control flow. What runs when, what never does, and what is done for nothing."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = "apiVersion: agentflow/v1\n"
_MODE = "inputs:\n  mode: {type: string, enum: [full, quick]}\n"


def _flow(*lines: str, before: str = "", after: str = "") -> str:
    return f"{_HEAD}{before}steps:\n" + "".join(f"  {line}\n" for line in lines) + after


_BRANCHES = ("full:", "  when: inputs.mode == 'full'", "  run: echo full",
             "quick:", "  when: inputs.mode == 'quick'", "  run: echo quick", "report:")  # fmt: skip

CODES: tuple[Code, ...] = (
    Code(
        "AF501",
        "a condition that is never true",
        "Whatever the inputs and the other steps are, this condition is false: its parts exclude each other, or it"
        " compares constants. The step never runs. A step that is switched off by hand says `when: false`.",
        _flow("show:", "  when: inputs.mode == 'full' and inputs.mode == 'quick'", "  run: echo hello", before=_MODE),
        _flow("show:", "  when: inputs.mode == 'full'", "  run: echo hello", before=_MODE),
        Severity.WARNING,
    ),
    Code(
        "AF502",
        "a condition that is always true",
        "Whatever the inputs and the other steps are, this condition is true, so that it decides nothing. Often an"
        " `or` stands where an `and` was meant: `x != 'a' or x != 'b'` is true for every `x`.",
        _flow("show:", "  when: inputs.mode != 'full' or inputs.mode != 'quick'", "  run: echo hello", before=_MODE),
        _flow("show:", "  when: inputs.mode != 'full'", "  run: echo hello", before=_MODE),
        Severity.WARNING,
    ),
    Code(
        "AF503",
        "a condition that is never true when the step could run",
        "A step runs when the steps that it needs have ended well and its own `when` is true. Here one excludes the"
        " other: the step is skipped or cancelled in every run. To react to a failure, read the status alone, which"
        " only waits: `when: steps.fetch.status == 'failed'` without `needs: [fetch]`.",
        _flow("fetch:", "  run: ./fetch", "mend:", "  needs: [fetch]", "  when: steps.fetch.status == 'failed'",
              "  run: ./mend"),
        _flow("fetch:", "  run: ./fetch", "mend:", "  when: steps.fetch.status == 'failed'", "  run: ./mend"),
    ),
    Code(
        "AF504",
        "a step that needs two steps of which never both run",
        "A plain read of an output is required: when that step was skipped, the reader is skipped too. A step that"
        " joins branches whose conditions exclude each other would be skipped in every run. Read what may be missing"
        " under `coalesce(…)` or `default(…)`, or follow the branches by `needs` on a step that always runs.",
        _flow(*_BRANCHES, "  set: {it: '${{ steps.full.output ~ steps.quick.output }}'}", before=_MODE),
        _flow(*_BRANCHES, "  set: {it: '${{ coalesce(steps.full.output, steps.quick.output) }}'}", before=_MODE),
    ),
    Code(
        "AF505",
        "a step that needs one that is there to fail",
        "`fail` ends the run as failed, so that no step which needs it can ever run. What has to follow a failure"
        " stands under `on_failure:` or `finally:`.",
        _flow("stop:", "  fail: There is nothing to do.", "tell:", "  needs: [stop]", "  run: ./tell"),
        _flow("stop:", "  fail: There is nothing to do.", after="on_failure:\n  tell:\n    run: ./tell\n"),
    ),
    Code(
        "AF506",
        "a step that is done for nothing",
        "`set` and `recall` have no effect but their output. Where the workflow or the group says what it gives out,"
        " and nothing reads the step, it could be left out. Often a name was changed at one place only.",
        _flow("shout:", "  set: {text: HELLO}", "show:", "  run: echo hello",
              after="outputs:\n  said: ${{ steps.show.output }}\n"),
        _flow("shout:", "  set: {text: HELLO}", "show:", "  run: [echo, '${{ steps.shout.output.text }}']",
              after="outputs:\n  said: ${{ steps.show.output }}\n"),
        Severity.WARNING,
    ),
    Code(
        "AF507",
        "a read that fails when a step was skipped",
        "A step that reads the output of a skipped step is skipped too. But the `outputs` of a workflow or group, an"
        " `until`, and the steps of `finally` and `on_failure` are evaluated in any case: there a read of an output"
        " that is missing is a failure. Say what counts instead: `steps.ID.output | default('none')`, or read it only"
        " under `if steps.ID.status == 'succeeded'`.",
        _flow("full:", "  when: inputs.mode == 'full'", "  run: echo full", before=_MODE,
              after="outputs:\n  said: ${{ steps.full.output }}\n"),
        _flow("full:", "  when: inputs.mode == 'full'", "  run: echo full", before=_MODE,
              after="outputs:\n  said: ${{ steps.full.output | default('nothing') }}\n"),
        Severity.WARNING,
    ),
    Code(
        "AF508",
        "`until` reads nothing that changes",
        "`until` is evaluated after every repetition. When it reads only inputs and steps outside, it is true after the"
        " first one or never. Read the repeated step or an inner step of the group, `iteration`, or `previous`.",
        _flow("poll:", "  repeat: {max: 3, until: inputs.mode == 'full'}", "  run: ./poll", before=_MODE),
        _flow("poll:", "  repeat: {max: 3, until: steps.poll.output == 'ready'}", "  run: ./poll"),
        Severity.WARNING,
    ),
    Code(
        "AF509",
        "a test of a step that is needed anyway",
        "A step that reads the output of another one needs it: it is skipped or cancelled where that one has not ended"
        " well. So a test of its status beside such a read has one outcome only, and what is written for the other one"
        " is never used. A read counts as safe, and needs nothing, under `if steps.ID.status == 'succeeded'`, after"
        " `steps.ID.output is defined and`, and under `default`.",
        _flow("full:", "  when: inputs.mode == 'full'", "  run: echo full", "show:",
              "  run: [echo, \"${{ 'none' if steps.full.status == 'skipped' else steps.full.output }}\"]",
              before=_MODE),
        _flow("full:", "  when: inputs.mode == 'full'", "  run: echo full", "show:",
              "  run: [echo, \"${{ steps.full.output if steps.full.status == 'succeeded' else 'none' }}\"]",
              before=_MODE),
        Severity.WARNING,
    ),
    Code(
        "AF511",
        "a time that is longer than the one around it",
        "A timeout of a group ends all of its steps, that of the workflow the whole run. A longer one inside is never"
        " reached, so that one of the two does not say what was meant.",
        _flow("all:", "  timeout: 1m", "  steps:", "    fetch: {run: ./fetch, timeout: 5m}"),
        _flow("all:", "  timeout: 10m", "  steps:", "    fetch: {run: ./fetch, timeout: 5m}"),
        Severity.WARNING,
    ),
    Code(
        "AF512",
        "a pause that is longer than its timeout",
        "The timeout ends the pause, and the step or the run fails, every time.",
        _flow("pause:", "  wait: 5m", "  timeout: 1m"),
        _flow("pause:", "  wait: 5m"),
    ),
    Code(
        "AF513",
        "a retry that may do something twice",
        "A step that failed may have done its work: the answer was lost, or the timeout came too late. So what acts on"
        " the world outside is not tried again unless its author asks. If doing it twice does no harm, say"
        " `idempotent: true`; the same key goes with every attempt. For a command, `exit_codes` can name the failures"
        " after which nothing has been done; for a server these are `rate_limit` and `overloaded`.",
        _flow("post:", "  http: {method: POST, url: 'https://example.com'}", "  retry: 3"),
        _flow("post:", "  http: {method: POST, url: 'https://example.com'}", "  retry: 3", "  idempotent: true"),
        Severity.WARNING,
    ),
    Code(
        "AF514",
        "a retry that does nothing",
        "Its pause is longer than the time of the group or workflow around it, or it waits for exit codes of a step"
        " that is not a command.",
        _flow("ask_it:", "  prompt: Say hello.", "  retry: {max: 2, exit_codes: [75]}"),
        _flow("ask_it:", "  prompt: Say hello.", "  retry: {max: 2, on: [timeout]}"),
        Severity.WARNING,
    ),
    Code(
        "AF515",
        "a question that nobody can answer",
        "`ci: true` says that the workflow runs where nobody can be asked. There an `ask` takes its `ci:` answer, and"
        " fails without one: an approval is never taken for granted. `ci: reject` on an approval ends it as a no.",
        _flow("publish:", "  ask: Publish?", before="ci: true\n"),
        _flow("publish:", "  ask: {message: 'Publish?', ci: reject}", before="ci: true\n"),
    ),
    Code(
        "AF516",
        "`previous` in the first repetition",
        "`previous.ID` is the output of a step in the repetition before. In the first one there is none: it is missing,"
        " and what reads it fails. Give a fall-back with `default`, or read it under `iteration > 0`.",
        _flow("count:", "  repeat: {max: 3}", "  set: {n: '${{ previous.count.n + 1 }}'}"),
        _flow("count:", "  repeat: {max: 3}", "  set: {n: '${{ (previous.count.n | default(0)) + 1 }}'}"),
    ),
)  # fmt: skip
