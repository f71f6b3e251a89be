"""A workflow as its author wrote it: shape checked, every value with its place, nothing resolved yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.retry import Retry
from agentflow_cli.foundation.nothing import NOTHING


class Located(NamedTuple):
    """A value and where it stands in the document."""

    value: Json
    path: DocumentPath


class InputSpec(NamedTuple):
    """A declared input. `schema` is its JSON Schema without `default`."""

    name: str
    schema: dict[str, Json]
    required: bool
    default: Json
    description: str
    path: DocumentPath


class Foreach(NamedTuple):
    items: Located
    """A bare expression (string) or a YAML list whose strings are templates."""
    as_name: str = "item"
    max_parallel: int | None = None
    fail_fast: bool = False


class OnError(NamedTuple):
    """`fail`, `continue`, or `value` with a constant or template to stand in for the output."""

    action: str = "fail"
    value: Located | None = None


class Repeat(NamedTuple):
    max: int
    until: Located | None = None
    """A bare expression."""
    on_max: str = "fail"


class Step(NamedTuple):
    """One step. The kind's fields are split by how they are read:

    `templates` hold strings (at any depth) that are rendered when the step runs; `settings` are taken as they are.
    `domain/kinds.py` says which field is which.
    """

    id: str
    kind: str
    path: DocumentPath
    templates: Mapping[str, Located] = NOTHING
    settings: Mapping[str, Located] = NOTHING
    name: str | None = None
    needs: tuple[Located, ...] = ()
    when: Located | None = None
    foreach: Foreach | None = None
    retry: Retry | None = None
    timeout: float | None = None
    """Seconds."""
    on_error: OnError = OnError()
    env: Mapping[str, Located] = NOTHING
    output: Located | None = None
    """A JSON Schema."""
    repeat: Repeat | None = None
    steps: Mapping[str, Step] = NOTHING
    """The inner steps of a group."""
    outputs: Mapping[str, Located] = NOTHING
    """What a group gives out."""
    cache: bool = False
    idempotent: bool = False
    on_crash: str = "repeat"
    secrets: tuple[Located, ...] = ()
    whole: bool = True
    """False when its shape is wrong: that it is there is known, and nothing else."""
    fragments: Step | None = None
    """Of one of a wrong shape: the fields of it that are right, as far as expressions stand in them."""


class Workflow(NamedTuple):
    name: str
    file: str
    """Relative to the project root, with forward slashes."""
    description: str
    inputs: dict[str, InputSpec]
    steps: dict[str, Step]
    outputs: dict[str, Located]
    timeout: float | None = None
    """Seconds for the whole run."""
    finally_steps: Mapping[str, Step] = NOTHING
    on_failure: Mapping[str, Step] = NOTHING
    agents: Mapping[str, Located] = NOTHING
    """Name → a path, or an agent written inline; None for one of a wrong shape."""
    ci: bool = False
    """It runs where nobody can be asked."""
    unknown: frozenset[str] = frozenset()
    """`inputs`, `steps` or `agents` where that key is misspelt or holds no mapping: the names in it are not known."""
