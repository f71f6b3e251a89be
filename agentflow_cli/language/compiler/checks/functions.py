"""`python` steps: the file and the function exist, and `with` gives what the function takes. Nothing is imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary, Severity
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.foundation.closest import closest, told
from agentflow_cli.language.compiler.blocks import StepBlock, steps_with_blocks
from agentflow_cli.language.compiler.definitions import UnreadableSourceError, locate_module
from agentflow_cli.language.compiler.fitting import misfits, types_in
from agentflow_cli.language.compiler.python_source import HIDDEN, Parameters, is_plain_value, module_names
from agentflow_cli.language.compiler.slips import key_slip
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.files import display_name, is_file
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.nearby import not_there_help
from agentflow_cli.language.loader.project import OutsideProjectError, resolve_inside


def check_functions(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report functions that are not there or cannot be called like that."""
    for step, block in steps_with_blocks(loaded.workflow):
        if step.kind == "python":
            _check_step(loaded, step, block, diagnostics)


def _check_step(loaded: Loaded, step: Step, block: StepBlock, diagnostics: Diagnostics) -> None:
    located = step.settings["python"]
    module, _, name = located.value.rpartition(":")

    def refuse(
        code: str, message: str, start: int, end: int, label: str | None = None, help: str | None = None
    ) -> None:
        span = loaded.document.within(located.path, start, end)
        diagnostics.add(Diagnostic(code, message, span, label=label, help=help))

    if not module or not name.isidentifier():
        refuse("AF331", "a function is named by its file and its name", 0, len(located.value), None,
               "write `path.py:name`, or `package.module:name`")  # fmt: skip
        return
    path = _file_of(loaded, module, refuse)
    if path is None:
        return
    try:
        names = module_names(path)
    except UnreadableSourceError as error:
        file = display_name(path, loaded.root)
        line = error.line
        stopped = () if line is None else (Secondary(Span(file, line, 1, line, 1), "Python cannot go on here"),)
        span = loaded.document.within(located.path, 0, len(module))
        diagnostics.add(Diagnostic("AF333", f"`{module}` is not Python that can be run: {error}", span,
                                   label="cannot be parsed", secondary=stopped,
                                   help="none of its functions can be called until it can be read"))  # fmt: skip
        return
    if name not in names:
        if HIDDEN in names:
            return
        near = closest(name, names)
        public = [known for known, what in names.items() if what is not None and not known.startswith("_")]
        listed = ", ".join(f"`{known}`" for known in public[:12])
        help = told(f"did you mean `{near}`?" if near else "", f"functions: {listed}" if listed else "")
        refuse("AF332", f"there is no function `{name}` in `{module}`", len(module) + 1, len(located.value),
               "not there", help)  # fmt: skip
    elif (parameters := names[name]) is not None:
        check_arguments(loaded, step, block, name, parameters, located, diagnostics)
        if HIDDEN not in names:
            check_result(loaded.document, located, name, parameters, loaded.root, diagnostics)
    elif HIDDEN not in names and is_plain_value(path, name):
        functions = [f"`{known}`" for known, what in names.items() if what is not None and not known.startswith("_")]
        refuse("AF332", f"`{name}` in `{module}` is a value, and no function", len(module) + 1, len(located.value),
               "cannot be called", f"functions: {', '.join(functions[:12])}" if functions else None)  # fmt: skip


def check_result(
    document: Document, located: Located, name: str, function: Parameters, root: Path, diagnostics: Diagnostics
) -> None:
    """Report that what the function `name`, with which the text of `located` ends, gives is refused when it comes."""
    if function.returns is None and not function.yields:
        return
    from agentflow_cli.language.compiler.no_json import no_json  # few workflows call functions

    found = no_json(function, root)
    if found is None:
        return
    start = len(located.value) - len(name)
    where = f" (line {found.line} of its file)" if found.line else ""
    severity, label = (Severity.ERROR, "fails when it returns") if found.always else (Severity.WARNING, "would fail")
    diagnostics.add(Diagnostic("AF543", f"`{name}` gives {found.what}{where}, which is not JSON",
                               document.within(located.path, start, len(located.value)), severity, label,
                               found.instead))  # fmt: skip


def _file_of(loaded: Loaded, module: str, refuse: object) -> Path | None:
    assert callable(refuse)
    if not module.endswith(".py"):
        return locate_module(loaded.root, module)
    try:
        path = resolve_inside(loaded.root, loaded.path.absolute().parent, module)
    except OutsideProjectError as error:
        refuse("AF331", f"a function's file stays inside the project: {error}", 0, len(module))
        return None
    if not is_file(path):
        refuse("AF331", f"there is no file `{module}`", 0, len(module), "not a file", not_there_help(path, module))
        return None
    return path


def check_arguments(
    loaded: Loaded,
    step: Step,
    block: StepBlock,
    name: str,
    parameters: Parameters,
    located: Located,
    diagnostics: Diagnostics,
) -> None:
    """Report what `with` of `step` gives too much or too little for the function or tool `name`, or of a wrong type."""
    given = step.templates["with"].value if "with" in step.templates else {}
    known = (*parameters.required, *parameters.optional)
    listed = ", ".join(f"`{parameter}`" for parameter in known)
    takes = f"it takes {listed}" if known else "it takes nothing"
    for argument in given:
        if argument not in known and not parameters.open:
            near = closest(argument, known)
            help = f"did you mean `{near}`?" if near else takes
            span = loaded.document.key_span((*step.templates["with"].path, argument))
            diagnostics.add(Diagnostic("AF334", f"`{name}` takes no argument `{argument}`", span,
                                       label="not a parameter", help=help,
                                       fix=key_slip(loaded.document, (*step.templates["with"].path, argument),
                                                    known)))  # fmt: skip
    unknown = [argument for argument in given if argument not in known]
    meant = {closest(argument, known) for argument in unknown} if not parameters.open else set()
    lacking = [parameter for parameter in parameters.required if parameter not in given and parameter not in meant]
    if lacking:
        span = loaded.document.span(located.path)
        words = ", ".join(f"`{parameter}`" for parameter in lacking)
        diagnostics.add(Diagnostic("AF334", f"`{name}` needs {words}, which `with` does not give", span,
                                   label=takes, help=f"add `with: {{{lacking[0]}: …}}`"))  # fmt: skip
    help = f"`{name}` says so by its type hint"
    if step.kind == "tool":
        help = f"`agentflow tools show {name}` shows what it takes"
    for argument, value in given.items():
        if argument in parameters.hints and value is not None:
            diagnostics.extend(_foreign(loaded, parameters, name, argument, (*step.path, "with", argument)))
        schema = parameters.schemas.get(argument)
        path = (*step.path, "with", argument)
        for place, problem in misfits(value, schema, path, types_in(loaded, step, block)) if schema else ():
            diagnostics.add(Diagnostic("AF535", f"the argument `{argument}` of `{name}` does not fit: {problem}",
                                       loaded.document.span(place), label="does not fit",
                                       help=help))  # fmt: skip


def _foreign(
    loaded: Loaded, function: Parameters, name: str, argument: str, path: DocumentPath
) -> Iterator[Diagnostic]:
    """An argument whose type hint is of something that never comes: JSON has no paths, dates or objects of a class."""
    from agentflow_cli.language.compiler.no_json import takes_no_json

    found = takes_no_json(function, argument, loaded.root)
    if found is not None:
        line = function.hints[argument].lineno
        yield Diagnostic("AF544", f"`{name}` takes {found.what} as `{argument}` (line {line} of its file), and JSON has"
                         " none", loaded.document.key_span(path), Severity.WARNING, "comes as JSON",
                         "let it take texts, numbers, lists or dicts, and make the rest of them inside")  # fmt: skip
