"""Agents: found, checked, frozen with the plan."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.check_file import check_file
from agentflow_cli.language.compiler.tools import BUILT_IN
from agentflow_cli.language.compiler.types.known import BUILT_IN_TOOLS
from agentflow_cli.language.loader.files import Files
from agentflow_cli.services.tools.built_in import BUILT_IN as REAL_TOOLS

from .workflows import HEAD, Project


def test_agents_come_from_the_workflow_from_a_path_and_from_the_catalogue(project: Project) -> None:
    project.write("agents/helper.yaml", HEAD + "instructions: You help.\ntools: ['agent:searcher', 'memory:docs']\n")
    project.write("agents/searcher.yaml", HEAD + "name: finder\ninstructions: You search.\ntools: [http_get]\n")
    project.write("other/critic.yaml", HEAD + "instructions: You judge ${{ inputs.topic }}.\n")
    plan = project.plan(
        """\
        inputs: {topic: {type: string}}
        agents:
          writer: {instructions: You write., version: 1.0.0, description: Writes., model: smart, limits: {tokens: 20k}}
          critic: ../other/critic.yaml
        steps:
          a: {agent: writer, task: Write.}
          b: {agent: helper, task: Help., tools: ["memory:docs"], limits: {turns: 3, time: 1m}}
          c: {agent: critic, task: Judge.}
          d: {agent: ../other/critic.yaml, task: Judge again.}
        """
    )
    assert set(plan.agents) >= {"writer", "critic", "helper", "searcher"}
    writer, helper = plan.steps["a"].agent, plan.steps["b"].agent
    assert writer is not None and helper is not None
    assert (writer.name, writer.version, writer.description, writer.model) == ("writer", "1.0.0", "Writes.", "smart")
    assert writer.limits == {"tokens": 20_000}
    assert (helper.tools, helper.limits) == (("memory:docs",), {"turns": 3, "time": 60})
    assert plan.agents["helper"].tools == ("agent:searcher", "memory:docs")
    assert plan.agents["searcher"].name == "finder"
    assert {"agents/helper.yaml", "agents/searcher.yaml", "other/critic.yaml"} <= set(plan.files)


def test_a_step_only_narrows_the_limits_of_its_agent(project: Project) -> None:
    plan = project.plan(
        """\
        agents:
          writer: {instructions: You write., limits: {turns: 5, cost: $0.50, tokens: 1.5k}}
        steps:
          a: {agent: writer, task: Write., limits: {turns: 9, cost: 0.2}}
        """
    )
    agent = plan.steps["a"].agent
    assert agent is not None and agent.limits == {"turns": 5, "cost": 0.2, "tokens": 1500}


def test_the_output_of_an_agent_is_what_it_declares(project: Project) -> None:
    text = """\
    agents:
      writer: {instructions: You write., output: {type: object, properties: {text: {type: string}}, required: [text]}}
      plain: {instructions: You write.}
    steps:
      a: {agent: writer, task: Write.}
      b: {agent: plain, task: Write.}
      c: {set: {x: "${{ steps.a.output.txt }}", y: "${{ steps.b.output.text }}"}}
    """
    assert [(d.code, d.message) for d in project.check(text)] == [
        ("AF318", "the output of step `a` has no field `txt`"),
        ("AF318", "the output of step `b` is a string, and has no field `text`"),
    ]


def test_an_input_that_an_agent_of_a_file_reads_must_be_in_each_workflow_that_uses_it(project: Project) -> None:
    project.write("agents/helper.yaml", HEAD + "instructions: You help with ${{ inputs.topic }}.\n")
    assert project.check("inputs: {topic: {type: string}}\nsteps:\n  a: {agent: helper, task: x}\n") == []
    [found] = project.check("steps:\n  a: {agent: helper, task: x}\n")
    assert (found.code, found.span and found.span.line, found.secondary[0].span.file[-18:]) == (
        "AF311", 3, "agents/helper.yaml",
    )  # fmt: skip


def test_python_tools_are_found_without_running_them(project: Project) -> None:
    project.write(
        "tools/docs.py",
        '''\
        raise SystemExit("was run")
        def search(query: str, top: int = 3) -> list[str]:
            """Search the docs."""
        def _hidden(): ...
        def silent(x: int): ...
        ''',
    )

    def codes(line: str) -> list[tuple[str, str]]:
        return [(d.code, d.message) for d in project.check(f"steps:\n  a: {line}\n")]

    assert codes("{tool: search, with: {query: x}}") == []
    assert codes("{tool: docs.search, with: {query: x, top: 1}}") == []
    assert codes("{tool: search}") == [("AF334", "`search` needs `query`, which `with` does not give")]
    assert codes("{tool: _hidden}") == [("AF371", "there is no tool `_hidden`")]
    assert [code for code, _ in codes("{tool: silent, with: {x: 1}}")] == ["AF371"]
    project.write("tools/web.py", 'def search(term: str) -> str:\n    """Search the web."""\n')
    assert [code for code, _ in codes("{tool: search, with: {query: x}}")] == ["AF371"]
    assert codes("{tool: web.search, with: {term: x}}") == []


def test_the_built_in_tools_are_known_by_name_and_parameters() -> None:
    assert set(BUILT_IN) == set(REAL_TOOLS) == set(BUILT_IN_TOOLS)
    for name, parameters in BUILT_IN.items():
        schema = REAL_TOOLS[name].parameters
        assert set(parameters.required) == set(schema["required"])
        assert {*parameters.required, *parameters.optional} == set(schema["properties"])


def test_an_agent_file_is_checked_by_itself(project: Project) -> None:
    path = project.write(
        "agents/helper.yaml",
        HEAD + "instructions: You help ${{ inputs.any }} ${{ steps.a.output }}\ntools: [nope]\nlimits: {time: 0s}\n",
    )
    found = Diagnostics()
    assert check_file(path, project.root, found, Files()) == "agent"
    assert [d.code for d in found] == ["AF210"]  # its shape first
    path.write_text(path.read_text().replace("0s", "2s"))
    found = Diagnostics()
    check_file(path, project.root, found, Files())
    assert [d.code for d in found] == ["AF302", "AF371"]
