"""The one function that makes foreign text safe to print: what a model, a tool or a stranger's file wrote."""

from __future__ import annotations

import re
import unicodedata

# CSI, OSC, DCS, PM, APC and two-character escapes, in their 7-bit and 8-bit forms (ECMA-48).
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])


def clean(text: str, *, keep_newlines: bool = True) -> str:
    """`text` without escape sequences, control characters and direction overrides; tabs stay, newlines on request."""
    if text.isascii() and text.isprintable():
        return text
    text = _ESCAPES.sub("", text.replace("\r\n", "\n")).translate(_BIDI)
    if not keep_newlines:
        text = text.replace("\n", " ")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
