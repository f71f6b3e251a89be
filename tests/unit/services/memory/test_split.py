"""Documents cut into passages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentflow_cli.services.memory.split import LONGEST, Piece, split


def test_passages_carry_the_headings_above_them_and_their_line() -> None:
    text = "# Book\n\nIntro.\n\n## One\n\nFirst.\n\n### Deep\n\nDeeper.\n\n## Two #\n\nSecond.\n"
    assert split(text, "book.md") == [
        Piece("Book\nIntro.", 3),
        Piece("Book › One\nFirst.", 7),
        Piece("Book › One › Deep\nDeeper.", 11),
        Piece("Book › Two\nSecond.", 15),
    ]


def test_a_skipped_level_of_headings_is_not_invented() -> None:
    assert [p.text for p in split("### Deep\na\n# Top\nb", "x.md")] == ["Deep\na", "Top\nb"]


def test_short_paragraphs_share_a_passage_and_long_ones_are_cut_between_sentences() -> None:
    assert split("one\n\ntwo\n\nthree", "x.md") == [Piece("one\n\ntwo\n\nthree", 1)]
    sentences = [f"Sentence number {n} says something of its own." for n in range(60)]
    pieces = split("short\n\n" + " ".join(sentences), "x.md")
    assert len(pieces) > 2 and all(piece.text.endswith(".") for piece in pieces)
    assert " ".join(piece.text for piece in pieces).replace("\n\n", " ") == "short " + " ".join(sentences)


def test_a_hash_in_a_fence_or_in_code_is_no_heading() -> None:
    fenced = "# Top\n```sh\n# a comment\n\nmake\n```\nafter\n"
    assert split(fenced, "x.md") == [Piece("Top\n```sh\n# a comment\n\nmake\n```\nafter", 2)]
    assert split("# a comment\nx = 1\n", "x.py") == [Piece("# a comment\nx = 1", 1)]
    assert split("# Heading\ntext", "run:7fk2q9/step")[0].text == "Heading\ntext"


def test_the_header_of_a_page_is_left_out() -> None:
    assert split("---\ntitle: x\n---\nText.\n", "x.md") == [Piece("Text.", 4)]


def test_a_document_of_headings_alone_is_a_passage() -> None:
    assert split("# Only a title\n", "x.md") == [Piece("# Only a title", 1)]
    assert split(" \n\n", "x.md") == []


@given(
    st.text(st.characters(codec="utf-8") | st.sampled_from("\n\n\n # `.-"), max_size=3000),
    st.sampled_from(["a.md", "a"]),
)
def test_nothing_is_lost_and_no_passage_is_too_long(text: str, source: str) -> None:
    pieces = split(text, source + ".txt")
    assert "".join("".join(piece.text for piece in pieces).split()) == "".join(text.split())
    for piece in split(text, source):
        assert piece.text.strip() and piece.line >= 1
        assert len(piece.text.split("\n", 1)[-1]) <= LONGEST or len(text) > LONGEST


def test_a_text_without_any_space_is_cut_anyway() -> None:
    pieces = split("x" * 10_000, "x.txt")
    assert [len(piece.text) for piece in pieces] == [LONGEST] * 12 + [400]
