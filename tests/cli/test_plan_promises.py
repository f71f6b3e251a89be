"""What `plan` calls certain is what a run then does, for workflows made at random."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

ROUNDS = 50
ENDS = ("succeeded", "skipped", "cancelled", "failed")


def made(chance: random.Random) -> str:
    """A workflow in which conditions and values depend on inputs, on each other, and on what only a run can know."""
    lines = ["apiVersion: agentflow/v1", "name: made", "inputs: {n: {type: integer, default: 3}}", "steps:"]
    before: list[str] = []
    for number in range(chance.randint(3, 8)):
        name = f"s{number}"
        lines.append(f"  {name}:")
        lines += [f"    {line}" for line in _step(chance, before, name)]
        before.append(name)
    return "\n".join(lines) + "\n"


def _step(chance: random.Random, before: list[str], name: str) -> Iterator[str]:
    read = f"steps.{chance.choice(before)}.output.v" if before and chance.random() < 0.7 else "inputs.n"
    if chance.random() < 0.4:
        yield f"when: {read} {chance.choice(['>', '<'])} {chance.randint(0, 6)}"
    elif chance.random() < 0.2 and before:
        yield f"when: steps.{chance.choice(before)}.status {chance.choice(['==', '!='])} '{chance.choice(ENDS)}'"
    if chance.random() < 0.2 and before:
        yield f"needs: [{chance.choice(before)}]"
    value = f"${{{{ {read} + {chance.randint(0, 2)} }}}}"
    match chance.randint(0, 9):
        case 0 | 7 | 8:
            yield f'run: \'echo "{{\\"v\\": {chance.randint(0, 6)}}}"\''
            yield "format: json"
        case 1:
            yield f'steps: {{inner_{name}: {{set: {{v: "{value}"}}}}}}'
            yield f'outputs: {{v: "${{{{ steps.inner_{name}.output.v }}}}"}}'
        case 2:
            yield f'set: {{v: "${{{{ {read} // (inputs.n - {chance.choice([3, 9])}) }}}}"}}'
            yield f"on_error: {chance.choice(['fail', 'continue'])}"
        case 3 if before:
            yield f'set: {{v: "${{{{ steps.{chance.choice(before)}.output.v | default(1) }}}}"}}'
        case _:
            yield f'set: {{v: "{value}"}}'


def test_what_is_called_certain_happens(cli: Cli, write: Write) -> None:
    seen: Counter[str] = Counter()
    for seed in range(ROUNDS):
        text = made(random.Random(seed))
        write("made.yaml", text.replace("name: made", f"name: made{seed}"))
        planned = cli("plan", "made.yaml", "-o", "json")
        if planned.code == 2:  # a condition that the checks know to be pointless
            continue
        assert planned.code == 0, f"{text}\n{planned.err}"
        cli("run", "made.yaml", "--progress", "none")
        graph = json.loads(cli("graph", "last", "-o", "json").out)
        ended = {node["id"]: node["status"] for node in graph["nodes"]}
        for step in json.loads(planned.out)["steps"]:
            if "/" in step["path"]:
                continue
            status, verdict = ended[step["id"]], step["verdict"]
            told = f"{text}\n{step['id']} was to be {verdict} ({step['why']}, {step['problem']}) and {status}"
            seen[verdict if step["problem"] is None else "problem"] += 1
            if verdict == "skipped":
                assert status in ("skipped", "cancelled"), told
            elif verdict in ("runs", "changed"):
                assert status != "skipped", told
            if step["problem"] is not None:
                assert status in ("failed", "went on", "cancelled", "skipped"), told
    assert min(seen[word] for word in ("runs", "skipped", "conditional", "problem")) >= 5, seen
