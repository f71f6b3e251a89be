"""`remember`: texts or files added to a memory."""

from __future__ import annotations

from agentflow_cli.domain.failure import StepFailure
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.engine.executors.texts import as_text
from agentflow_cli.ports.memory import Document, MemoryFailure


async def execute(call: Call) -> Outcome:
    memory, services = call.setting("memory"), call.services
    try:
        if patterns := call.setting("files"):
            done = await services.memory.add_files(memory, patterns)
        else:
            text, source = call.templates["text"], call.templates.get("source") or f"run:{call.run}/{call.path}"
            document = Document(as_text("remember.text", text), as_text("remember.source", source))
            done = await services.memory.add(memory, [document])
    except MemoryFailure as error:
        raise StepFailure(error.failure) from error
    return Outcome(
        {
            "documents": done.documents,
            "passages": done.passages,
            "unchanged": done.unchanged,
            "ids": list(done.ids),
        }
    )
