"""Cuts a text where its paragraphs end."""


def split(text: str, size: int) -> list[str]:
    """Pieces of at most `size` characters, as far as paragraphs allow it."""
    pieces: list[str] = []
    for paragraph in text.split("\n\n"):
        if pieces and len(pieces[-1]) + len(paragraph) + 2 <= size:
            pieces[-1] += "\n\n" + paragraph
        elif paragraph.strip():
            pieces.append(paragraph)
    return pieces
