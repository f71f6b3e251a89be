"""`validate --fix`: what it writes, and what it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentflow_cli.application.usecases.fix import Fixed, fix, write_changes
from agentflow_cli.application.usecases.selection import selection
from agentflow_cli.diagnostics.diagnostic import Severity

HEAD = "apiVersion: agentflow/v1\ninputs:\n  topic: {type: string}\n  yes: {type: boolean}\nsteps:\n"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "agentflow.yaml").write_text("apiVersion: agentflow/v1\n")
    monkeypatch.chdir(root)
    return root


def mended(text: str, name: str = "w.yaml") -> tuple[str, Fixed]:
    """The text after `validate --fix`."""
    Path(name).write_bytes(text.encode())
    fixed = fix([name])
    write_changes(fixed)
    return Path(name).read_bytes().decode(), fixed


FIXES = {
    "a misspelt field": ("  a:\n    promt: hi  # kept\n", "  a:\n    prompt: hi  # kept\n"),
    "a misspelt field in braces": ("  a: {promt: hi, nmae: x}\n", "  a: {prompt: hi, name: x}\n"),
    "a misspelt word": (
        "  a: {run: ls, format: jsn}\n", "  a: {run: ls, format: json}\n",
    ),
    "a misspelt step in `needs`": (
        "  first: {run: ls}\n  b: {run: ls, needs: [frist]}\n", "  first: {run: ls}\n  b: {run: ls, needs: [first]}\n",
    ),
    "a misspelt step, input and filter": (
        "  first: {run: ls}\n  b: {prompt: \"${{ steps.frist.output | uper }} ${{ inputs['topc'] }}\"}\n",
        "  first: {run: ls}\n  b: {prompt: \"${{ steps.first.output | upper }} ${{ inputs['topic'] }}\"}\n",
    ),
    "a misspelt output field in a block": (
        "  a: {set: {title: x}}\n  b:\n    prompt: |\n      Say:\n        ${{ steps.a.output.titel }}\n",
        "  a: {set: {title: x}}\n  b:\n    prompt: |\n      Say:\n        ${{ steps.a.output.title }}\n",
    ),
    "a misspelt name": ("  a: {prompt: '${{ input.topic }}'}\n", "  a: {prompt: '${{ inputs.topic }}'}\n"),
    "a filter inside `map`": (
        "  a: {set: {x: \"${{ ['a'] | map('uper') | list }}\"}}\n",
        "  a: {set: {x: \"${{ ['a'] | map('upper') | list }}\"}}\n",
    ),
    "braces without a dollar": ("  a: {prompt: 'x {{ inputs.topic }}'}\n", "  a: {prompt: 'x ${{ inputs.topic }}'}\n"),
    "braces of Jinja with dashes": ("  a: {prompt: 'x {{- inputs.topic -}}'}\n",
                                    "  a: {prompt: 'x ${{ inputs.topic }}'}\n"),
    "one brace": ("  a: {prompt: 'x ${ inputs.topic }'}\n", "  a: {prompt: 'x ${{ inputs.topic }}'}\n"),
    "one closing brace": ("  a: {prompt: 'x ${{ inputs.topic } y'}\n", "  a: {prompt: 'x ${{ inputs.topic }} y'}\n"),
    "unquoted braces": ("  a:\n    prompt: {{ inputs.topic }} now # c\n",
        "  a:\n    prompt: ${{ inputs.topic }} now # c\n"),
    "unquoted braces in a flow mapping": (
        "  a: {set: {x: {{ inputs.topic }}, y: ${{ inputs.topic }}}}\n",
        '  a: {set: {x: "${{ inputs.topic }}", y: "${{ inputs.topic }}"}}\n',
    ),
    "operators of other languages": (
        "  a:\n    when: inputs.yes&&!inputs.yes || ! (inputs.topic === 'a')\n    run: ls\n",
        "  a:\n    when: inputs.yes and not inputs.yes or not (inputs.topic == 'a')\n    run: ls\n",
    ),
    "an assignment in a condition": (
        "  a:\n    when: inputs.topic = 'a'\n    run: ls\n", "  a:\n    when: inputs.topic == 'a'\n    run: ls\n",
    ),
    "a bang that YAML reads as a tag": (
        "  a:\n    when: !inputs.yes # c\n    run: ls\n", "  a:\n    when: not inputs.yes # c\n    run: ls\n",
    ),
    "braces around a part of a condition": (
        "  a:\n    when: ${{ inputs.topic }} == 'a' and ${{ inputs.yes }}\n    run: ls\n",
        "  a:\n    when: inputs.topic == 'a' and inputs.yes\n    run: ls\n",
    ),
    "a condition that begins with a quote": (
        "  a:\n    when: 'a' == inputs.topic # c\n    run: ls\n",
        "  a:\n    when: \"'a' == inputs.topic\" # c\n    run: ls\n",
    ),
    "a colon in a value": ("  a:\n    prompt: Say: hi\n", '  a:\n    prompt: "Say: hi"\n'),
    "a comment that cuts a condition off": (
        "  a:\n    when: inputs.topic == 'a #1'\n    run: ls\n",
        "  a:\n    when: \"inputs.topic == 'a #1'\"\n    run: ls\n",
    ),
    "a key that is a number": ("  a: {set: {x: {1: b}}}\n", '  a: {set: {x: {"1": b}}}\n'),
    "a boolean of YAML 1.1": ("  a: {run: ls, idempotent: yes}\n", "  a: {run: ls, idempotent: true}\n"),
    "a number in quotes": ("  a: {run: ls, foreach: [1], max_parallel: '3'}\n",
                           "  a: {run: ls, foreach: [1], max_parallel: 3}\n"),
    "a string without quotes": ("  a: {run: ls, name: 1.10}\n", '  a: {run: ls, name: "1.10"}\n'),
    "tags of other languages": (
        "  a:\n    prompt: |\n      {% if inputs.yes %}a{% elseif inputs.yes %}b{% fi %}\n",
        "  a:\n    prompt: |\n      {% if inputs.yes %}a{% elif inputs.yes %}b{% endif %}\n",
    ),
    "tabs": ("\ta:\n\t\trun: |\n\t\t\tmake\n", "  a:\n    run: |\n      make\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", FIXES)
def test_is_mended(name: str) -> None:
    before, after = FIXES[name]
    text, fixed = mended(HEAD + before)
    assert text == HEAD + after
    assert not [d for d in fixed.report.diagnostics if d.severity is Severity.ERROR]
    assert fixed.problems > 0
    assert mended(text)[0] == text


SCRIPTS = {
    "bare": ("run: echo ${{ inputs.topic }}\n", 'env: {TOPIC: "${{ inputs.topic }}"}\n    run: echo "$TOPIC"\n'),
    "first in the script": ("run: ${{ inputs.topic }} x\n",
                            "env: {TOPIC: \"${{ inputs.topic }}\"}\n    run: '\"$TOPIC\" x'\n"),
    "in double quotes": ("run: 'echo \"a${{ inputs.topic }}b\"'\n",
                         "env: {TOPIC: \"${{ inputs.topic }}\"}\n    run: 'echo \"a${TOPIC}b\"'\n"),
    "in a YAML string of double quotes": ('run: "echo ${{ inputs.topic }}"\n',
                                          'env: {TOPIC: "${{ inputs.topic }}"}\n    run: "echo \\"$TOPIC\\""\n'),
    "in a block, twice": (
        "run: |\n      echo ${{ inputs.topic }} \\\n        ${{inputs.topic}} # ok\n",
        'env: {TOPIC: "${{ inputs.topic }}"}\n    run: |\n      echo "$TOPIC" \\\n        "$TOPIC" # ok\n',
    ),
    "in a command inside double quotes": (
        'run: |\n      echo "$(cat ${{ inputs.topic }})"\n',
        'env: {TOPIC: "${{ inputs.topic }}"}\n    run: |\n      echo "$(cat "$TOPIC")"\n',
    ),
    "in a here-document": (
        "run: |\n      cat <<EOF\n      it's ${{ inputs.topic }}\n      EOF\n",
        'env: {TOPIC: "${{ inputs.topic }}"}\n    run: |\n      cat <<EOF\n      it\'s ${TOPIC}\n      EOF\n',
    ),
    "env is a block": (
        "env:\n      A: b  # kept\n    run: echo ${{ inputs.topic }}\n",
        'env:\n      TOPIC: "${{ inputs.topic }}"\n      A: b  # kept\n    run: echo "$TOPIC"\n',
    ),
    "env is in braces, behind": (
        "run: echo ${{ inputs.topic }}\n    env: {A: b}\n",
        'run: echo "$TOPIC"\n    env: {TOPIC: "${{ inputs.topic }}", A: b}\n',
    ),
    "env has it already": (
        'run: echo ${{ inputs.topic }}\n    env: {IT: "${{ inputs.topic }}"}\n',
        'run: echo "$IT"\n    env: {IT: "${{ inputs.topic }}"}\n',
    ),
    "the script uses that name": (
        "run: TOPIC=1; echo ${{ inputs.topic }}\n",
        'env: {INPUT_TOPIC: "${{ inputs.topic }}"}\n    run: TOPIC=1; echo "$INPUT_TOPIC"\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_expression_in_a_script_moves_to_env(name: str) -> None:
    before, after = SCRIPTS[name]
    text, fixed = mended(f"{HEAD}  a:\n    {before}")
    assert text == f"{HEAD}  a:\n    {after}"
    assert not fixed.report.diagnostics


@pytest.mark.parametrize(
    "script",
    [
        "echo 'no ${{ inputs.topic }}'",
        "cat <<'EOF'\n      ${{ inputs.topic }}\n      EOF",
        "cat <<\\EOF\n      ${{ inputs.topic }}\n      EOF",
        "echo $(( ${{ inputs.topic }} + 1 ))",
        "echo `cat ${{ inputs.topic }}`",
        "echo ${X:-${{ inputs.topic }}}",
        "echo \\${{ inputs.topic }}",
        "# ${{ inputs.topic }}",
        "echo ${{ inputs.topic",
        "echo ${{ inputs.topic | }}",
    ],
)
def test_an_expression_stays_where_a_variable_would_not_be_read_as_it_is(script: str) -> None:
    before = f"{HEAD}  a:\n    run: |\n      {script}\n"
    text, fixed = mended(before)
    assert text == before
    assert {d.code for d in fixed.report.diagnostics} == {"AF415"}


@pytest.mark.parametrize(
    "step",
    [
        "{promt: a, prompt: b}",  # the right name is there too
        "{prompt: \"${{ inputs.topic || 'none' }}\"}",  # elsewhere this chooses a value
        "{prompt: x, when: \"!inputs.topic == 'a'\"}",  # elsewhere this negates the left side
        "{prompt: x, when: \"'${{ inputs.topic }}' == 'a'\"}",  # the quotes would make a text of it
        "{prompt: 'x {{ name }}'}",  # may be meant for another program
        "{prompt: x, xyz: y}",
    ],
)
def test_what_is_not_certain_is_left_to_a_person(step: str) -> None:
    before = f"{HEAD}  a: {step}\n"
    text, fixed = mended(before)
    assert text == before and fixed.problems == 0 and fixed.report.diagnostics


def test_a_choice_between_two_names_is_left_to_a_person() -> None:
    before = f"{HEAD}  draft1: {{run: ls}}\n  draft2: {{run: ls}}\n  c: {{prompt: '${{{{ steps.draft.output }}}}'}}\n"
    assert mended(before)[0] == before


def test_a_name_that_is_read_twice_and_given_once_is_left_to_a_person() -> None:
    before = f"{HEAD}  frist: {{run: ls}}\n  b: {{prompt: '${{{{ steps.first.output }}}}', needs: [first]}}\n"
    assert mended(before)[0] == before


def test_a_missing_version_is_written_after_what_heads_the_file() -> None:
    text, _ = mended("# a comment\n\nsteps:\n  a: {run: ls}\n")
    assert text == "# a comment\n\napiVersion: agentflow/v1\nsteps:\n  a: {run: ls}\n"
    assert mended("{steps: {a: {run: ls}}}\n")[0] == "{apiVersion: agentflow/v1, steps: {a: {run: ls}}}\n"


def test_line_ends_a_byte_order_mark_and_a_missing_last_break_are_kept() -> None:
    text, _ = mended("\ufeffsteps:\r\n  a:\r\n    run: echo ${{ run.id }}\r\n    nmae: 5")
    assert text == (
        "\ufeffapiVersion: agentflow/v1\r\nsteps:\r\n  a:\r\n"
        '    env: {ID: "${{ run.id }}"}\r\n    run: echo "$ID"\r\n    name: "5"'
    )


def test_a_fix_that_would_break_the_file_is_taken_back_and_the_others_are_made() -> None:
    # Both become `prompt`, and one key cannot stand twice.
    text, fixed = mended(f"{HEAD}  a: {{promt: x, propmt: y, nmae: z}}\n")
    assert text == f"{HEAD}  a: {{prompt: x, propmt: y, name: z}}\n"
    assert fixed.problems == 2


def test_a_fix_that_does_not_help_is_taken_back() -> None:
    before = f'{HEAD}  a: {{run:${{{{[echo, "${{{{ inputs.topic }}}}"]}}\n'
    text, fixed = mended(before)
    assert text == before and fixed.problems == 0 and fixed.report.diagnostics


def test_a_prompt_file_is_mended_where_it_is() -> None:
    Path("p.md").write_bytes(b"\xef\xbb\xbfHi {{ inputs.topic }}\r\n\r\n${{ inputs.topic | uper }}")
    mended(f"{HEAD}  a: {{prompt: {{file: p.md}}}}\n")
    assert Path("p.md").read_bytes() == b"\xef\xbb\xbfHi ${{ inputs.topic }}\r\n\r\n${{ inputs.topic | upper }}"


def test_a_called_workflow_is_mended_too() -> None:
    Path("called.yaml").write_text("apiVersion: agentflow/v1\nsteps:\n  a: {promt: x}\n")
    mended(f"{HEAD}  a: {{workflow: called.yaml}}\n")
    assert "prompt: x" in Path("called.yaml").read_text()


def test_a_file_behind_a_link_out_of_the_project_is_not_touched(project: Path) -> None:
    outside = project.parent / "outside.yaml"
    outside.write_text(f"{HEAD}  a: {{promt: x}}\n")
    Path("w.yaml").symlink_to(outside)
    fixed = fix(["w.yaml"])
    write_changes(fixed)
    assert "promt" in outside.read_text()
    assert fixed.left == ["w.yaml is as it was: it leads out of the project"]


def test_a_link_inside_the_project_stays_a_link() -> None:
    Path("real.yaml").write_text(f"{HEAD}  a: {{promt: x}}\n")
    Path("w.yaml").symlink_to("real.yaml")
    write_changes(fix(["w.yaml"]))
    assert Path("w.yaml").is_symlink() and "prompt: x" in Path("real.yaml").read_text()


def test_a_file_with_two_names_is_mended_once() -> None:
    text = "apiVersion: agentflow/v1\nsteps:\n  a: {promt: Hi}\n"
    Path("b.yaml").write_text(text)
    Path("a.yaml").symlink_to("b.yaml")
    fixed = fix(["a.yaml", "b.yaml"])
    assert [change.file for change in fixed.changes] == ["a.yaml"] and fixed.report.diagnostics == []
    write_changes(fixed)
    assert fixed.left == [] and Path("a.yaml").is_symlink()
    assert Path("b.yaml").read_text() == text.replace("promt", "prompt")


def test_the_mode_of_the_file_is_kept_and_nothing_else_is_left() -> None:
    Path("w.yaml").write_text(f"{HEAD}  a: {{promt: x}}\n")
    Path("w.yaml").chmod(0o640)
    write_changes(fix(["w.yaml"]))
    assert Path("w.yaml").stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir()) == ["agentflow.yaml", "w.yaml"]


def test_a_file_that_is_read_only_is_not_touched() -> None:
    Path("w.yaml").write_text(f"{HEAD}  a: {{promt: x}}\n")
    Path("w.yaml").chmod(0o444)
    fixed = fix(["w.yaml"])
    assert not fixed.changes and fixed.left == ["w.yaml is as it was: it is read-only"]
    assert fixed.report.diagnostics


def test_nothing_is_written_before_it_is_asked_for() -> None:
    Path("w.yaml").write_text(f"{HEAD}  a: {{promt: x}}\n")
    fixed = fix(["w.yaml"])
    assert "promt" in Path("w.yaml").read_text()
    assert "prompt" in fixed.changes[0].after


def test_a_file_that_changed_meanwhile_is_not_overwritten() -> None:
    Path("w.yaml").write_text(f"{HEAD}  a: {{promt: x}}\n")
    fixed = fix(["w.yaml"])
    Path("w.yaml").write_text("somebody else's\n")
    write_changes(fixed)
    assert Path("w.yaml").read_text() == "somebody else's\n"
    assert fixed.left == ["w.yaml is as it was: it has changed meanwhile"] and not fixed.changes


def test_only_what_is_selected_is_mended() -> None:
    Path("w.yaml").write_text(f"{HEAD}  a: {{promt: '${{{{ inputs.topc }}}}'}}\n")
    fixed = fix(["w.yaml"], selection(select=["AF2"]))
    assert "prompt: '${{ inputs.topc }}'" in fixed.changes[0].after


def test_many_fixes_in_one_file_are_made_at_once() -> None:
    steps = "".join(f"  s{n}: {{promt: x}}\n" for n in range(300))
    text, fixed = mended(HEAD + steps)
    assert "promt" not in text and fixed.problems == 300


def test_findings_that_share_one_long_fix_are_mended_together() -> None:
    body = "  a:\n    run: '" + "${{ inputs.topic }}; " * 300 + "'\n"
    text, fixed = mended(HEAD + body)
    assert fixed.problems == 300
    assert text.count('"$TOPIC"') == 300 and text.count("${{") == 1


def test_a_large_file_is_read_a_few_times_and_the_rest_is_left_for_the_next_call() -> None:
    """A thousand mistakes are told, and mended, at once; a file of a megabyte is read again three times."""
    body = "".join(f"  s{number}: {{runn: ls}} # {'x' * 200}\n" for number in range(4_500))
    text, fixed = mended("apiVersion: agentflow/v1\nsteps:\n" + body)
    assert 2_900 < fixed.problems == text.count("{run: ls}") <= 3_000
    assert fixed.report.count(Severity.ERROR) >= 1_000
    text, fixed = mended(text)
    assert text.count("{run: ls}") == 4_500
    assert not fixed.report.count(Severity.ERROR)


def test_a_small_file_with_thousands_of_mistakes_is_mended_in_one_call() -> None:
    text, fixed = mended(HEAD + "".join(f"  s{number}: {{runn: ls}}\n" for number in range(2_500)))
    assert fixed.problems == 2_500 and "runn" not in text
