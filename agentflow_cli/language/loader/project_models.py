"""`models:` and `defaults.model` of the project file: names that lead somewhere, addresses that can be one."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.model_names import ADDRESSABLE
from agentflow_cli.domain.models import BUILT_IN, ModelAlias, circle, is_address
from agentflow_cli.domain.project import Project
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.model_names import model_problem


def check_project_models(project: Project, document: Document, found: Diagnostics) -> None:
    """Report what is wrong with the models of a project file of the right shape."""
    aliases, told = project.models, set[str]()
    for name, alias in aliases.items():
        path: DocumentPath = ("models", name)
        if name in BUILT_IN:
            found.add(Diagnostic("AF385", f"the model `{name}` is built in", document.key_span(path),
                                 label="has a meaning already", help="choose another name"))  # fmt: skip
            continue
        written = document.data["models"][name]
        for position, target in enumerate(alias.names):
            _check_written(target, _path(path, written, position), project, document, found)
        way = None if name in told else circle(aliases, name)
        if way is not None:
            told.update(way)
            found.add(_circle(way, aliases, document))
        if isinstance(written, dict):
            _check_binding(alias, path, project, document, found)
    if project.model is not None:
        _check_written(project.model, ("defaults", "model"), project, document, found)


def _check_written(name: str, path: DocumentPath, project: Project, document: Document, found: Diagnostics) -> None:
    if "${{" in name:
        found.add(Diagnostic("AF381", "the name of a model is taken as it is: no expression is evaluated in it",
                             document.span(path), label="would stay text", help="write the name itself"))  # fmt: skip
    else:
        check_model_name(name, path, project, document, found)


def check_model_name(name: str, path: DocumentPath, project: Project, document: Document, found: Diagnostics) -> None:
    """Report `name`, which stands at `path`, when it is certainly no model."""
    problem = model_problem(name, project, project.models)
    if problem is not None:
        span = document.within(path, problem.start, problem.end)
        found.add(Diagnostic(problem.code, problem.message, span, label=problem.label, help=problem.help))


def _path(path: DocumentPath, written: Json, position: int) -> DocumentPath:
    """Where the name number `position` of an entry stands."""
    if isinstance(written, str):
        return path
    if isinstance(written, list):
        return (*path, position)
    return (*path, "model") if position == 0 else (*path, "fallbacks", position - 1)


def _circle(way: list[str], aliases: Mapping[str, ModelAlias], document: Document) -> Diagnostic:
    names = " means ".join(f"`{name}`" for name in (*way, way[0]))
    last = way[-1]
    path = _path(("models", last), document.data["models"][last], aliases[last].names.index(way[0]))
    message = f"the model `{last}` names itself" if len(way) == 1 else f"models name each other in a circle: {names}"
    return Diagnostic("AF383", message, document.span(path), label="closes the circle",
                      help="in the end a name stands for `provider/name`")  # fmt: skip


def _check_binding(
    alias: ModelAlias, path: DocumentPath, project: Project, document: Document, found: Diagnostics
) -> None:
    model, provider = alias.names[0], alias.names[0].partition("/")[0]
    if alias.base_url is not None and not is_address(alias.base_url):
        found.add(Diagnostic("AF384", "this is no address of a server", document.span((*path, "base_url")),
                             label="not an address", help="write it like `https://models.acme.test/v1`, without a"
                             " query, and a key as `api_key: env:NAME`"))  # fmt: skip
    bound = next((key for key in ("base_url", "api_key") if getattr(alias, key) is not None), None)
    told = model_problem(model, project, project.models) is not None
    if bound is None or told or ("/" in model and provider in ADDRESSABLE):
        return
    what = "an address" if bound == "base_url" else "a key"
    if model in project.models:
        why, help = f"`{model}` is another name of the project", f"say it where `{model}` is declared"
    elif "/" not in model:
        why, help = f"`{model}` is no model of a provider", "name one as `provider/name`"
    else:
        why = f"`{provider}` has credentials of its own"
        help = "set the variables of this provider instead; for any server that speaks OpenAI's protocol, use"
        help += " `endpoint/NAME`"
    found.add(Diagnostic("AF384", f"{what} cannot be given here: {why}", document.key_span((*path, bound)),
                         label="not for this model", help=help))  # fmt: skip
