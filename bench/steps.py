"""What a durable step costs, beside LangGraph with its SQLite saver and beside bare asyncio with one SQLite writer.

    python bench/steps.py            the table of ratios
    python bench/steps.py ours-set   one program, one run: prints seconds a step

Each program runs in a process of its own, in turns (A B C A B C …), so that a slow minute of the machine hits all of
them; the table divides medians. Only the work is timed, not imports. Every program commits each step with
`synchronous=FULL`, except LangGraph, which is used as its documentation shows (its saver keeps SQLite's default).
"""

from __future__ import annotations

import asyncio
import json
import operator
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, TypedDict

STEPS = int(os.environ.get("BENCH_STEPS", "10000"))
CHAIN = int(os.environ.get("BENCH_CHAIN", "200"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
WIDTH = 512
"""Steps under way at once in the bare program: what the engine uses for `set`."""


def ours(directory: Path, workflow: str, count: int) -> float:
    """A real workflow through loader, compiler, engine and journal; the engine is timed."""
    from agentflow_cli.application.runtime.container import Container
    from agentflow_cli.application.usecases.workflow_files import compile_workflow
    from agentflow_cli.engine.engine import Engine
    from agentflow_cli.engine.options import EngineOptions

    class Deaf:
        def recorded(self, record: Any, state: Any) -> None: ...
        def delta(self, path: str, text: str) -> None: ...
        def printed(self, path: str, text: str) -> None: ...

    path = directory / "bench.yaml"
    path.write_text(workflow)
    (directory / "bench.py").write_text("def work(n):\n    return n + 1\n")
    os.chdir(directory)
    plan = compile_workflow(str(path)).plan
    container = Container(directory)
    container.prepare_state()
    journal = container.runs.create(plan, {"numbers": list(range(count))}, "bench")

    async def drive() -> float:
        engine = Engine(plan, journal, container.services(), EngineOptions(directory), Deaf())
        begin = time.perf_counter()
        state = await engine.run()
        elapsed = time.perf_counter() - begin
        assert state.status == "succeeded", state.error
        return elapsed

    elapsed = asyncio.run(drive())
    journal.close()
    return elapsed / count


def ours_set(directory: Path) -> float:
    return ours(directory, _FOREACH.format(body="set: {v: '${{ item + 1 }}'}"), STEPS)


def ours_python(directory: Path) -> float:
    return ours(directory, _FOREACH.format(body="python: bench.py:work\n    with: {n: '${{ item }}'}"), STEPS)


def ours_chain(directory: Path) -> float:
    steps = ["  s0:\n    set: {v: 0}"]
    steps += [f"  s{n}:\n    set: {{v: '${{{{ steps.s{n - 1}.output.v + 1 }}}}'}}" for n in range(1, CHAIN)]
    return ours(directory, "apiVersion: agentflow/v1\nsteps:\n" + "\n".join(steps), CHAIN)


_FOREACH = """apiVersion: agentflow/v1
inputs:
  numbers: {{type: array, items: {{type: integer}}, default: []}}
steps:
  each:
    foreach: inputs.numbers
    {body}
"""


def bare(directory: Path, count: int, width: int) -> float:
    """asyncio tasks whose results go to one writer that commits once a turn of the loop."""
    connection = sqlite3.connect(directory / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE step (id INTEGER PRIMARY KEY, at REAL, type TEXT, data TEXT) STRICT")

    async def main() -> float:
        loop = asyncio.get_running_loop()
        pending: list[tuple[tuple[Any, ...], asyncio.Future[None]]] = []

        def commit() -> None:
            batch = pending[:]
            pending.clear()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO step (at, type, data) VALUES (?, ?, ?)", [row for row, _ in batch])
            connection.execute("COMMIT")
            for _, future in batch:
                future.set_result(None)

        def record(row: tuple[Any, ...]) -> asyncio.Future[None]:
            future = loop.create_future()
            if not pending:
                loop.call_soon(commit)
            pending.append((row, future))
            return future

        todo = iter(range(count))

        async def work() -> None:
            for n in todo:
                await record(
                    (time.time(), "step_succeeded", json.dumps({"path": f"each[{n}]", "output": {"v": n + 1}}))
                )

        begin = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(width)))
        return time.perf_counter() - begin

    return asyncio.run(main()) / count


def bare_wide(directory: Path) -> float:
    return bare(directory, STEPS, WIDTH)


def bare_chain(directory: Path) -> float:
    return bare(directory, CHAIN, 1)


class _Fan(TypedDict):
    n: int
    out: Annotated[list[int], operator.add]


def langgraph_wide(directory: Path) -> float:
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import END, START, StateGraph
    from langgraph.types import Send

    graph = StateGraph(_Fan)
    graph.add_node("work", lambda state: {"out": [state["n"] + 1]})
    graph.add_conditional_edges(START, lambda state: [Send("work", {"n": n}) for n in range(STEPS)], ["work"])
    graph.add_edge("work", END)
    with SqliteSaver.from_conn_string(str(directory / "graph.db")) as saver:
        app = graph.compile(checkpointer=saver)
        begin = time.perf_counter()
        result = app.invoke({"n": 0, "out": []}, {"configurable": {"thread_id": "1"}, "max_concurrency": WIDTH})
        elapsed = time.perf_counter() - begin
    assert len(result["out"]) == STEPS
    return elapsed / STEPS


class _Line(TypedDict):
    v: int


def langgraph_chain(directory: Path) -> float:
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import END, START, StateGraph

    graph = StateGraph(_Line)
    for n in range(CHAIN):
        graph.add_node(f"s{n}", lambda state: {"v": state["v"] + 1})
        graph.add_edge(START if n == 0 else f"s{n - 1}", f"s{n}")
    graph.add_edge(f"s{CHAIN - 1}", END)
    with SqliteSaver.from_conn_string(str(directory / "graph.db")) as saver:
        app = graph.compile(checkpointer=saver)
        begin = time.perf_counter()
        result = app.invoke({"v": 0}, {"configurable": {"thread_id": "1"}, "recursion_limit": CHAIN + 10})
        elapsed = time.perf_counter() - begin
    assert result["v"] == CHAIN
    return elapsed / CHAIN


PROGRAMS = {
    "ours-set": ours_set,
    "ours-python": ours_python,
    "bare-wide": bare_wide,
    "langgraph-wide": langgraph_wide,
    "ours-chain": ours_chain,
    "bare-chain": bare_chain,
    "langgraph-chain": langgraph_chain,
}


def measure() -> None:
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name in PROGRAMS:
            done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
            seconds[name].append(float(done.stdout))
    median = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"cost of a durable step: {STEPS} wide, {CHAIN} in a chain; ratios of medians over {ROUNDS} rounds in turns")
    for name, other in (
        ("ours-set", "bare-wide"),
        ("ours-set", "langgraph-wide"),
        ("ours-python", "bare-wide"),
        ("ours-python", "langgraph-wide"),
        ("ours-chain", "bare-chain"),
        ("ours-chain", "langgraph-chain"),
    ):
        print(f"  {name:12} / {other:16} {median[name] / median[other]:6.2f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with tempfile.TemporaryDirectory() as temporary:
            print(PROGRAMS[sys.argv[1]](Path(temporary).resolve()))
    else:
        measure()
