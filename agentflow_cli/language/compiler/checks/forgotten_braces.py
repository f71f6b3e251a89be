"""Texts that name a value of this workflow without `${{ }}`: what is given is the name, and not the value."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.diagnostics.fix import Fix
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.language.compiler.blocks import StepBlock
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
    if _means(loaded, site, text) and not _is_jq(site):
        written = f"${{{{ {text} }}}}"
        in_place = "\n" not in text and site.path[-2:] != ("prompt", "file")
        edit = loaded.document.value_edit(site.path, written) if in_place else None
        yield _finding(site, 0, len(site.text), written, None if edit is None else Fix(f"write `{written}`", (edit,)))


def _parts(loaded: Loaded, site: Site) -> Iterator[Diagnostic]:
    for found in itertools.islice(re.finditer(_WRAPPED, site.text), _MOST):
        source = found[1] or found[2]
        near = max(0, found.start() - _LONGEST), found.start()
        if site.text.rfind("${{", *near) <= site.text.rfind("}}", *near) and _means(loaded, site, source):
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
    for found in itertools.islice(re.finditer(_IN_SCRIPT, script.value), _MOST):
        source = next(part for part in found.groups() if part).strip()
        if _means(loaded, site, source):
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
            return found is not None and found[0].whole and path[1] in step_fields(found[0])
        case "secrets":
            return site.step is not None and path[0] in [located.value for located in site.step.secrets]
        case "previous":
            return path[0] in previous_steps(site)
    return False


def _is_jq(site: Site) -> bool:
    """`inputs` is a name of the language of `jq` too."""
    argv = site.step.templates.get("argv") if site.step is not None else None
    return argv is not None and argv.value[:1] in (["jq"], ["yq"], ["gojq"])
