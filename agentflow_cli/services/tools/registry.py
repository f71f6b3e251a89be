"""All tools of a project by name: the built-in ones and the Python functions in `tools/*.py`."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.project import TOOL_FILES
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.language.schema.value_problems import value_problems
from agentflow_cli.ports.commands import Functions, OnOutput, OnProcess
from agentflow_cli.ports.http import Http
from agentflow_cli.ports.tools import Tool
from agentflow_cli.services.tools.built_in import BUILT_IN, Behaviour, behaviours
from agentflow_cli.services.tools.python_tools import read_tools


@dataclass(frozen=True, slots=True)
class Refused:
    """A public function, or a whole file, that is no tool."""

    origin: str
    """`tools/docs.py:search`, or `tools/docs.py`."""
    reason: str


class ToolRegistry:
    """A ports.tools.Tools over the project at `root`. Files are read once, when the first tool is asked for."""

    def __init__(self, root: Path, *, functions: Functions, http: Http, files: Iterable[str] = TOOL_FILES) -> None:
        """`files` are glob patterns relative to `root`."""
        self._root = root
        self._functions = functions
        self._http = http
        self._files = tuple(files)

    def list(self) -> list[Tool]:
        return sorted(self._found[0].values(), key=lambda tool: tool.name)

    @property
    def refused(self) -> tuple[Refused, ...]:
        """What looks like a tool and is none, with the reason: for `tools list` and for suggestions."""
        return self._found[1]

    def get(self, name: str) -> Tool:
        tools, refused, qualified = self._found
        if name in tools:
            return tools[name]
        if name in qualified:
            return tools[qualified[name]]
        module, _, function = name.rpartition(".")
        for candidate in refused:
            file, _, its_function = candidate.origin.partition(":")
            if its_function == function and module in ("", Path(file).stem):
                raise NotFoundError(f"`{name}` is no tool: {candidate.reason}", hint=f"see {candidate.origin}")
        several = sorted(full for full in qualified if full.endswith(f".{name}"))
        if several:
            listed = " or ".join(f"`{full}`" for full in several)
            raise NotFoundError(f"there are several tools `{name}`", hint=f"write {listed}")
        near = closest(name, [*tools, *qualified])
        known = ", ".join(f"`{known}`" for known in sorted(tools))
        raise NotFoundError(
            f"there is no tool `{name}`",
            hint=(f"did you mean `{near}`? " if near else "") + f"there are {known}",
            next_command="agentflow tools list",
        )

    async def call(
        self,
        name: str,
        arguments: dict[str, Json],
        *,
        env: Mapping[str, str] | None = None,
        on_process: OnProcess,
        on_output: OnOutput | None = None,
    ) -> Json:
        try:
            tool = self.get(name)
        except NotFoundError as error:
            raise StepFailure(Failure("tool", f"{error.message}; {error.hint}")) from error
        if problems := value_problems(tool.parameters, arguments):
            said = "; ".join(sentence for _, sentence in problems[:5])
            raise StepFailure(Failure("tool", f"the arguments of `{tool.name}` do not fit: {said}"))
        if tool.name in self._behaviours and tool is BUILT_IN[tool.name]:
            return await self._behaviours[tool.name](arguments)
        return await self._functions.call(tool.origin, arguments, env=env, on_process=on_process, on_output=on_output)

    @functools.cached_property
    def _behaviours(self) -> Mapping[str, Behaviour]:
        return behaviours(self._root, self._http)

    @functools.cached_property
    def _found(self) -> tuple[dict[str, Tool], tuple[Refused, ...], dict[str, str]]:
        """Tools by their shortest name, what is none, and `module.function` → the shortest name."""
        refused: list[Refused] = []
        python: list[tuple[str, Tool]] = []
        for path in self._paths():
            place = path.relative_to(self._root).as_posix()
            file = read_tools(path)
            refused.extend(
                Refused(f"{place}:{function}" if function else place, reason)
                for function, reason in file.refused.items()
            )
            python.extend(
                (
                    f"{path.stem}.{tool.function}",
                    Tool(tool.function, tool.description, tool.parameters, f"{place}:{tool.function}"),
                )
                for tool in file.tools
            )
        uses = Counter([*BUILT_IN, *(tool.name for _, tool in python)])
        tools, qualified = dict(BUILT_IN), {}
        for full, tool in python:
            shortest = tool.name if uses[tool.name] == 1 else full
            if shortest in tools:
                refused.append(Refused(tool.origin, f"another file offers `{full}`, too: rename one of the files"))
                continue
            tools[shortest] = Tool(shortest, tool.description, tool.parameters, tool.origin, tool.effect)
            qualified[full] = shortest
        return tools, tuple(refused), qualified

    def _paths(self) -> tuple[Path, ...]:
        found = {path for pattern in self._files for path in self._root.glob(pattern)}
        inside = self._root.resolve()
        paths = sorted(
            path
            for path in found
            if path.suffix == ".py" and not path.name.startswith("_") and path.resolve().is_relative_to(inside)
        )
        return tuple(paths)
