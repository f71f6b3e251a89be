"""Scripts are literal: an expression in one would become code. The fix moves it into `env:`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic
from agentflow_cli.diagnostics.fix import Edit, Fix
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.language.compiler.shell_text import BARE, NOWHERE, contexts
from agentflow_cli.language.expressions.problem import ExpressionErrors
from agentflow_cli.language.expressions.template import compile_expression
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.nodes import AliasNode, MappingNode, ScalarNode
from agentflow_cli.language.loader.traps import quoted

_EXPRESSION = re.compile(r"(?<!\$)\$\{\{((?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|.)*?)(?:(\}\})|\Z)", re.DOTALL)
_TAKEN = frozenset(
    {"PATH", "HOME", "USER", "SHELL", "PWD", "OLDPWD", "LANG", "TMPDIR", "IFS", "ENV", "TERM", "LOGNAME", "RANDOM",
     "SECONDS", "LINENO", "UID", "EUID", "PPID", "GROUPS", "HOSTNAME", "OPTARG", "OPTIND", "REPLY", "CDPATH", "PS1",
     "PS2", "PS4", "EDITOR", "DISPLAY", "FUNCNAME", "DIRSTACK", "CI"}
)  # fmt: skip
"""Variables that mean something to the shell, or to the programs that it starts."""
_UNTOLD = frozenset({"output", "inputs", "steps", "children", "error", "value"})
"""Links of a chain that say nothing about what is read."""


def check_script(document: Document, step: Step, located: Located) -> Iterator[Diagnostic]:
    """Report each `${{` in the script of `step`."""
    script: str = located.value
    found = list(_EXPRESSION.finditer(script))
    if not found:
        return
    names = _Names(step, script)
    wanted = [(place, names.name(place.group(1))) for place in found]
    where = contexts(script, [place.span() for place in found])
    movable = [
        (place.start(), place.end(), variable, context)
        for (place, variable), context in zip(wanted, where, strict=True)
        if context != NOWHERE and place.group(2) and variable in names.sure
    ]
    fix = _move(document, step, located, movable, names.new)
    mended = {start for start, *_ in movable} if fix else set()
    for (place, variable), context in zip(wanted, where, strict=True):
        read = f'"${variable}"' if context == BARE else f"${{{variable}}}" if context != NOWHERE else f'"${variable}"'
        value = " ".join(place.group(1).split())
        help_ = f'add `env: {{{variable}: "${{{{ {value} }}}}"}}` and write `{read}` here'
        if variable not in names.new:
            help_ = f"`env` has it already: write `{read}` here"
        if context == NOWHERE:
            help_ += ", outside of quotes that keep `$` as it is"
        yield Diagnostic(
            "AF415",
            "values are never written into a script",
            document.within(located.path, *place.span()),
            label="would become code",
            help=help_,
            fix=fix if place.start() in mended else None,
        )


class _Names:
    """A variable for each expression of one script: the one that holds it already, or a new one."""

    def __init__(self, step: Step, script: str) -> None:
        self._held: dict[str, str] = {}
        self._used = set(_TAKEN) | set(re.findall(r"(?<![\w$])([A-Za-z_]\w*)(?=\+?=)|(?<=\$)[A-Za-z_]\w*", script))
        self._used |= set(re.findall(r"\$\{?([A-Za-z_]\w*)", script)) | set(step.env)
        for name, located in step.env.items():
            if isinstance(located.value, str) and (whole := re.fullmatch(r"\$\{\{(.*)\}\}", located.value, re.DOTALL)):
                self._held[_plain(whole.group(1))] = name
        self.new: dict[str, str] = {}
        """The entries that `env` has to get: name → expression."""
        self.sure: set[str] = set(self._held.values())
        """Variables whose expressions can be read."""

    def name(self, source: str) -> str:
        held = self._held.get(_plain(source))
        if held is not None:
            return held
        words, readable = _words(source)
        chosen = next((w for w in _candidates(words) if w not in self._used), None)
        number = 2
        while chosen is None:
            numbered = f"{_candidates(words)[0]}_{number}"
            chosen, number = (None if numbered in self._used else numbered), number + 1
        self._used.add(chosen)
        self._held[_plain(source)] = chosen
        self.new[chosen] = source.strip()
        if readable and "\n" not in source.strip():
            self.sure.add(chosen)
        return chosen


def _plain(source: str) -> str:
    return source.strip()


def _words(source: str) -> tuple[list[str], bool]:
    """What the first thing that an expression reads is called, link by link; and whether it is an expression."""
    try:
        template = compile_expression(source.strip())
    except ExpressionErrors:
        return [w for w in re.findall(r"[A-Za-z_]\w*", source) if w not in _UNTOLD][-1:] or ["value"], False
    if not template.references:
        return ["value"], True
    first = template.references[0]
    path = [str(part) for part in (first.root, *first.path) if isinstance(part, str) and part.isidentifier()]
    return [word for word in path if word not in _UNTOLD] or ["value"], True


def _candidates(words: list[str]) -> list[str]:
    """`title`, then `review_title`, as variables are spelt."""
    spelt = ["_".join(words[-length:]).upper() for length in range(1, len(words) + 1)]
    spelt.append(f"INPUT_{spelt[0]}")
    return [name if name.isascii() else "VALUE" for name in spelt]


def _move(
    document: Document, step: Step, located: Located, movable: list[tuple[int, int, str, str]], new: dict[str, str]
) -> Fix | None:
    """All of `movable` (start, end, variable, context) read from variables, and these defined; None if not certain."""
    if not movable:
        return None
    reads = [
        (start, end, f'"${variable}"' if context == BARE else f"${{{variable}}}")
        for start, end, variable, context in movable
    ]
    edits = _script_edits(document, located, reads)
    needed = [name for name in dict.fromkeys(variable for _, _, variable, _ in movable) if name in new]
    entries = [f"{name}: {quoted('${{ ' + new[name] + ' }}')}" for name in needed]
    if entries:
        edits.append(_env_edit(document, step, located, entries))
    certain = tuple(edit for edit in edits if edit is not None)
    if len(certain) < len(edits):
        return None
    return Fix(f"read {' and '.join(f'`${name}`' for name in dict.fromkeys(m[2] for m in movable))}", certain)


def _script_edits(document: Document, located: Located, reads: list[tuple[int, int, str]]) -> list[Edit | None]:
    node = document.node(located.path)
    if isinstance(node, ScalarNode) and not node.style:
        # One edit for all of it: a plain scalar may need quotes when it has changed.
        text = node.text
        for start, end, read in reversed(reads):
            text = text[:start] + read + text[end:]
        return [document.value_edit(located.path, text)]
    return [document.edit_within(located.path, *read) for read in reads]


def _env_edit(document: Document, step: Step, located: Located, entries: list[str]) -> Edit | None:
    path = (*step.path, "env")
    if document.node(path) is None:
        return document.insertion_before(located.path, "env: {" + ", ".join(entries) + "}")
    env = document.written_node(path)
    if isinstance(env, AliasNode) or not isinstance(env, MappingNode) or not env.entries:
        return None
    joined = ", ".join(entries) if document.text[env.start] == "{" else None
    return document.insertion_before((*path, next(iter(env.entries))), joined if joined else "\n".join(entries))
