"""What an expression will be worth, as far as that is known before the run.

Inputs that were given, their defaults, variables and the project are known; what steps will make is not, unless it
follows from what is known (`set`) or lies in the cache. Whether a template can be evaluated is seen from what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions.problem import EvaluationError
from agentflow_cli.language.expressions.template import (
    Reference,
    Template,
    compile_bare,
    compile_template,
    evaluate_condition,
    render_tree,
)


@dataclass(frozen=True, slots=True)
class Known:
    value: Json


@dataclass(frozen=True, slots=True)
class Unknown:
    until: str
    """What must happen first, as the rest of a sentence: "`classify` has run"."""


@dataclass(frozen=True, slots=True)
class Fails:
    """It has no value for data that are known already."""

    message: str


Foreseen = Known | Unknown | Fails


@dataclass(frozen=True, slots=True)
class Names:
    """What can be read at one place. A name that is not here is not known yet."""

    inputs: Mapping[str, Json] = field(default_factory=dict)
    inputs_unknown: Mapping[str, str] = field(default_factory=dict)
    """Input → until when its value is not known."""
    env: Mapping[str, str] = field(default_factory=dict)
    env_is_all: bool = True
    """Whether a variable that is not set now will not be set in the run either."""
    steps: Mapping[str, Json] = field(default_factory=dict)
    """Step → what expressions see of it, once that is certain."""
    local: Mapping[str, Json] = field(default_factory=dict)
    """`item` (or its other name) and `index`, for one child."""
    workflow: str = ""
    project: str = ""

    enough: Callable[[], bool] = lambda: False
    """Whether so much time was spent on evaluating that the rest is left to the run."""

    def inside(self, steps: dict[str, Json], **local: Json) -> Names:
        """The same names in a block whose steps are added to `steps` as they become certain."""
        return replace(self, steps=steps, local={**self.local, **local})

    def foresee(self, value: Json) -> Foreseen:
        """`value` with the templates in it, at any depth, evaluated."""
        for text in strings(value):
            if (reason := self._unknown(compile_template(text))) is not None:
                return Unknown(reason)
        return self._evaluated(lambda scope: render_tree(value, scope))

    def foresee_expression(self, text: str) -> Foreseen:
        """A bare expression, such as that of `foreach`."""
        expression = compile_bare(text)
        if (reason := self._unknown(expression)) is not None:
            return Unknown(reason)
        return self._evaluated(expression.evaluate)

    def foresee_condition(self, text: str) -> Foreseen:
        """`when`: Known(True) or Known(False) when it is certain."""
        if (reason := self._unknown(compile_bare(text))) is not None:
            return Unknown(reason)
        return self._evaluated(lambda scope: evaluate_condition(text, scope))

    def _evaluated(self, evaluate: Callable[[dict[str, Json]], Json]) -> Foreseen:
        if self.enough():
            return Unknown("the run works it out: it takes long")
        try:
            return Known(evaluate(self._scope()))
        except EvaluationError as error:
            return Fails(error.message)

    def _scope(self) -> dict[str, Json]:
        return {
            "inputs": self.inputs,
            "env": self.env,
            "steps": self.steps,
            "run": {"workflow": self.workflow},
            "project": {"name": self.project},
            **self.local,
        }

    def _unknown(self, template: Template) -> str | None:
        for reference in template.references:
            if (reason := self._unknown_read(reference)) is not None:
                return reason
        return None

    def _unknown_read(self, reference: Reference) -> str | None:
        """Until when the value of a read is not known; None when it is known now."""
        first = reference.path[0] if reference.path else None
        match reference.root:
            case "inputs":
                unknown = self.inputs_unknown
                return unknown.get(str(first)) if first is not None else next(iter(unknown.values()), None)
            case "steps":
                return None if first in self.steps else f"`{first}` has run"
            case "env":
                if first is None:
                    return "the run starts"
                return None if first in self.env or self.env_is_all else f"`.env` is read, which may set {first}"
            case "project":
                return None
            case "run":
                return None if first == "workflow" else "the run starts" if first == "id" else "the run has settled"
            case "secrets":
                return "the run starts: secrets are not read here"
            case "previous" | "iteration":
                return "the round begins"
        return None if reference.root in self.local else "the list of its `foreach` is there"


def strings(value: Json) -> Iterator[str]:
    """Every string in a JSON value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for element in value.values():
            yield from strings(element)
    elif isinstance(value, (list, tuple)):
        for element in value:
            yield from strings(element)
