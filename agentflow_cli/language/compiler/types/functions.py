"""What Python functions give, read from their annotations: nothing of a project is imported."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.annotations import result_schema
from agentflow_cli.language.compiler.definitions import UnreadableSourceError, elsewhere, locate_module
from agentflow_cli.language.compiler.python_source import Parameters, module_names
from agentflow_cli.language.compiler.tools import project_tools
from agentflow_cli.language.compiler.types.known import BUILT_IN_TOOLS
from agentflow_cli.language.expressions.types.lattice import ANY, Type
from agentflow_cli.language.expressions.types.schemas import type_of_schema
from agentflow_cli.language.loader.files import is_file
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.project import OutsideProjectError, resolve_inside


def result_of_function(loaded: Loaded, step: Step) -> Type:
    """What the function of a `python` step gives."""
    module, _, name = str(step.settings["python"].value).rpartition(":")
    path = _file_of(loaded, module)
    if path is None:
        return ANY
    try:
        names = module_names(path)
    except UnreadableSourceError:
        return ANY
    return _result(loaded, names.get(name))


def result_of_tool(loaded: Loaded, step: Step) -> Type:
    """What the tool of a `tool` step gives."""
    name = step.settings["tool"].value
    if name in BUILT_IN_TOOLS:
        return BUILT_IN_TOOLS[name]
    if not isinstance(name, str) or ":" in name or "${{" in name:
        return ANY
    return _result(loaded, project_tools(loaded).tools.get(name))


def _result(loaded: Loaded, function: Parameters | None) -> Type:
    if function is None or function.returns is None or function.source is None or function.yields:
        return ANY
    hint, source = function.returns, function.source
    kept, key = loaded.files.derived, (f"what line {hint.lineno} gives", source.path)
    found = kept.get(key)
    if not isinstance(found, Type):
        found = type_of_schema(result_schema(hint, source.own, elsewhere(source, loaded.root)))
        kept[key] = found
    return found


def _file_of(loaded: Loaded, module: str) -> Path | None:
    if not module.endswith(".py"):
        return locate_module(loaded.root, module) if module else None
    try:
        path = resolve_inside(loaded.root, loaded.path.absolute().parent, module)
    except (OutsideProjectError, OSError):
        return None
    return path if is_file(path) else None
