"""Why a file is not shaped like a workflow: every broken rule once. Loaded only when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agentflow_cli.diagnostics.diagnostic import MOST, Diagnostic, Diagnostics, Secondary
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.schema.fields import kind_fields, modifiers
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.messages import explain, unknown_field
from agentflow_cli.language.schema.other_files import FILE_NAMES, explain_other_file
from agentflow_cli.language.schema.places import Places
from agentflow_cli.language.schema.step_paths import is_step, steps_of
from agentflow_cli.language.schema.told_once import told_once
from agentflow_cli.language.schema.validator import violations
from agentflow_cli.language.schema.wording import either, shown

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
    too_many = len(found) > MOST or len(wrong) > MOST
    for violation in wrong:
        if is_step(violation.path) and violation.keyword in ("additionalProperties", "anyOf"):
            continue  # said by _check_kind, and better
        if not known.touches(violation.path, exactly=violation.keyword not in ("required", "minProperties")):
            found.extend(explain(violation, places))
        if len(found) > 2 * MOST:
            break
    if not found and not broken:
        found.append(Diagnostic("AF200", "this file does not match the workflow schema", places.span(())))
    diagnostics.extend(found)
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
    for violation in told_once(violations(load_schema(kind), data, MOST + 1)):
        if not known.touches(violation.path, exactly=violation.keyword not in ("required", "minProperties")):
            diagnostics.extend(explain(violation, places, FILE_NAMES[kind]))


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
            help="a step does one thing: make two steps of it",
            secondary=(Secondary(places.key_span((*path, kinds[0])), "the first kind"),),
        )
    known = modifiers().union(*(kind_fields()[kind] for kind in kinds))
    unknown = [key for key in step if key not in known][: MOST + 1]
    if not kinds:
        known = known.union(KINDS, *kind_fields().values())
        left, unknown = unknown, [key for key in unknown if key not in known]
        if not any(closest(key, KINDS) for key in unknown):  # a misspelt one is told as that
            meant = [key for key in unknown if len(left) == 1 and closest(key, known) is None]
            unknown = [key for key in unknown if key not in meant]
            yield Diagnostic(
                "AF207",
                f"step `{step_id}` does not say what it does",
                places.key_span(path),
                label="no kind",
                help=f"give it one of {_KIND_LIST}" if left == [*meant, *unknown] else _kinds_with(left),
                secondary=tuple(
                    Secondary(places.key_span((*path, key)), f"{shown(key)} is no field of a step") for key in meant
                ),
            )
    where = f"a `{kinds[0]}` step" if kinds else "a step"
    for key in unknown:
        owners = [kind for kind, fields in kind_fields().items() if key in fields]
        if owners:
            listed = either(f"`{owner}`" for owner in owners)
            yield Diagnostic(
                "AF201",
                f"{where} has no field {shown(key)}",
                places.key_span((*path, key)),
                label=f"only {listed} steps have it",
            )
        else:
            yield unknown_field((*path, key), known, where, places)


def _kinds_with(fields: list[str]) -> str:
    """Which kinds a step without one may have meant, from the fields that it has."""
    name = next(field for field in fields if any(field in known for known in kind_fields().values()))
    owners = [f"`{kind}`" for kind, known in kind_fields().items() if name in known]
    if len(owners) == 1:
        return f"give it {owners[0]}, which has `{name}`"
    return f"give it one of {either(owners)}, which have `{name}`"
