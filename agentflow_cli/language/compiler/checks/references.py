"""What expressions read: that it exists, that it can be read here, that the fields are those that will be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.workflow import Step, Workflow
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.compiler.dependencies import references_in
from agentflow_cli.language.compiler.shapes import first_misfit, output_shape, step_fields
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.expressions.references import Reference
from agentflow_cli.language.expressions.scope import FOREIGN_ROOTS, LATER_ROOTS, ROOTS, names_at


def check_references(workflow: Workflow, sites: Iterable[Site], diagnostics: Diagnostics) -> None:
    """Report every read of something that is not there."""
    for site, reference in references_in(sites):
        diagnostics.extend(_Read(workflow, site, reference).problems())


class _Read:
    """One read at one site."""

    def __init__(self, workflow: Workflow, site: Site, reference: Reference) -> None:
        self.workflow = workflow
        self.site = site
        self.reference = reference

    def problems(self) -> Iterator[Diagnostic]:
        root, path = self.reference.root, self.reference.path
        foreach = self.site.step.foreach if self.site.step else None
        as_name = foreach.as_name if foreach else "item"
        names = names_at(self.site.place, in_foreach=foreach is not None, as_name=as_name)
        if root not in names:
            yield self._not_readable(root, names, as_name)
        elif root == "inputs":
            yield from self._input()
        elif root == "steps":
            yield from self._step()
        elif root != as_name and (fields := ROOTS[root].fields) and path and path[0] not in fields:
            yield self._wrong("AF317", 1, f"`{root}` has no field `{path[0]}`", "not there", path[0], fields)

    def _wrong(
        self, code: str, segment: int, message: str, label: str, name: object, known: Iterable[str],
        things: str = "there is",
    ) -> Diagnostic:  # fmt: skip
        """A finding at one link of the chain, with the nearest of the names that `known` has, and all of them."""
        options = list(known)
        near = closest(name, options) if isinstance(name, str) else None
        listed = ", ".join(f"`{option}`" for option in options[:12]) + (", …" if len(options) > 12 else "")
        help = "; ".join(
            part
            for part in (f"did you mean `{near}`?" if near else "", f"{things}: {listed}" if listed else "")
            if part
        )
        span = self.site.span(*self.reference.segments[segment])
        return Diagnostic(code, message, span, label=label, help=help or None)

    def _not_readable(self, root: str, names: list[str], as_name: str) -> Diagnostic:
        span = self.site.span(*self.reference.segments[0])
        if root in LATER_ROOTS:
            return Diagnostic("AF301", f"`{root}` cannot be read", span, label="not here", help=LATER_ROOTS[root])
        foreach = self.site.step is not None and self.site.step.foreach is not None
        if root in ROOTS or root == as_name:
            if root == "item" and as_name != "item":
                help = f"`as` has renamed it to `{as_name}`"
            elif foreach:
                help = f"{self.site.place.value} is evaluated once, before the children of the `foreach` exist"
            else:
                help = ROOTS["item" if root == as_name else root].why_not
            return Diagnostic("AF302", f"`{root}` cannot be read in {self.site.place.value}" if foreach or
                              self.site.step is None else f"`{root}` cannot be read here", span,
                              label="not here", help=help)  # fmt: skip
        help = ""
        if root in FOREIGN_ROOTS:
            help = f"did you mean `{FOREIGN_ROOTS[root]}`?"
        elif root in self.workflow.steps:
            help = f"did you mean `steps.{root}.output`?"
        elif root in self.workflow.inputs:
            help = f"did you mean `inputs.{root}`?"
        elif near := closest(root, names):
            help = f"did you mean `{near}`?"
        listed = ", ".join(f"`{name}`" for name in names)
        help = "; ".join(part for part in (help, f"names that can be read here: {listed}") if part)
        return Diagnostic("AF301", f"there is no name `{root}`", span, label="not a name", help=help)

    def _input(self) -> Iterator[Diagnostic]:
        path = self.reference.path
        if not path:
            return
        spec = self.workflow.inputs.get(str(path[0]))
        if spec is None:
            message = f"{self.site.who} reads `inputs.{path[0]}`, but there is no input `{path[0]}`"
            if not self.workflow.inputs:
                span = self.site.span(*self.reference.segments[1])
                yield Diagnostic("AF311", message, span, label="not an input", help="declare it under `inputs:`")
            else:
                yield self._wrong("AF311", 1, message, "not an input", path[0], self.workflow.inputs, "inputs")
            return
        yield from self._fields(spec.schema, 1, f"input `{path[0]}`")

    def _step(self) -> Iterator[Diagnostic]:
        path, steps = self.reference.path, self.workflow.steps
        if not path:
            span = self.site.span(*self.reference.segments[0])
            yield Diagnostic("AF316", "`steps` cannot be read as a whole", span, label="which step?",
                             help="write `steps.ID.output`")  # fmt: skip
            return
        target = steps.get(str(path[0]))
        readable = [step_id for step_id in steps if self.site.step is None or step_id != self.site.step.id]
        if target is None:
            chain = ".".join(map(str, ("steps", *path[:2])))
            message = f"{self.site.who} reads `{chain}`, but there is no step `{path[0]}`"
            yield self._wrong("AF312", 1, message, "not a step", path[0], readable, "steps that can be read here")
            return
        if self.site.step is not None and target.id == self.site.step.id:
            span = self.site.span(*self.reference.segments[1])
            yield Diagnostic("AF313", f"step `{target.id}` reads itself", span, label="this very step",
                             help="a step can read only steps that run before it")  # fmt: skip
            return
        yield from self._step_field(target)

    def _step_field(self, target: Step) -> Iterator[Diagnostic]:
        path = self.reference.path
        fields = step_fields(target)
        if len(path) == 1:
            span = self.site.span(*self.reference.segments[1])
            yield Diagnostic("AF316", f"`steps.{target.id}` cannot be read as a whole", span, label="what of it?",
                             help=f"write `steps.{target.id}.output`")  # fmt: skip
            return
        if path[1] not in fields:
            if path[1] == "children":
                span = self.site.span(*self.reference.segments[2])
                yield Diagnostic("AF315", f"step `{target.id}` has no children", span, label="not a `foreach`",
                                 help="only a step with `foreach` has children")  # fmt: skip
                return
            message = f"step `{target.id}` has no field `{path[1]}`"
            yield from self._unknown_field(target, message, fields)
        elif path[1] == "output" and (shape := output_shape(target)) is not None:
            yield from self._fields(shape, 2, f"the output of step `{target.id}`")
        elif path[1] == "children" and len(path) > 3 and isinstance(path[2], int):
            inner = step_fields(target, child=True)
            if path[3] not in inner:
                message = f"a child of step `{target.id}` has no field `{path[3]}`"
                yield self._wrong("AF315", 4, message, "not there", path[3], inner)

    def _unknown_field(self, target: Step, message: str, fields: Mapping[str, str]) -> Iterator[Diagnostic]:
        """`steps.x.title` usually means `steps.x.output.title`."""
        field = self.reference.path[1]
        shape = output_shape(target)
        if shape is not None and isinstance(field, str) and field in shape.get("properties", {}):
            span = self.site.span(*self.reference.segments[2])
            yield Diagnostic("AF315", message, span, label="not there",
                             help=f"it is a field of its output: write `steps.{target.id}.output.{field}`")  # fmt: skip
        else:
            yield self._wrong("AF315", 2, message, "not there", field, fields)

    def _fields(self, schema: Mapping[str, object], depth: int, what: str) -> Iterator[Diagnostic]:
        """The links from `depth` on, against the schema of the value that they lead into."""
        path = self.reference.path
        misfit = first_misfit(schema, path[depth:])
        if misfit is None:
            return
        position, message, known = misfit
        at = depth + position
        where = what if position == 0 else f"`{'.'.join(map(str, (self.reference.root, *path[:at])))}`"
        yield self._wrong("AF318", at + 1, f"{where} {message}", "not there", path[at], known, "its fields")
