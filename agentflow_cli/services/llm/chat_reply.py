"""A reply in the form of OpenAI's chat completions, whole or in pieces, believed only as far as it holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelUsage
from agentflow_cli.services.llm.failures import FailureReader
from agentflow_cli.services.llm.tool_calls import WrittenCall, read_tool_calls

_BROKEN_OFF = ("error", "abort", "aborted", "cancelled", "network_error")
"""Finish reasons of servers that gave up."""

_PROGRESS = ("content", "tool_calls", "reasoning_content", "reasoning", "thinking_blocks", "refusal")
"""Fields of a delta in which something goes on; a role alone may stand at the start of a long silence."""


@dataclass(slots=True)
class _Call:
    id: Json = None
    name: Json = None
    arguments: Json = None


@dataclass(slots=True)
class ChatReply:
    """Collects what `name` says; `failures` makes the refusals."""

    name: str
    failures: FailureReader
    _texts: list[str] = field(default_factory=list)
    _calls: list[_Call] = field(default_factory=list)
    _at: dict[int, _Call] = field(default_factory=dict)
    _refusal: str = ""
    _finish: str | None = None
    _usage: ModelUsage = field(default_factory=ModelUsage)

    @property
    def empty(self) -> bool:
        """Whether nothing was said so far."""
        return not self._texts and not self._calls and not self._refusal

    def take(self, chunk: Json) -> str | None:
        """The text that a piece of a stream adds, which is empty while the model thinks or writes a tool call.

        None for a piece that shows no progress. ModelFailure when it is an error, or no piece.
        """
        self._refuse_error(chunk)
        choice = self._choice(chunk, required=False)
        delta = choice.get("delta")
        text = self._add(choice, delta) if choice else ""
        alive = isinstance(delta, dict) and any(delta.get(key) for key in _PROGRESS)
        return text if alive else None

    def whole(self, body: Json) -> str:
        """The text of a reply that came in one."""
        self._refuse_error(body)
        choice = self._choice(body, required=True)
        return self._add(choice, choice.get("message"))

    def finished(self) -> ModelReply:
        """The reply, or the ModelFailure that it amounts to."""
        text = "".join(self._texts)
        if self._finish is None:
            raise ModelFailure(self.failures.cut_off())
        if self._finish == "content_filter":
            message = f"the content filter of {self.failures.who} stopped the reply"
            raise ModelFailure(Failure("model", message, data={"finish": "content_filter"}))
        if self._finish in _BROKEN_OFF:
            raise ModelFailure(self.failures.connection(f"broke off its answer (`{self._finish}`)"))
        if self._refusal and not text.strip() and not self._calls:
            shown = self.failures.by_error({"message": self._refusal}).message.partition(": ")[2]
            raise ModelFailure(Failure("model", f"the model refused: {shown}", data={"finish": "refusal"}))
        cut = self._finish in ("length", "max_tokens")
        if cut and self._calls:
            message = "the reply was cut off in the middle of a tool call: raise `max_tokens`"
            raise ModelFailure(Failure("invalid_output", message, data={"fault": "tool_call"}))
        calls = read_tool_calls([WrittenCall(call.id, call.name, call.arguments) for call in self._calls])
        finish = "tool_calls" if calls else "length" if cut else "stop"
        return ModelReply(text, self.name, finish, self._usage, tool_calls=calls)

    def _refuse_error(self, value: Json) -> None:
        if not isinstance(value, dict):
            raise ModelFailure(self.failures.nonsense("answered with something that is no chat completion"))
        if value.get("error"):
            raise ModelFailure(self.failures.by_error(value))
        if value.get("object") == "error" and "choices" not in value:
            raise ModelFailure(self.failures.by_error(value))

    def _choice(self, value: dict[str, Json], *, required: bool) -> dict[str, Json]:
        self._count(value.get("usage"))
        choices = value.get("choices")
        choices = choices if isinstance(choices, list) else []
        for choice in choices:
            if isinstance(choice, dict) and choice.get("index") in (0, None):
                return choice
        if required:
            raise ModelFailure(Failure("model", f"{self.failures.who} answered without any choice"))
        return {}

    def _add(self, choice: dict[str, Json], said: Json) -> str:
        said = said if isinstance(said, dict) else {}
        finish = choice.get("finish_reason")
        if isinstance(finish, str) and finish:
            self._finish = finish
        text = _text(said.get("content"))
        if text:
            self._texts.append(text)
        if isinstance(said.get("refusal"), str):
            self._refusal += said["refusal"]
        calls = said.get("tool_calls")
        for position, call in enumerate(calls if isinstance(calls, list) else []):
            if isinstance(call, dict):
                self._add_call(call, position)
        return text

    def _add_call(self, piece: dict[str, Json], position: int) -> None:
        """Pieces of one call share an index; a new id at the same index is a new call, as some servers have it."""
        index = piece.get("index")
        index = index if isinstance(index, int) else position
        call = self._at.get(index)
        fresh = piece.get("id")
        if call is None or (fresh and call.id and fresh != call.id):
            call = self._at[index] = _Call()
            self._calls.append(call)
        call.id = call.id or fresh
        function = piece.get("function")
        function = function if isinstance(function, dict) else {}
        call.name = call.name or function.get("name")
        arguments = function.get("arguments")
        if isinstance(arguments, str) and isinstance(call.arguments, str):
            call.arguments += arguments
        elif arguments is not None:
            call.arguments = arguments

    def _count(self, usage: Json) -> None:
        if not isinstance(usage, dict):
            return
        details = usage.get("prompt_tokens_details")
        cached = details.get("cached_tokens") if isinstance(details, dict) else 0
        self._usage = ModelUsage(
            _tokens(usage.get("prompt_tokens")), _tokens(usage.get("completion_tokens")), _tokens(cached)
        )


def _text(content: Json) -> str:
    """A text, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    return ""


def _tokens(count: Json) -> int:
    """What the provider says, if it is a number at all; the gateway judges whether it can be."""
    return count if isinstance(count, int) and not isinstance(count, bool) else 0
