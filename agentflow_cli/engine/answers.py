"""What counts as an answer to a question."""

from __future__ import annotations

from agentflow_cli.domain.events import AskOpened
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.schema.value_problems import value_problems
from agentflow_cli.ports.people import Answer

APPROVE, REJECT = "approve", "reject"
APPROVAL = [APPROVE, REJECT]
"""The choices of a question that names neither choices nor a form. Choosing `reject` says no."""


def as_answer(question: AskOpened, answer: Answer) -> Answer:
    """`answer` in the form in which it is recorded; ValueError with what would be right when it does not fit."""
    if answer.rejected:
        return answer
    if question.form:
        return _form_answer(question, answer)
    choice = answer.values.get("choice")
    if choice is None and question.choices == APPROVAL:
        choice = APPROVE
    if choice not in question.choices:
        known = ", ".join(f"`{c}`" for c in question.choices)
        said = "a choice is needed" if choice is None else f"`{choice}` is not a choice"
        near = closest(str(choice), question.choices) if choice is not None else None
        raise ValueError(f"{said}; choose one of {known}" + (f" (did you mean `{near}`?)" if near else ""))
    if question.choices == APPROVAL and choice == REJECT:
        return Answer({"choice": REJECT}, answer.by, rejected=True, reason=answer.reason)
    return Answer({"choice": choice}, answer.by, reason=answer.reason)


def _form_answer(question: AskOpened, answer: Answer) -> Answer:
    unknown = [name for name in answer.values if name not in question.form]
    if unknown:
        raise ValueError(f"the form has no field `{unknown[0]}`; its fields are {', '.join(question.form)}")
    values = dict(answer.values)
    for name, schema in question.form.items():
        if name not in values:
            if question.needs(name):
                raise ValueError(f"the field `{name}` is missing")
            if "default" in schema:
                values[name] = schema["default"]
        elif problems := value_problems(schema, values[name]):
            raise ValueError(f"the field `{name}` does not fit: {problems[0][1]}")
    return Answer(values, answer.by, reason=answer.reason)
