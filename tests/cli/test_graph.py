"""`agentflow graph`: drawings of files and of runs, and the blocks of Markdown that it keeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

NESTED = """\
apiVersion: agentflow/v1
name: nested
steps:
  each:
    foreach: [1, 2, 3]
    as: n
    steps:
      odd: {when: n != 2, set: {x: "${{ n }}"}}
      sure: {run: 'test "$N" != 3', env: {N: "${{ n }}"}}
    outputs: {x: "${{ steps.sure.output }}"}
  rounds:
    repeat: {max: 2}
    steps: {one: {set: {a: "${{ iteration }}"}}}
  shaky: {run: exit 1, on_error: continue}
  after: {needs: [each], set: {z: 1}}
on_failure:
  cry: {set: {a: "${{ run.status }}"}}
finally:
  tidy: {set: {a: 1}}
"""


@pytest.fixture
def ran(cli: Cli, write: Write) -> Cli:
    write("nested.yaml", NESTED)
    assert cli("run", "nested.yaml").code == 1
    return cli


def test_a_run_shows_how_each_of_its_steps_stands(ran: Cli) -> None:
    graph = json.loads(ran("graph", "last", "-o", "json").out)
    assert graph["run"]["status"] == "failed"
    status = {}

    def collect(part: dict) -> None:
        for node in part["nodes"]:
            status[node["path"]] = node["status"]
            if node["inner"]:
                collect(node["inner"])

    for part in (graph, graph["on_failure"], graph["finally"]):
        collect(part)
    assert status == {
        "each": "failed", "each/odd": "succeeded", "each/sure": "failed", "rounds": "succeeded",
        "rounds/one": "succeeded", "shaky": "went on", "after": "cancelled", "@on_failure/cry": "succeeded",
        "@finally/tidy": "succeeded",
    }  # fmt: skip


def test_the_text_of_a_run_has_signs_words_and_counts(ran: Cli) -> None:
    out = ran("graph", "last").out
    assert "✗    each    steps  failed     3 of 3  foreach of 3" in out
    assert "✗  sure  run  failed     1 of 3" in out and "✓  odd   set  succeeded  2 of 3  when n != 2" in out
    assert "⊘    after" in out and "!  shaky" in out and "\nfinally:\n✓  tidy" in out


@pytest.mark.parametrize(("form", "begin"), [("mermaid", "flowchart TD\n"), ("dot", 'digraph "nested" {\n')])
def test_the_drawings_of_a_run_have_its_words(ran: Cli, form: str, begin: str) -> None:
    out = ran("graph", "last", "-o", form).out
    assert out.startswith(begin) and "succeeded" in out and "cancelled" in out and "#ffe3e3" in out
    assert "#ffe3e3" not in ran("graph", "nested.yaml", "-o", form).out


def test_a_drawing_is_written_into_markdown_once_and_checked(cli: Cli, write: Write) -> None:
    write("nested.yaml", NESTED)
    page = write("README.md", "# Flow\n\n<!-- agentflow:graph nested -->\n<!-- /agentflow:graph nested -->\n\nend\n")
    check = cli("graph", "nested.yaml", "--write", "README.md#nested", "--check")
    assert check.code == 1 and "out of date" in check.err and "mermaid" not in page.read_text()
    assert cli("graph", "nested.yaml", "--write", "README.md").code == 0
    text = page.read_text()
    assert text.startswith("# Flow\n\n<!-- agentflow:graph nested -->\n```mermaid\nflowchart TD\n")
    assert text.endswith("\n```\n<!-- /agentflow:graph nested -->\n\nend\n")
    assert cli("graph", "nested.yaml", "--write", "README.md#nested", "--check").code == 0
    assert cli("graph", "nested.yaml", "--write", "README.md#nested").code == 0 and page.read_text() == text
    write("nested.yaml", NESTED.replace("shaky", "risky"))
    assert cli("graph", "nested.yaml", "--write", "README.md#nested", "--check").code == 1


def test_a_page_without_the_block_is_left_as_it_is_and_told_what_to_paste(cli: Cli, write: Write) -> None:
    write("nested.yaml", NESTED)
    page = write("README.md", "nothing here\n")
    called = cli("graph", "nested.yaml", "--write", "README.md#flow")
    assert called.code == 2 and page.read_text() == "nothing here\n"
    assert "<!-- agentflow:graph flow -->\n" in called.err and "<!-- /agentflow:graph flow -->" in called.err
    assert cli("graph", "nested.yaml", "--write", "nowhere.md#flow").code == 2
    assert cli("graph", "nested.yaml", "--check").code == 2


def test_markdown_gets_mermaid_and_another_form_is_refused(cli: Cli, write: Write) -> None:
    write("nested.yaml", NESTED)
    text = "<!-- agentflow:graph flow -->\n<!-- /agentflow:graph flow -->\n"
    page = write("README.md", text)
    for form in ("dot", "json", "yaml"):
        called = cli("graph", "nested.yaml", "--write", "README.md#flow", "-o", form)
        assert called.code == 2 and "writes Mermaid" in called.err and page.read_text() == text
    assert cli("graph", "nested.yaml", "--write", "README.md#flow", "-o", "mermaid").code == 0


def test_a_drawing_with_more_arrows_than_viewers_draw_is_warned_about(cli: Cli, write: Write) -> None:
    steps = "".join(f"  s{n}: {{needs: [s{n - 1}], set: {{a: 1}}}}\n" for n in range(1, 510))
    write("long.yaml", f"apiVersion: agentflow/v1\nname: long\nsteps:\n  s0: {{set: {{a: 1}}}}\n{steps}")
    called = cli("graph", "long.yaml", "-o", "mermaid")
    assert called.code == 0 and "509 arrows" in called.err and "509 arrows" not in called.out
    assert cli("graph", "long.yaml", "-o", "dot").err == ""
