"""Letters without their accents, for names that must be ASCII."""

from __future__ import annotations


def plain_letters(text: str) -> str:
    """`text` with `é` as `e` and `Ü` as `U`; what has no plain letter stays as it is."""
    if text.isascii():
        return text
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
