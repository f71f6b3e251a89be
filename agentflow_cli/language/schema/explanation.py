"""Why a file is not shaped like a workflow: every broken rule once. Loaded only when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from agentflow_cli.diagnostics.diagnostic import MOST, Diagnostic, Diagnostics, Secondary
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.schema.fields import kind_fields, modifiers
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.messages import explain
from agentflow_cli.language.schema.other_files import FILE_NAMES, explain_other_file
from agentflow_cli.language.schema.other_words import advice, meant
from agentflow_cli.language.schema.places import Places
from agentflow_cli.language.schema.step_paths import is_step, steps_of
from agentflow_cli.language.schema.told_once import told_once
from agentflow_cli.language.schema.unknown_fields import unknown_field
from agentflow_cli.language.schema.validator import violations
from agentflow_cli.language.schema.wording import either, shown

_SAID_BETTER = ("AF118", "AF120")
"""Of templates as keys, and of tokens: that they are not spelt like names or references follows."""
_INSTEAD = {
    ("", "outputs"): "`output` declares what a step gives, as a JSON Schema",
    ("run", "with"): "values reach a command by `env`, by `stdin`, or as elements of a list",
    ("prompt", "with"): "values stand in the text: `${{ … }}`",
    ("agent", "with"): "values stand in the `task`: `${{ … }}`",
    ("prompt", "format"): "`output` says how the answer looks, as a JSON Schema",
    ("agent", "format"): "`output` says how the answer looks, as a JSON Schema",
    ("agent", "model"): "the model of an agent stands with the agent",
}
"""(kind of step, field of another kind) → what there is for it."""
_KIND_LIST = either(f"`{kind}`" for kind in KINDS)


def explain_shape(
    data: Json, places: Places, broken: Sequence[DocumentPath], diagnostics: Diagnostics
) -> list[DocumentPath] | None:
    """Report every broken rule; the paths that are reported. None when the file is something else than a workflow, or
    when so much is wrong that not all of it is told."""
    other = explain_other_file(data, places)
    if other is not None:
        diagnostics.add(other)
        return None
    found: list[Diagnostic] = []
    known = _Broken(broken)
    for path, step in steps_of(data):
        if isinstance(step, dict) and not known.touches(path, exactly=True):
            found.extend(_check_kind(path, step, places))
        if len(found) > MOST:
            break
    wrong = told_once(violations(load_schema(), data, MOST + 1))
    owners, outside = _outdented(data)
    too_many = len(found) > MOST or len(wrong) > MOST
    for violation in wrong:
        if is_step(violation.path) and violation.keyword in ("additionalProperties", "anyOf"):
            continue  # said by _check_kind, and better
        if is_step(violation.path) and violation.keyword == "required" and _kinds_of(violation.value) > 1:
            continue  # which of them is meant is not known
        if violation.path in outside:
            continue  # said of the step that they belong to
        if not known.touches(violation.path, exactly=violation.keyword not in ("required", "minProperties")):
            said = explain(violation, places)
            if (first := owners.get(violation.path)) is not None:
                help = f"indent its fields, from `{first}` on: they stand further right than `{violation.path[-1]}`"
                said = [replace(diagnostic, help=help) for diagnostic in said]
            found.extend(said)
        if len(found) > 2 * MOST:
            break
    if not found and not broken:
        found.append(Diagnostic("AF200", "this file does not match the workflow schema", places.span(())))
    diagnostics.extend(_without_echoes(found, diagnostics))
    return None if too_many else [*broken, *(violation.path for violation in wrong)]


def explain_file(
    kind: str, data: Json, places: Places, broken: Sequence[DocumentPath], diagnostics: Diagnostics
) -> None:
    """Report every broken rule of a file of a `kind` (`agent` or `project`)."""
    other = explain_other_file(data, places, kind)
    if other is not None:
        diagnostics.add(other)
        return
    known = _Broken(broken)
    found: list[Diagnostic] = []
    for violation in told_once(violations(load_schema(kind), data, MOST + 1)):
        if not known.touches(violation.path, exactly=violation.keyword not in ("required", "minProperties")):
            found.extend(explain(violation, places, FILE_NAMES[kind]))
    diagnostics.extend(_without_echoes(found, diagnostics))


def _without_echoes(found: list[Diagnostic], said: Diagnostics) -> Iterator[Diagnostic]:
    """Without what only follows from a finding of the reader at the same place."""
    places = {diagnostic.span for diagnostic in said if diagnostic.code in _SAID_BETTER}
    for diagnostic in found:
        if diagnostic.code == "AF205":
            said.take_back("AF107", diagnostic.span)  # quotes alone would not make a name of it
        if diagnostic.span is None or diagnostic.span not in places:
            yield diagnostic


class _Broken:
    """The places that could not be read."""

    def __init__(self, broken: Sequence[DocumentPath]) -> None:
        self._places = frozenset(broken)
        self._around = frozenset(at[:length] for at in self._places for length in range(len(at) + 1))

    def touches(self, path: DocumentPath, *, exactly: bool) -> bool:
        """Whether `path` is a broken place or inside one; with `exactly` off, also when one is inside it."""
        if not self._places:
            return False
        inside = any(path[:length] in self._places for length in range(len(path) + 1))
        return inside or (not exactly and path in self._around)


def _outdented(data: dict[str, Json]) -> tuple[dict[DocumentPath, str], set[DocumentPath]]:
    """Steps without anything, before what can only be their fields: step → the first of those; and all of those."""
    fields = frozenset(KINDS).union(modifiers(), *kind_fields().values())
    owners: dict[DocumentPath, str] = {}
    outside: set[DocumentPath] = set()
    empty: DocumentPath | None = None
    for path, step in steps_of(data):
        if empty is not None and path[:-1] == empty[:-1] and path[-1] in fields and not _kinds_of(step):
            owners.setdefault(empty, str(path[-1]))
            outside.add(path)
        else:
            empty = path if step is None else None
    return owners, outside


def _kinds_of(step: Json) -> int:
    return sum(key in KINDS for key in step) if isinstance(step, dict) else 0


def _check_kind(path: DocumentPath, step: dict[str, Json], places: Places) -> Iterable[Diagnostic]:
    """One kind key, and only the fields that belong to it."""
    step_id = path[-1]
    kinds = [key for key in step if key in KINDS]
    if len(kinds) > 1:
        yield Diagnostic(
            "AF208",
            f"step `{step_id}` has {len(kinds)} kinds: {' and '.join(f'`{k}`' for k in kinds)}",
            places.key_span((*path, kinds[1])),
            label="a second kind",
            help="what an agent is to do stands in `task`"
            if set(kinds) == {"agent", "prompt"} and "task" not in step
            else "a step does one thing: make two steps of it",
            secondary=(Secondary(places.key_span((*path, kinds[0])), "the first kind"),),
        )
    known = modifiers().union(*(kind_fields()[kind] for kind in kinds))
    unknown = [key for key in step if key not in known][: MOST + 1]
    if not kinds:
        known = known.union(KINDS, *kind_fields().values())
        left, unknown = unknown, [key for key in unknown if key not in known]
        if not any((meant(key, known) or closest(key, KINDS)) in KINDS or _is_kind(key) for key in unknown):
            # a misspelt one is told as that
            strange = [key for key in unknown if len(left) == 1 and (meant(key, known) or closest(key, known)) is None]
            unknown = [key for key in unknown if key not in strange]
            yield Diagnostic(
                "AF207",
                f"step `{step_id}` does not say what it does",
                places.key_span(path),
                label="no kind",
                help=f"give it one of {_KIND_LIST}" if left == [*strange, *unknown] else _kinds_with(left),
                secondary=tuple(
                    Secondary(places.key_span((*path, key)), f"{shown(key)} is no field of a step") for key in strange
                ),
            )
    where = f"{'an' if kinds[0][0] in 'aeiou' else 'a'} `{kinds[0]}` step" if kinds else "a step"
    for key in unknown:
        owners = [kind for kind, fields in kind_fields().items() if key in fields]
        if owners:
            listed = either(f"`{owner}`" for owner in owners)
            yield Diagnostic(
                "AF201",
                f"{where} has no field {shown(key)}",
                places.key_span((*path, key)),
                label=f"only {listed} steps have it",
                help=_INSTEAD.get((kinds[0] if kinds else "", key), _INSTEAD.get(("", key))),
            )
        else:
            yield unknown_field((*path, key), known, where, places, step)


def _is_kind(key: str) -> bool:
    """Whether other tools say by this word what a step does, so that nothing else needs to be said about the step."""
    return advice(key, "a step") is not None and key in ("uses", "action", "plugin", "type", "kind", "operator")


def _kinds_with(fields: list[str]) -> str:
    """Which kinds a step without one may have meant, from the fields that it has."""
    name = next(field for field in fields if any(field in known for known in kind_fields().values()))
    owners = [f"`{kind}`" for kind, known in kind_fields().items() if name in known]
    if len(owners) == 1:
        return f"give it {owners[0]}, which has `{name}`"
    return f"give it one of {either(owners)}, which have `{name}`"
