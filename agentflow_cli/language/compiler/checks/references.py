"""What expressions read: that it exists, that it can be read here, that the fields are those that will be there."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.workflow import Step, Workflow
from agentflow_cli.foundation.closest import closest, told
from agentflow_cli.language.compiler.blocks import StepBlock, homes_of
from agentflow_cli.language.compiler.dependencies import references_in
from agentflow_cli.language.compiler.names import names_of, previous_steps, step_fields
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.compiler.types.workflow_types import WorkflowTypes, types_of
from agentflow_cli.language.expressions.references import Reference
from agentflow_cli.language.expressions.scope import FOREIGN_ROOTS, ROOTS, SETTLED_RUN_FIELDS
from agentflow_cli.language.expressions.types.reading import known_fields
from agentflow_cli.language.loader.load import Loaded

_LONGEST, _FAR = 100, 20_000
"""Characters of a name, and of a text that is searched for what was meant."""
_REST_OF_NAME = r"-([A-Za-z_][\w-]*)"
_VARIABLE = r"\{%[-+]?\s*for\s+(\w+)\s+in\b"
"""The variable of a `{% for %}`."""
_NAMES_EACH = r"[A-Za-z_]\w* in (?=\S)"
_LONG = 1_000
"""Characters of a text that thousands of steps may share."""
_OF_THE_TEXT = ("AF301", "AF311", "AF312")
"""Findings that are the same for every step with that text."""


def names_each(text: str) -> int | None:
    """Where the list begins in a `foreach` that names its element as other languages do: `x in inputs.xs`."""
    found = re.match(_NAMES_EACH, text) if " in " in text[:80] else None
    return None if found is None else found.end()


def check_references(
    loaded: Loaded, sites: Iterable[Site], diagnostics: Diagnostics, *, any_input: bool = False
) -> None:
    """Report every read of something that is not there. With `any_input`, the inputs are not known."""
    types = types_of(loaded)
    groups = functools.cache(lambda: homes_of(loaded.workflow, groups=True))
    dashed: tuple[Site | None, int] = None, 0
    said: set[tuple[int, int, int]] = set()
    sites = list(sites)
    for site, reference in references_in(sites):
        # Thousands of steps may share a long text, by an alias or a prompt file: it stands in one place.
        same = (id(site.text), reference.start, id(site.block)) if len(site.text) > _LONG else None
        if same in said or (any_input and reference.root == "inputs"):
            continue
        if diagnostics.is_full:
            return
        if site is dashed[0] and reference.start < dashed[1]:
            continue  # the rest of a name that is told as one
        if "-" in site.text and (end := _dashed(loaded.workflow, site, reference)):
            reference, dashed = _whole_name(site, reference, end), (site, end)
        elif _begins_each(site, reference):
            continue
        found = list(_Read(loaded.workflow, types, groups, site, reference, diagnostics).problems())
        if same is not None and any(finding.code in _OF_THE_TEXT for finding in found):
            said.add(same)
        diagnostics.extend(found)


def _dashed(workflow: Workflow, site: Site, reference: Reference) -> int | None:
    """Where the name ends that is read as a subtraction: `inputs.my-topic`, where there is no input `my`."""
    if len(reference.path) != 1 or reference.root not in ("inputs", "steps"):
        return None
    found = re.match(_REST_OF_NAME, site.text[reference.end : reference.end + _LONGEST])
    name = str(reference.path[0])
    known = name in workflow.inputs if reference.root == "inputs" else site.block is None or site.block.find(name)
    return None if found is None or known or found[1] in names_of(site) else reference.end + found.end()


def _whole_name(site: Site, reference: Reference, end: int) -> Reference:
    start = reference.segments[1][0]
    return reference._replace(
        path=(site.text[start:end], "output"), end=end, segments=(reference.segments[0], (start, end))
    )


def _begins_each(site: Site, reference: Reference) -> bool:
    """Whether it is the first word of `foreach: x in inputs.xs`, which is told as a whole."""
    return site.field == "foreach" and site.bare and reference.start == 0 and names_each(site.text) is not None


class _Read:
    """One read at one site."""

    def __init__(
        self, workflow: Workflow, types: WorkflowTypes, groups: Callable[[], Mapping[str, StepBlock]], site: Site,
        reference: Reference, found: Diagnostics,
    ) -> None:  # fmt: skip
        self.found = found
        self.workflow = workflow
        self.types = types
        self.groups = groups
        """The blocks of groups by the steps that they hold."""
        self.site = site
        self.reference = reference

    def problems(self) -> Iterator[Diagnostic]:
        root, path = self.reference.root, self.reference.path
        names = names_of(self.site)
        if root in ("previous", "secrets") and not self.site.whole:
            return  # which steps are repeated, and which secrets are listed, is not known
        if root not in names:
            if self.site.whole:
                yield self._not_readable(root, names)
        elif root == "inputs":
            yield from self._input()
        elif root == "steps":
            yield from self._step()
        elif root == "previous":
            yield from self._previous()
        elif root == "secrets":
            yield from self._secret()
        elif root in ROOTS and (fields := ROOTS[root].fields) and path:
            yield from self._fixed_field(root, fields)

    def _fixed_field(self, root: str, fields: Mapping[str, str]) -> Iterator[Diagnostic]:
        field = self.reference.path[0]
        late = self.site.block is not None and self.site.block.section != "steps"
        if root == "run" and field in SETTLED_RUN_FIELDS and not late:
            span = self.site.span(*self.reference.segments[1])
            yield Diagnostic("AF317", f"`run.{field}` is not known before the run has settled", span, label="not here",
                             help="it can be read in `finally` and `on_failure`")  # fmt: skip
        elif field not in fields:
            known = [name for name in fields if late or name not in SETTLED_RUN_FIELDS]
            yield self._wrong("AF317", 1, f"`{root}` has no field `{field}`", "not there", field, known)

    def _previous(self) -> Iterator[Diagnostic]:
        path, known = self.reference.path, previous_steps(self.site)
        if not path:
            span = self.site.span(*self.reference.segments[0])
            yield Diagnostic("AF316", "`previous` cannot be read as a whole", span, label="which step?",
                             help=f"write `previous.{known[0] if known else 'ID'}`")  # fmt: skip
        elif path[0] not in known:
            message = f"{self.site.who} reads `previous.{path[0]}`, but no step `{path[0]}` is repeated here"
            yield self._wrong("AF312", 1, message, "not a step", path[0], known, "steps that are repeated here")

    def _secret(self) -> Iterator[Diagnostic]:
        step, path = self.site.step, self.reference.path
        assert step is not None
        span = self.site.span(*self.reference.segments[0])
        if not self._takes_secrets():
            yield Diagnostic("AF302", "`secrets` cannot be read here", span, label="not here",
                             help=ROOTS["secrets"].why_not)  # fmt: skip
        elif not path:
            yield Diagnostic("AF316", "`secrets` cannot be read as a whole", span, label="which one?",
                             help="write `secrets.NAME`")  # fmt: skip
        elif path[0] not in (listed := [located.value for located in step.secrets]):
            message = f"step `{step.id}` does not list `{path[0]}` under `secrets`"
            help = f"add `secrets: [{', '.join([*listed, str(path[0])])}]` to the step"
            span = self.site.span(*self.reference.segments[1])
            yield Diagnostic("AF319", message, span, label="not listed", help=help)

    def _takes_secrets(self) -> bool:
        step = self.site.step
        return step is not None and (self.site.field in ("env", "with") or step.kind == "http")

    def _wrong(
        self, code: str, segment: int, message: str, label: str, name: object, known: Iterable[str],
        things: str = "there is",
    ) -> Diagnostic:  # fmt: skip
        """A finding at one link of the chain, with the nearest of the names that `known` has, and all of them."""
        most = self.found.most_compared
        options = list(itertools.islice(known, max(most, 12) + 1))
        compared = len(options) <= most
        near = closest(name, options) if isinstance(name, str) and compared else None
        listed = ", ".join(f"`{option}`" for option in options[:12]) + (", …" if len(options) > 12 else "")
        help = told(f"did you mean `{near}`?" if near else "", f"{things}: {listed}" if listed else "")
        span = self.site.span(*self.reference.segments[segment])
        fix = self.site.slip(*self.reference.segments[segment], options) if compared else None
        return Diagnostic(code, message, span, label=label, help=help, fix=fix)

    def _not_readable(self, root: str, names: Sequence[str]) -> Diagnostic:
        span = self.site.span(*self.reference.segments[0])
        own = self.site.step.foreach.as_name if self.site.step and self.site.step.foreach else None
        listed = ", ".join(f"`{name}`" for name in names if name != "secrets" or self._takes_secrets())
        if root in ROOTS or root == own:
            known = ROOTS["item" if root == own else root]
            within = own is not None and known.only_in_foreach
            if root == "item" and own not in (None, "item") and own in names:
                help = f"`as` has renamed it to `{own}`"
            elif within:
                help = f"{self.site.place.value} is evaluated once, before the children of the `foreach` exist"
            else:
                help = known.why_not or f"names that can be read here: {listed}"
            return Diagnostic("AF302", f"`{root}` cannot be read in {self.site.place.value}" if within or
                              self.site.step is None else f"`{root}` cannot be read here", span,
                              label="not here", help=help)  # fmt: skip
        meant = ""
        if (foreign := FOREIGN_ROOTS.get(root, FOREIGN_ROOTS.get(root.lower()))) is not None:
            meant = f"did you mean `{foreign}`?"
        elif self.site.block is not None and (step := self.site.block.find(root)) and step[0] is not self.site.step:
            meant = f"did you mean `steps.{root}.output`?"
        elif root in self.workflow.inputs:
            meant = f"did you mean `inputs.{root}`?"
        elif near := closest(root, [*names, *re.findall(_VARIABLE, self.site.text[:_FAR])]):
            meant = f"did you mean `{near}`?"
        elif not self.reference.path and self.site.bare:
            meant = f"text is quoted: `'{root}'`"
        said = told(meant, f"names that can be read here: {listed}")
        fix = self.site.slip(*self.reference.segments[0], names)
        return Diagnostic("AF301", f"there is no name `{root}`", span, label="not a name", help=said, fix=fix)

    def _input(self) -> Iterator[Diagnostic]:
        path = self.reference.path
        if not path:
            return
        spec = self.workflow.inputs.get(str(path[0]))
        if spec is None and "inputs" not in self.workflow.unknown:
            message = f"{self.site.who} reads `inputs.{path[0]}`, but there is no input `{path[0]}`"
            if not self.workflow.inputs:
                span = self.site.span(*self.reference.segments[1])
                yield Diagnostic("AF311", message, span, label="not an input", help="declare it under `inputs:`")
            else:
                yield self._wrong("AF311", 1, message, "not an input", path[0], self.workflow.inputs, "inputs")
            return

    def _step(self) -> Iterator[Diagnostic]:
        path, block = self.reference.path, self.site.block
        assert block is not None
        if not path:
            span = self.site.span(*self.reference.segments[0])
            yield Diagnostic("AF316", "`steps` cannot be read as a whole", span, label="which step?",
                             help="write `steps.ID.output`")  # fmt: skip
            return
        found = block.find(str(path[0]))
        if found is None:
            if "steps" not in self.workflow.unknown:
                yield self._no_step(block)
            return
        target, within = found
        own = self.site.step is not None and target is self.site.step
        if (own and self.site.field != "until") or target in list(block.groups()):
            span = self.site.span(*self.reference.segments[1])
            what, help = "reads itself", "a step can read only steps that run before it"
            if not own:
                what, help = "is read inside itself", "its inner steps run before it has ended"
            yield Diagnostic("AF313", f"step `{target.id}` {what}", span, label="this very step", help=help)
            return
        if target.whole:
            yield from self._step_field(target, within)

    def _no_step(self, block: StepBlock) -> Diagnostic:
        name = self.reference.path[0]
        chain = ".".join(map(str, ("steps", *self.reference.path[:2])))
        message = f"{self.site.who} reads `{chain}`, but there is no step `{name}`"
        home = self.groups().get(str(name))
        if home is not None and home.group is not None:
            span = self.site.span(*self.reference.segments[1])
            help = _inside(home.group, str(name))
            return Diagnostic("AF312", f"{message} here", span, label="not in reach", help=help)
        late = next((s for s in (self.workflow.finally_steps, self.workflow.on_failure) if name in s), None)
        if late is not None:
            section = late[str(name)].path[0]
            return Diagnostic("AF312", f"{message} here", self.site.span(*self.reference.segments[1]),
                              label="not in reach", help=f"it is a step of `{section}`, which runs when all others have"
                              " settled")  # fmt: skip
        own = self.site.step.id if self.site.step is not None else None
        readable = (step_id for step_id in block.visible() if step_id != own)
        return self._wrong("AF312", 1, message, "not a step", name, readable, "steps that can be read here")

    def _step_field(self, target: Step, within: StepBlock) -> Iterator[Diagnostic]:
        path = self.reference.path
        fields = step_fields(target, child=target is self.site.step)
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
            yield from self._unknown_field(target, within, message, fields)
        elif path[1] == "children" and len(path) > 3 and isinstance(path[2], int):
            inner = step_fields(target, child=True)
            if path[3] not in inner:
                message = f"a child of step `{target.id}` has no field `{path[3]}`"
                yield self._wrong("AF315", 4, message, "not there", path[3], inner)

    def _unknown_field(
        self, target: Step, within: StepBlock, message: str, fields: Mapping[str, str]
    ) -> Iterator[Diagnostic]:
        """`steps.x.title` usually means `steps.x.output.title`."""
        field = self.reference.path[1]
        if isinstance(field, str) and field in known_fields(self.types.output(target, within)):
            span = self.site.span(*self.reference.segments[2])
            yield Diagnostic("AF315", message, span, label="not there",
                             help=f"it is a field of its output: write `steps.{target.id}.output.{field}`")  # fmt: skip
        else:
            meant = _OF_OTHERS.get(str(field).lower())
            found = self._wrong("AF315", 2, message, "not there", field, fields)
            listed = ", ".join(f"`{name}`" for name in fields)
            help = f"did you mean `{meant}`? there is: {listed}"
            yield replace(found, help=help) if meant in fields and found.fix is None else found


_OF_OTHERS = {
    **dict.fromkeys(("stdout", "result", "results", "response", "text", "value", "data", "return_value"), "output"),
    **dict.fromkeys(("outcome", "conclusion", "state"), "status"),
    **dict.fromkeys(("returncode", "return_code", "exitcode", "code"), "exit_code"),
}
"""What others call the fields of a step."""


def _inside(group: Step, name: str) -> str:
    """How to read what a group keeps to itself."""
    where = f"it is inside the group `{group.id}`, which gives out only its `outputs`"
    if group.outputs:
        return f"{where}: {', '.join(f'`steps.{group.id}.output.{known}`' for known in list(group.outputs)[:12])}"
    line = f"outputs: {{{name}: ${{{{ steps.{name}.output }}}}}}"
    return f"{where}: add `{line}` to it, and read `steps.{group.id}.output.{name}`"
