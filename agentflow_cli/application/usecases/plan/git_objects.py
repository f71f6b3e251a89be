"""Commits and trees of a git repository, read from its files.

`git` itself is not called: what a repository's configuration says, it may run (`core.fsmonitor`, filters, hooks), and
`plan` runs nothing of a repository. Whatever cannot be read here is unknown; every size and depth is bounded.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

_LARGEST = 32 * 1024 * 1024
"""Bytes of one object."""
_MOST_PACKS = 200
_DEEPEST = 300
"""Deltas upon deltas."""
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_REF = re.compile(r"refs/[A-Za-z0-9][A-Za-z0-9._/+@=#-]*\Z")
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}


class UnreadableError(Exception):
    """Something in the repository that this reader does not know, or that is not there."""


class Repository:
    """The repository whose work tree is `tree`."""

    def __init__(self, tree: Path, directory: Path) -> None:
        self.tree = tree
        self._directory = directory
        common = read_small(directory / "commondir")  # of a linked work tree
        self._common = directory if common is None else (directory / common.strip()).resolve()

    @classmethod
    def above(cls, start: Path) -> Repository | None:
        """The one that `start` is in."""
        for tree in (start, *start.parents):
            found = tree / ".git"
            if found.is_dir():
                return cls(tree, found)
            if found.is_file():
                said = read_small(found) or ""
                if said.startswith("gitdir:"):
                    directory = (tree / said.removeprefix("gitdir:").strip()).resolve()
                    return cls(tree, directory) if directory.is_dir() else None
        return None

    def head(self) -> tuple[str | None, str | None]:
        """(commit, branch) as far as there is one."""
        said = (read_small(self._directory / "HEAD") or "").strip()
        if _HASH.match(said):
            return said, None
        ref = said.removeprefix("ref:").strip()
        if not said.startswith("ref:") or not _REF.match(ref) or ".." in ref:
            return None, None
        for directory in (self._directory, self._common):
            value = (read_small(directory / ref) or "").strip()
            if _HASH.match(value):
                return value, ref.removeprefix("refs/heads/")
        for line in (read_small(self._common / "packed-refs", 16 * 1024 * 1024) or "").splitlines():
            value, _, name = line.partition(" ")
            if name == ref and _HASH.match(value):
                return value, ref.removeprefix("refs/heads/")
        return None, ref.removeprefix("refs/heads/")

    def entry(self, commit: str, path: str) -> tuple[str, str] | None:
        """(mode, hash) of `path` in the commit; None when it is not in it. UnreadableError."""
        kind, data = self._object(commit)
        match = re.match(rb"tree ([0-9a-f]{40})\n", data)
        if kind != "commit" or match is None:
            raise UnreadableError("a commit without a tree")
        mode, name = "40000", match[1].decode()
        for part in path.split("/"):
            if mode != "40000":
                return None
            found = dict(self._tree(name)).get(os.fsencode(part))
            if found is None:
                return None
            mode, name = found
        return mode, name

    def _tree(self, name: str) -> Iterator[tuple[bytes, tuple[str, str]]]:
        kind, data = self._object(name)
        if kind != "tree":
            raise UnreadableError("a tree that is none")
        at = 0
        while at < len(data):
            blank, end = data.find(b" ", at), data.find(b"\0", at)
            if blank < 0 or end < blank or end + 21 > len(data):
                raise UnreadableError("a damaged tree")
            yield data[blank + 1 : end], (data[at:blank].decode("ascii", "replace"), data[end + 1 : end + 21].hex())
            at = end + 21

    def _object(self, name: str) -> tuple[str, bytes]:
        if len(name) != 40:
            raise UnreadableError("a repository of SHA-256")
        objects = self._common / "objects"
        raw = _read_regular(objects / name[:2] / name[2:], _LARGEST)
        if raw is not None:
            head, _, data = _inflated(raw, _LARGEST).partition(b"\0")
            return head.split(b" ")[0].decode("ascii", "replace"), data
        for number, index in enumerate(sorted((objects / "pack").glob("*.idx"))):
            if number == _MOST_PACKS:
                break
            offset = _offset_in(index, bytes.fromhex(name))
            if offset is not None:
                return self._packed(index.with_suffix(".pack"), offset)
        raise UnreadableError(f"no object {name}")

    def _packed(self, pack: Path, offset: int) -> tuple[str, bytes]:
        """The object at `offset`: what stands there, or a base with the deltas upon it."""
        deltas: list[bytes] = []
        with _mapped(pack) as data:
            while len(deltas) < _DEEPEST:
                kind, size, at = _entry_head(data, offset)
                if kind in _KINDS:
                    result, name = _inflated(data[at : at + size + 1024 + size // 10], size), _KINDS[kind]
                    break
                if kind == 6:
                    distance, at = _distance(data, at)
                    base_offset: int | None = offset - distance
                elif kind == 7:
                    base_offset = _offset_in(pack.with_suffix(".idx"), data[at : at + 20])
                    at += 20
                else:
                    raise UnreadableError("an unknown kind of object")
                deltas.append(_inflated(data[at : at + size + 1024 + size // 10], size))
                if base_offset is None or not 0 < base_offset < len(data):
                    raise UnreadableError("a delta without its base")
                offset = base_offset
            else:
                raise UnreadableError("too many deltas")
        for delta in reversed(deltas):
            result = _patched(result, delta)
        return name, result


def read_small(path: Path, most: int = 64 * 1024) -> str | None:
    """The text of a small regular file; None when there is none."""
    data = _read_regular(path, most)
    return None if data is None else data.decode("utf-8", "replace")


def _read_regular(path: Path, most: int) -> bytes | None:
    """Without waiting for a pipe, and never more than `most` bytes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            return None
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            return stream.read(most)
    except OSError:
        return None
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    try:
        if not path.is_file():
            raise UnreadableError(f"no file {path.name}")
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
    except (OSError, ValueError, struct.error, IndexError) as error:
        raise UnreadableError(str(error)) from error


def _inflated(data: bytes, size: int) -> bytes:
    if size > _LARGEST:
        raise UnreadableError("an object that is too large")
    try:
        return zlib.decompressobj().decompress(data, size or 1)
    except zlib.error as error:
        raise UnreadableError(str(error)) from error


def _offset_in(index: Path, name: bytes) -> int | None:
    """Where the object stands in the pack of a version 2 index."""
    with _mapped(index) as data:
        if data[:8] != b"\xfftOc\0\0\0\2":
            return None
        fan = struct.unpack(">256I", data[8 : 8 + 1024])
        low, high, count = fan[name[0] - 1] if name[0] else 0, fan[name[0]], fan[255]
        while low < high:
            middle = (low + high) // 2
            found = data[1032 + 20 * middle : 1052 + 20 * middle]
            if found == name:
                at = 1032 + 24 * count + 4 * middle
                offset: int = struct.unpack(">I", data[at : at + 4])[0]
                if offset & 0x80000000:
                    at = 1032 + 28 * count + 8 * (offset & 0x7FFFFFFF)
                    offset = struct.unpack(">Q", data[at : at + 8])[0]
                return offset
            low, high = (middle + 1, high) if found < name else (low, middle)
    return None


def _entry_head(data: mmap.mmap, at: int) -> tuple[int, int, int]:
    """(kind, size, where the rest begins)."""
    byte = data[at]
    kind, size, shift = (byte >> 4) & 7, byte & 15, 4
    while byte & 0x80 and shift < 64:
        at += 1
        byte = data[at]
        size |= (byte & 0x7F) << shift
        shift += 7
    return kind, size, at + 1


def _distance(data: mmap.mmap, at: int) -> tuple[int, int]:
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80 and value < 1 << 60:
        at += 1
        byte = data[at]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, at + 1


def _patched(base: bytes, delta: bytes) -> bytes:
    """`base` with the instructions of `delta` carried out: copies from it, and new bytes."""
    at = 0
    for _ in range(2):  # the two sizes in front
        while at < len(delta) and delta[at] & 0x80:
            at += 1
        at += 1
    result = bytearray()
    while at < len(delta):
        command = delta[at]
        at += 1
        if command & 0x80:
            numbers = [0, 0]
            for bit in range(7):
                if command & (1 << bit):
                    if at >= len(delta):
                        raise UnreadableError("a damaged delta")
                    which, shift = (0, bit) if bit < 4 else (1, bit - 4)
                    numbers[which] |= delta[at] << (8 * shift)
                    at += 1
            start, size = numbers[0], numbers[1] or 0x10000
            result += base[start : start + size]
        else:
            result += delta[at : at + command]
            at += command
        if len(result) > _LARGEST:
            raise UnreadableError("an object that is too large")
    return bytes(result)
