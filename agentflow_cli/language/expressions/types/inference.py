"""The type of an expression from the types of what it reads, and every place where it can only fail.

`evaluate.py` does with values what this does with types. An operation is reported when it fails for every option of its
operands: what may go right is left alone. After a report the type is `ANY`, so that one mistake is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.absent import chain_text
from agentflow_cli.language.expressions.calls import children
from agentflow_cli.language.expressions.problem import Problem
from agentflow_cli.language.expressions.types.comparing import Operand, check_comparison
from agentflow_cli.language.expressions.types.facts import Facts, chain_of, facts_of
from agentflow_cli.language.expressions.types.filters import filter_type, test_type
from agentflow_cli.language.expressions.types.lattice import (
    ANY,
    BOOLEAN,
    INTEGER,
    STRING,
    Array,
    Object,
    Scalar,
    Type,
    described,
    kinds,
    may_be,
    of_value,
    options,
    union,
)
from agentflow_cli.language.expressions.types.names import Names
from agentflow_cli.language.expressions.types.operators import binary, negation
from agentflow_cli.language.expressions.types.reading import (
    absence_help,
    condition_help,
    every_field,
    field_of,
    items_of,
    known_fields,
    list_help,
    text_help,
)
from agentflow_cli.language.expressions.types.signatures import WRITABLE
from agentflow_cli.language.expressions.types.ways import never

_LOOP = Object({"index": INTEGER, "index0": INTEGER, "first": BOOLEAN, "last": BOOLEAN, "length": INTEGER}, None, True)
_QUOTED = 60
_MOST_FACTS = 50
"""Facts that one branch leaves to the next."""


class Inference:
    """Walks the trees of one string. `problems` are what was found in them.

    `told` are the beginnings of what is known to be wrong in them already: a call that has one of them is open.
    """

    def __init__(self, names: Names, source: str, told: frozenset[int] = frozenset()) -> None:
        self.problems: list[Problem] = []
        self._told = told
        self._names = names
        self._source = source
        self._locals: dict[str, Type] = {}
        self._facts: Facts = {}

    def report(
        self, code: str, message: str, start: int, end: int, label: str | None = None, help: str | None = None,
        known: Iterable[str] = (),
    ) -> None:  # fmt: skip
        """`known` are the names of which the one that is wrong may be a slip."""
        self.problems.append(Problem(code, message, start, end, label, help, known=tuple(known)))

    def type_of(self, node: s.Node) -> Type:
        if self._told and isinstance(node, s.Applied) and self._is_told(node):
            for child in children(node):
                self.type_of(child)
            return ANY
        return _RULES[type(node)](self, node)

    def _is_told(self, node: s.Applied) -> bool:
        return node.name_start in self._told or any(argument.start in self._told for argument in node.arguments)

    def silently(self, node: s.Node) -> Type:
        """The type of what has been looked at already, or will be."""
        told = len(self.problems)
        found = self.type_of(node)
        del self.problems[told:]
        return found

    def operand(self, node: s.Node) -> Operand:
        """`node` as one side of a comparison, or as an argument."""
        if isinstance(node, s.ListOf):
            parts = [self.type_of(item) for item in node.items]
            return Operand(Array(union(*parts)), node, self.quoted(node), tuple(parts))
        return Operand(self.type_of(node), node, self.quoted(node))

    def is_there(self, node: s.Node) -> bool:
        """Whether `node` is a name, or an input, that is never missing."""
        chain = chain_of(node)
        if chain is None:
            return False
        root, *links = chain
        if str(root) in self._locals:
            return not links
        found = self._names.chain(str(root), links)
        return found.there and found.links == len(links)

    def quoted(self, node: s.Node) -> str:
        """Its text, for a message."""
        text = self.written(node)
        return f"`{text}`" if len(text) <= _QUOTED else "this value"

    def condition(self, node: s.Node, what: str) -> None:
        """Report it when it is never true or false."""
        self._truth(self.type_of(node), node, what)

    def _truth(self, found: Type, node: s.Node, what: str) -> None:
        if not may_be(found, ("boolean",)):
            self.report("AF438", f"{what} needs true or false, and this is {described(found)}", node.start, node.end,
                        f"always {described(found)}", condition_help(found))  # fmt: skip

    def writable(self, node: s.Node, found: Type, what: str = "stand in text") -> None:
        """Report it, or each of its branches, when it can never be text."""
        for branch, value in never(self, node, found, WRITABLE):
            self.report("AF439", f"{described(value)} cannot {what}", branch.start, branch.end,
                        "not text", text_help(value))  # fmt: skip

    def body(self, body: s.Body) -> None:
        """Look at the parts of a text."""
        for part in body:
            match part:
                case s.If():
                    self._if(part)
                case s.For():
                    self._for(part)
                case s.Node():
                    self.writable(part, self.type_of(part))

    # Parts of a text

    def _if(self, part: s.If) -> None:
        facts: Facts = {}
        for test, branch in part.branches:
            with self.given(facts):
                self.condition(test, "`if`")
                true, false = facts_of(self, test, True), facts_of(self, test, False)
                with self.given(true):
                    self.body(branch)
            if len(facts) < _MOST_FACTS:
                facts = {**facts, **false}
        with self.given(facts):
            self.body(part.otherwise)

    def _for(self, part: s.For) -> None:
        found = self.type_of(part.items)
        if not may_be(found, ("array",)):
            self.report("AF435", f"`for` needs an array, and this is {described(found)}", part.items.start,
                        part.items.end, f"always {described(found)}", list_help(found))  # fmt: skip
        with self._local(part.name, items_of(found)), self._local("loop", _LOOP):
            self.body(part.body)
        self.body(part.otherwise)

    @contextmanager
    def _local(self, name: str, found: Type) -> Iterator[None]:
        names, facts = self._locals, self._facts
        self._locals = {**names, name: found}
        self._facts = {chain: fact for chain, fact in facts.items() if chain[0] != name}
        yield
        self._locals, self._facts = names, facts

    @contextmanager
    def given(self, facts: Facts) -> Iterator[None]:
        """What a condition has said holds inside."""
        before = self._facts
        if facts:
            self._facts = {**before, **facts}
        yield
        self._facts = before

    # Nodes

    def _unread(self, node: s.Unread) -> Type:
        return ANY

    def _literal(self, node: s.Literal) -> Type:
        return of_value(node.value)

    def _name(self, node: s.Name) -> Type:
        return self._access(s.Access(node.start, node.end, node, ()))

    def _access(self, node: s.Access) -> Type:
        target, links, root, what = node.target, 0, "", ""
        literal: list[str | int] = []
        for key in node.keys:
            if isinstance(key.value, s.Node):
                break
            literal.append(key.value)
        if not isinstance(target, s.Name):
            current, what = self.type_of(target), "this value"
        else:
            root = target.name
            if root in self._locals:
                current = self._locals[root]
            else:
                found = self._names.chain(root, literal)
                current, links, what = found.type, found.links, found.what
            if self._facts and (root, *literal[:links]) in self._facts:
                current = self._facts[(root, *literal[:links])]
        for position, key in enumerate(node.keys):
            if isinstance(key.value, s.Node):
                current = self._computed(current, key, key.value)
            elif position >= links:
                chain = (root or "(…)", *literal[:position])
                current = self._link(current, key, key.value, what if position == links else "", chain)
                if self._facts and root and (root, *literal[: position + 1]) in self._facts:
                    current = self._facts[(root, *literal[: position + 1])]
        return current

    def _link(self, value: Type, key: s.Key, link: str | int, what: str, chain: tuple[str | int, ...]) -> Type:
        """`what` it is that stands before the link, if that has another name than `chain`."""
        found = [field for option in options(value) if (field := field_of(option, link)) is not None]
        if found:
            return union(*found)
        text = chain_text(chain)
        where = what or f"`{text}`"
        if isinstance(link, int):
            self.report("AF434", f"{where} is {described(value)}, and has no elements", key.start, key.end, "not there")
            return ANY
        known, help = known_fields(value), absence_help(link, text, value)
        if kinds(value) - {"null"} == {"object"}:
            self.report("AF318", f"{where} has no field `{link}`", key.start, key.end, "not there", help, known)
        else:
            self.report("AF318", f"{where} is {described(value)}, and has no field `{link}`", key.start, key.end,
                        "not there", help)  # fmt: skip
        return ANY

    def _computed(self, value: Type, key: s.Key, index: s.Node) -> Type:
        """`value[index]`."""
        if isinstance(index, s.Slice):
            for bound in (index.lower, index.upper):
                if bound is not None and not may_be(at := self.type_of(bound), ("integer", "null")):
                    self.report("AF434", f"a slice is from a whole number to another, not {described(at)}",
                                bound.start, bound.end)  # fmt: skip
            if not may_be(value, ("array", "string")):
                self.report("AF434", f"{described(value)} has no elements", key.start, key.end, "cannot be cut")
                return ANY
            parts = [option for option in options(value) if option.kind in ("array", "string", "any")]
            return union(*(STRING if option.kind == "string" else option for option in parts))
        position = self.type_of(index)
        found: list[Type] = []
        for option in options(value):
            match option:
                case Array() if may_be(position, ("integer",)):
                    found.append(option.items)
                case Scalar(kind="string") if may_be(position, ("integer",)):
                    found.append(STRING)
                case Object() if may_be(position, ("string",)):
                    found.append(ANY if option.rest is None and not option.closed else every_field(option))
                case Type(kind="any") if may_be(position, ("integer", "string")):
                    found.append(ANY)
        if found:
            return union(*found)
        wanted = {"array": "a whole number", "string": "a whole number", "object": "a string"}
        needs = next((wanted[option.kind] for option in options(value) if option.kind in wanted), None)
        if needs is None and value is not ANY:
            message = f"{described(value)} has no elements"
        else:
            needs = needs or "a whole number or a string"
            message = f"{described(value)} is indexed by {needs}, not {described(position)}"
        self.report("AF434", message, key.start, key.end, "not there")
        return ANY

    def _filter(self, node: s.Filter) -> Type:
        return filter_type(self, node)

    def _test(self, node: s.Test) -> Type:
        test_type(self, node)
        return BOOLEAN

    def _call(self, node: s.Call) -> Type:
        return union(*map(self.type_of, node.arguments))

    def _conditional(self, node: s.Conditional) -> Type:
        self.condition(node.test, "`if`")
        true, false = facts_of(self, node.test, True), facts_of(self, node.test, False)
        with self.given(true):
            then = self.type_of(node.then)
        with self.given(false):
            otherwise = self.type_of(node.otherwise)
        return union(then, otherwise)

    def _logic(self, node: s.Logic) -> Type:
        """Each side is looked at once: chains inside chains would take twice as long with every level."""
        left = self.type_of(node.left)
        if node.operator == "or" and not may_be(left, ("boolean",)):
            return self._fall_back(node, left)
        self._truth(left, node.left, f"`{node.operator}`")
        with self.given(facts_of(self, node.left, node.operator == "and")):
            self.condition(node.right, f"`{node.operator}`")
        return BOOLEAN

    def _fall_back(self, node: s.Logic, left: Type) -> Type:
        """Report `A or B` whose `A` is of type `left`, and once where neither is ever true or false: `A`, or `B` where
        there is none, is meant."""
        if may_be(self.type_of(node.right), ("boolean",)):
            self._truth(left, node.left, "`or`")
            return BOOLEAN
        help = f"for a fall-back write `coalesce({self.written(node.left)}, {self.written(node.right)})`"
        self.report("AF438", f"`or` needs true or false, and this is {described(left)}",
                    node.left.start, node.left.end, f"always {described(left)}", help)  # fmt: skip
        return ANY

    def written(self, node: s.Node) -> str:
        """Its text, in one line."""
        return " ".join(self._source[node.start : node.end].split())

    def _not(self, node: s.Not) -> Type:
        self.condition(node.value, "`not`")
        return BOOLEAN

    def _compare(self, node: s.Compare) -> Type:
        left = self.operand(node.first)
        wrong = False
        for operator, operand in node.rest:
            right = self.operand(operand)
            before = len(self.problems)
            if not wrong:  # one of a chain is enough
                check_comparison(operator, left, right, left.start, right.end, self.report)
            left, wrong = right, wrong or len(self.problems) > before
        return BOOLEAN

    def _binary(self, node: s.Binary) -> Type:
        left, right = self.type_of(node.left), self.type_of(node.right)
        found = binary(node.operator, left, right)
        if found is not None:
            zero = isinstance(node.right, s.Literal) and node.right.value == 0 and node.right.value is not False
            if zero and node.operator in ("/", "//", "%"):
                self.report("AF431", f"`{node.operator}` divides by 0", node.start, node.end, "always fails")
            return found
        texts = "string" in kinds(left) | kinds(right)
        message = f"`{node.operator}` needs two numbers, not {described(left)} and {described(right)}"
        if node.operator == "+":
            message = f"`+` cannot add {described(left)} and {described(right)}"
        elif node.operator == "*" and (kinds(left) | kinds(right)) & {"string", "array"}:
            message = f"`*` cannot multiply {described(left)} and {described(right)}"
        help = "to join texts write `~`" if texts and node.operator == "+" else None
        if texts and node.operator != "+" and kinds(left) | kinds(right) <= {"string", "integer", "number"}:
            help = "cast the text, for example with `| int`"
        self.report("AF431", message, node.start, node.end, None, help)
        return ANY

    def _negate(self, node: s.Negate) -> Type:
        value = self.type_of(node.value)
        found = negation(value)
        if found is None:
            self.report("AF431", f"`-` needs a number, not {described(value)}", node.start, node.end)
            return ANY
        return found

    def _concat(self, node: s.Concat) -> Type:
        for part in node.parts:
            self.writable(part, self.type_of(part))
        return STRING

    def _list(self, node: s.ListOf) -> Type:
        return Array(union(*map(self.type_of, node.items)))

    def _dict(self, node: s.DictOf) -> Type:
        fields: dict[str, Type] = {}
        rest: list[Type] = []
        for key, value in node.pairs:
            found = self.type_of(value)
            if isinstance(key, s.Literal) and isinstance(key.value, str):
                fields[key.value] = found
                continue
            name = self.type_of(key)
            if not may_be(name, ("string",)):
                self.report("AF431", f"the keys of an object are strings, not {described(name)}", key.start, key.end)
            rest.append(found)
        return Object(fields, union(*rest) if rest else None, closed=not rest)


_RULES: Mapping[type, Callable[[Inference, Any], Type]] = {
    s.Literal: Inference._literal, s.Name: Inference._name, s.Access: Inference._access, s.Filter: Inference._filter,
    s.Test: Inference._test, s.Call: Inference._call, s.Conditional: Inference._conditional, s.Logic: Inference._logic,
    s.Not: Inference._not, s.Compare: Inference._compare, s.Binary: Inference._binary, s.Negate: Inference._negate,
    s.Concat: Inference._concat, s.ListOf: Inference._list, s.DictOf: Inference._dict,
    s.Unread: Inference._unread,
}  # fmt: skip
