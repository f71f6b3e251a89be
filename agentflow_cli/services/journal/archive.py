"""A run as one file that can be sent: a zip with its plan, its events and its large values.

What comes in is not trusted. Only the texts of plan and events are taken, each read and written anew into a record of
our own; a database is never taken over, and neither is a name of a file.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from agentflow_cli.domain.codec import from_json, to_json
from agentflow_cli.domain.events import EVENT_TYPES, ProcessStarted, Record, RunAccepted
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan
from agentflow_cli.foundation.errors import CannotCreateError, DamagedDataError
from agentflow_cli.foundation.files import storage_error
from agentflow_cli.services.journal.run_store import SqliteRunReader

FORMAT = 1
_MEMBERS = ("run.json", "plan.json", "events.jsonl")
MOST_BYTES = 1024 * 1024 * 1024
"""Of all members together, unpacked."""
_LONGEST_LINE = 256 * 1024 * 1024


def export_run(reader: SqliteRunReader, path: Path, version: str) -> int:
    """Write the run to `path`, which must not be there yet; how many events it has. CannotCreateError, StorageError."""
    try:
        stream = path.open("xb")
    except FileExistsError:
        raise CannotCreateError(f"{path} is there already", hint="choose another name") from None
    except OSError as error:
        raise storage_error(error, f"cannot write {path}") from error
    count = 0
    try:
        path.chmod(0o600)  # what models and commands said is nobody else's business
        with stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("run.json", json.dumps({"format": FORMAT, "run": reader.run, "agentflow": version}))
            archive.writestr("plan.json", json.dumps(to_json(reader.plan()), ensure_ascii=True))
            with archive.open("events.jsonl", "w", force_zip64=True) as events:
                for record in reader.read():
                    line = {"seq": record.seq, "at": record.at, "epoch": record.epoch, "type": record.event.type}
                    events.write(json.dumps({**line, "data": to_json(record.event)}).encode() + b"\n")
                    count += 1
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise storage_error(error, f"cannot write {path}") from error
        raise
    return count


class Archive:
    """An exported run, checked as far as it has been read. DamagedDataError for whatever is wrong with it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise storage_error(error, f"cannot read {path}") from error
        except zipfile.BadZipFile:
            raise self._damaged("it is no zip file") from None
        if sorted(self._zip.namelist()) != sorted(_MEMBERS):
            raise self._damaged("it holds other things than an exported run")
        if sum(member.file_size for member in self._zip.infolist()) > MOST_BYTES:
            raise self._damaged(f"it unpacks to more than {MOST_BYTES >> 20} MiB")
        head = self._json("run.json")
        if not isinstance(head, dict) or not isinstance(head.get("run"), str):
            raise self._damaged("it does not say which run it is")
        if head.get("format") != FORMAT:
            raise DamagedDataError(f"{path} was written by another agentflow", hint="update agentflow")
        self.run: str = head["run"]

    def plan(self) -> Plan:
        try:
            return from_json(Plan, self._json("plan.json"))
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise self._damaged(f"its plan cannot be read: {error}") from error

    def records(self) -> Iterator[Record]:
        """Its events in order, numbered anew. Processes of another machine are left out: a resume would end them."""
        number = 0
        for text in self._lines():
            try:
                line = json.loads(text)
                cls = EVENT_TYPES.get(line["type"])
                if cls is None or cls is ProcessStarted:
                    continue
                event = from_json(cls, line["data"])
                at, epoch = float(line["at"]), int(line["epoch"])
            except (TypeError, KeyError, AttributeError, ValueError, RecursionError) as error:
                raise self._damaged(f"an event cannot be read: {error}") from error
            if (number == 0) != isinstance(event, RunAccepted):
                raise self._damaged("its events are not those of one run")
            number += 1
            yield Record(number, at, epoch, event)
        if number == 0:
            raise self._damaged("it has no events")

    def close(self) -> None:
        self._zip.close()

    def _lines(self) -> Iterator[bytes]:
        left = MOST_BYTES
        try:
            with self._zip.open("events.jsonl") as stream:
                while line := stream.readline(_LONGEST_LINE):
                    left -= len(line)
                    if left < 0 or not line.endswith(b"\n"):
                        raise self._damaged("an event in it is too long, or it was cut off")
                    yield line
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise self._damaged(str(error)) from error

    def _json(self, member: str) -> Json:
        try:
            with self._zip.open(member) as stream:
                data = stream.read(MOST_BYTES + 1)
            return json.loads(data)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, RecursionError) as error:
            raise self._damaged(f"{member} cannot be read: {error}") from error

    def _damaged(self, why: str) -> DamagedDataError:
        return DamagedDataError(f"{self._path} cannot be imported: {why}")
