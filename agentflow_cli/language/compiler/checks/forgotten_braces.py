"""Texts that name a value of this workflow without `${{ }}`: what is given is the name, and not the value."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.diagnostics.fix import Fix
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.checks.types import check_types
from agentflow_cli.language.compiler.names import previous_steps, step_fields
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.expressions.lexer import has_markup
from agentflow_cli.language.expressions.problem import ExpressionErrors
from agentflow_cli.language.expressions.references import Reference
from agentflow_cli.language.expressions.scope import Place
from agentflow_cli.language.expressions.template import compile_expression
from agentflow_cli.language.loader.load import Loaded

CODE = "AF222"
_NAMED = ("inputs.", "steps.", "secrets.", "previous.")
"""How a text begins that is one of our expressions."""
_WRAPPED = r"(?<![$\\{])\{ ?((?:inputs|steps)\.[\w.\[\]]+) ?\}(?!\})|\$\(((?:inputs|steps)\.[\w.\[\]]+)\)"
"""`{inputs.x}` and `$(inputs.x)`, as others write it. Compiled by its first use: most files have no such text."""
_IN_SCRIPT = (
    r"(?<![$\\{])\{\{ *((?:inputs|steps)\.[^{}]+?) *\}\}|(?<![$\\])\$\{((?:inputs|steps)\.[\w.\[\]]+)\}"
    r"|(?<!\\)\$\(((?:inputs|steps)\.[\w.\[\]]+)\)"
)
"""`{{ inputs.x }}`, `${inputs.x}` and `$(inputs.x)`."""
_OWN = (
    r"(?<![\w.])(?:{0})\)?\s*(?:=>|:?=(?!=))|\b(?:const|let|var|import|from|as|for|def|lambda|function)\b[^\n;]{{0,200}}?"
    r"(?<![\w.])(?:{0})\b(?!\.)"
)
"""Code that has a variable, or a parameter, of such a name: `inputs` there is its own."""
_TEMPLATES = r"\b(?:jinja2?|j2|gomplate|mustache|handlebars|helm)\b"
"""Programs that fill in `{{ }}`."""
_CODE = 20_000
"""Characters of a script that are looked through for them."""
_QUERIES = frozenset({"jq", "yq", "gojq", "jaq", "cue", "grep", "egrep", "fgrep", "rg", "ag", "agentflow"})
"""Programs that look for a text or a path, such as `inputs.topic`."""
_LONGEST, _MOST = 400, 1_000
"""Characters of an expression that are looked at, and finds in one text."""
_SHARED = 1_000
"""Characters of a text that is looked at once, however many steps share it."""


def check_forgotten_braces(loaded: Loaded, sites: Iterable[Site], diagnostics: Diagnostics) -> None:
    """Report them where all that is named is really there, so that hardly anything else can be meant."""
    seen: set[int] = set()
    for site in sites:
        if len(site.text) > _SHARED:
            if id(site.text) in seen:
                continue  # a text that thousands of steps share, by an alias or a prompt file
            seen.add(id(site.text))
        if site.bare or site.place is Place.INSTRUCTIONS or "." not in site.text:
            continue
        begin = site.text[:60].lstrip(" \n([{'\"").removeprefix("not ")
        if begin.startswith(_NAMED) and len(site.text) < _LONGEST and not has_markup(site.text):
            diagnostics.extend(_whole(loaded, site))
        elif "{inputs." in site.text or "{steps." in site.text or "$(" in site.text or "{ inputs." in site.text:
            diagnostics.extend(_parts(loaded, site))


def _whole(loaded: Loaded, site: Site) -> Iterator[Diagnostic]:
    text = site.text.strip()
    if _means(loaded, site, text) and not _is_of_query(site):
        written = f"${{{{ {text} }}}}"
        wrong = _wrong_with(loaded, site, written)
        if wrong - {"AF440"}:
            return  # what it would read is not there
        in_place = (
            "\n" not in text and site.path[-2:] != ("prompt", "file") and not wrong and _stands_before(site, text)
        )
        edit = loaded.document.value_edit(site.path, written) if in_place else None
        yield _finding(site, 0, len(site.text), written, None if edit is None else Fix(f"write `{written}`", (edit,)))


def _parts(loaded: Loaded, site: Site) -> Iterator[Diagnostic]:
    for found in itertools.islice(re.finditer(_WRAPPED, site.text), _MOST):
        source = found[1] or found[2]
        near = max(0, found.start() - _LONGEST), found.start()
        if site.text.rfind("${{", *near) > site.text.rfind("}}", *near) or not _means(loaded, site, source):
            continue
        if site.field != "argv" or not _is_own(site.text, source):
            written = f"${{{{ {source} }}}}"
            yield _finding(site, *found.span(), written, site.fix([(*found.span(), written)]))


def check_script_names(loaded: Loaded, step: Step, block: StepBlock, script: Located) -> Iterator[Diagnostic]:
    """The same in a script, where `${{ }}` is no way out: values come by `env`."""
    if "inputs." not in script.value and "steps." not in script.value:
        return
    document = loaded.document

    def span(start: int, end: int) -> Span:
        return document.within(script.path, start, end)

    site = Site(script.value, Place.STEP, span, f"step `{step.id}`", step, "script", block, path=script.path)
    filled_in = re.search(_TEMPLATES, script.value[:_CODE]) is not None
    for found in itertools.islice(re.finditer(_IN_SCRIPT, script.value), _MOST):
        source = next(part for part in found.groups() if part).strip()
        line = script.value[script.value.rfind("\n", 0, found.start()) + 1 : found.start()]
        if line.lstrip().startswith("#") or (found[1] and filled_in):
            continue
        if _means(loaded, site, source) and not _is_own(script.value, source):
            variable = re.findall(r"[A-Za-z_]\w*", source.removesuffix(".output"))[-1].upper()
            help = f'add `env: {{{variable}: "${{{{ {source} }}}}"}}` and write `"${variable}"` here'
            yield Diagnostic(CODE, "this is text that names a value, and not the value itself", span(*found.span()),
                             Severity.WARNING, "the shell does not know it", help)  # fmt: skip


def _finding(site: Site, start: int, end: int, written: str, fix: Fix | None) -> Diagnostic:
    return Diagnostic(CODE, "this is text that names a value, and not the value itself", site.span(start, end),
                      Severity.WARNING, "taken as it is written", f"write `{written}`", fix=fix)  # fmt: skip


def _means(loaded: Loaded, site: Site, text: str) -> bool:
    """Whether `text` is an expression that reads something, and all of it is there."""
    try:
        references = compile_expression(text).references
    except ExpressionErrors:
        return False
    return bool(references) and all(_is_there(loaded, site, reference) for reference in references)


def _is_there(loaded: Loaded, site: Site, reference: Reference) -> bool:
    path = reference.path
    if not path:
        return False
    match reference.root:
        case "inputs":
            return path[0] in loaded.workflow.inputs
        case "steps":
            found = site.block.find(str(path[0])) if site.block is not None and len(path) > 1 else None
            around = (site.step, *site.block.groups()) if site.block is not None else ()
            own = found is not None and any(found[0] is step for step in around)
            return found is not None and not own and found[0].whole and path[1] in step_fields(found[0])
        case "secrets":
            return site.step is not None and path[0] in [located.value for located in site.step.secrets]
        case "previous":
            return path[0] in previous_steps(site)
    return False


def _wrong_with(loaded: Loaded, site: Site, written: str) -> set[str]:
    """The codes of what types would find wrong with `written` at `site`."""
    found = Diagnostics()
    there = site.span(0, 1)
    meant = site._replace(text=written, span=lambda start, end: there, path=(*site.path, written))
    check_types(loaded, [meant], found)
    return {diagnostic.code for diagnostic in found}


def _stands_before(site: Site, text: str) -> bool:
    """Whether the steps that are named stand before this one, so that hardly a circle comes of reading them."""
    if site.step is None or site.block is None or site.step.id not in site.block.steps:
        return True
    order = list(site.block.steps)
    names = {reference.step for reference in compile_expression(text).references} & set(order)
    return all(order.index(str(name)) < order.index(site.step.id) for name in names)


def _is_of_query(site: Site) -> bool:
    argv = site.step.templates.get("argv") if site.step is not None else None
    words = argv.value if argv is not None and isinstance(argv.value, list) else []
    return any(isinstance(word, str) and word.rpartition("/")[2] in _QUERIES for word in words)


def _is_own(text: str, source: str) -> bool:
    """Whether the name with which `source` begins is one of the code in `text`."""
    return _has_own(text[:_CODE], source.partition(".")[0])


@functools.lru_cache(maxsize=64)
def _has_own(text: str, name: str) -> bool:
    return re.search(_OWN.format(name), text) is not None
