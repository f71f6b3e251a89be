from __future__ import annotations

from pathlib import Path

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.retry import Retry
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.loader.load import Loaded, load_workflow
from agentflow_cli.language.loader.project import OutsideProjectError, find_project_root, load_project, resolve_inside


def loaded(text: str, path: str = "workflows/daily-report.yaml") -> Loaded:
    diagnostics = Diagnostics()
    found = load_workflow(Path(path), Path(), diagnostics, text="apiVersion: agentflow/v1\n" + text)
    assert found is not None, list(diagnostics)
    return found


def step(text: str) -> Step:
    return loaded(f"steps: {{it: {{{text}}}}}").workflow.steps["it"]


def test_the_name_is_the_files_when_it_says_none() -> None:
    workflow = loaded("steps: {a: {run: x}}").workflow
    assert (workflow.name, workflow.file, workflow.timeout) == ("daily-report", "workflows/daily-report.yaml", None)
    assert loaded("name: other\ntimeout: 2m\nsteps: {a: {run: x}}").workflow.timeout == 120


def test_an_input_is_required_exactly_when_it_has_no_default() -> None:
    inputs = loaded(
        "inputs: {a: {type: string}, b: {default: null, description: B}}\nsteps: {a: {run: x}}"
    ).workflow.inputs
    assert inputs["a"].required and inputs["a"].schema == {"type": "string"}
    assert not inputs["b"].required and inputs["b"].schema == {} and inputs["b"].description == "B"


def test_steps_keep_the_order_of_the_file() -> None:
    assert list(loaded("steps: {c: {run: x}, a: {run: x}, b: {run: x}}").workflow.steps) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("text", "templates", "settings"),
    [
        ("prompt: hi, model: fast", {"prompt": "hi"}, {"model": "fast"}),
        ("prompt: {file: p.md}", {}, {"prompt.file": "p.md"}),
        ("prompt: [{user: hi}]", {"prompt": [{"user": "hi"}]}, {}),
        ("run: ls, format: lines", {}, {"script": "ls", "format": "lines"}),
        ("run: [ls], stdin: x", {"argv": ["ls"], "stdin": "x"}, {}),
        ("python: 'a.py:f', with: {x: 1}", {"with": {"x": 1}}, {"python": "a.py:f"}),
        ("set: {x: 1}", {"set": {"x": 1}}, {}),
        ("ask: Go?", {"message": "Go?"}, {}),
        ("ask: {message: Go?, choices: [a], ci: a}", {"message": "Go?"}, {"choices": ["a"], "ci": "a"}),
        ("recall: q, memory: docs, top: 2", {"recall": "q"}, {"memory": "docs", "top": 2}),
        ("remember: {files: [a]}, memory: docs", {}, {"files": ["a"], "memory": "docs"}),
        ("remember: {text: a, source: b}, memory: docs", {"text": "a", "source": "b"}, {"memory": "docs"}),
    ],
)
def test_the_fields_of_each_kind_are_sorted_by_how_they_are_read(
    text: str, templates: dict[str, object], settings: dict[str, object]
) -> None:
    built = step(text)
    assert {name: located.value for name, located in built.templates.items()} == templates
    assert {name: located.value for name, located in built.settings.items()} == settings


def test_every_located_value_is_found_at_its_path() -> None:
    found = loaded(
        "inputs: {n: {type: array}}\n"
        "steps:\n  a: {run: x}\n"
        "  b:\n    needs: [a]\n    when: 'true'\n    foreach: inputs.n\n    env: {A: b}\n    output: {type: string}\n"
        "    on_error: {value: 1}\n    ask: {message: Go?, ci: approve}\n"
        "outputs: {o: 1}\n"
    )
    built = found.workflow.steps["b"]
    assert built.foreach and built.when and built.output and built.on_error.value
    several = [*built.templates.values(), *built.settings.values(), *built.needs, *built.env.values()]
    for located in [
        *several,
        built.foreach.items,
        built.when,
        built.output,
        built.on_error.value,
        found.workflow.outputs["o"],
    ]:
        value = found.document.data
        for part in located.path:
            value = value[part]
        assert value == located.value


def test_modifiers() -> None:
    assert step("run: x, retry: 2").retry == Retry(max=2)
    full = step("run: x, retry: {max: 1, delay: 250ms, max_delay: 2s, on: [timeout], exit_codes: [3]}").retry
    assert full == Retry(1, 0.25, 2.0, ("timeout",), (3,))
    assert step("run: x").retry is None
    assert step("run: x, on_error: continue").on_error.action == "continue"
    foreach = step("run: x, foreach: [1], as: n, max_parallel: 3, fail_fast: true").foreach
    assert foreach and (foreach.as_name, foreach.max_parallel, foreach.fail_fast) == ("n", 3, True)


def test_sources_hold_the_text_even_when_the_file_is_wrong() -> None:
    sources: dict[str, str] = {}
    assert load_workflow(Path("x.yaml"), Path(), Diagnostics(), display="X", text="\ufeffa: {", sources=sources) is None
    assert sources == {"X": "a: {"}


def test_the_project_is_the_nearest_directory_with_a_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "team" / "workflows"
    inner.mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "team")
    assert find_project_root(inner / "a.yaml") == tmp_path / "team"
    monkeypatch.chdir("/")
    (tmp_path / ".git").mkdir()
    assert find_project_root(inner / "a.yaml") == tmp_path
    (tmp_path / "team" / "agentflow.yaml").write_text("name: Team A\n")
    assert find_project_root(inner / "a.yaml") == tmp_path / "team"
    assert load_project(tmp_path / "team", Diagnostics()).name == "Team A"
    assert load_project(tmp_path, Diagnostics()).name == tmp_path.name


def test_paths_stay_inside_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "workflows").mkdir(parents=True)
    (root / "prompts").mkdir()
    (root / "out").symlink_to(tmp_path)
    (root / "loop").symlink_to(root / "loop")
    base = root / "workflows"
    assert resolve_inside(root, base, "../prompts/a.md") == (root / "prompts" / "a.md").resolve()
    for written in ("../../x", "/etc/passwd", "~/x", "../out/x", "a\0b", "../prompts/../../x"):
        with pytest.raises(OutsideProjectError):
            resolve_inside(root, base, written)
