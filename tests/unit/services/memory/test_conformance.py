"""What every Memory does: the real one, with Chroma and real embeddings, and the fake that other tests use."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentflow_cli.ports.memory import Document, Memory, MemoryFailure
from agentflow_cli.services.memory.project_memory import ProjectMemory
from tests.fakes.memory import InMemoryMemory

PARROTS = Document("Parrots are colourful birds that live in tropical forests.", "animals/parrots.md")
WHALES = Document("Whales are very large mammals that swim in the sea.", "animals/whales.md")
BREAD = Document("Bread is baked from flour, water, salt and yeast.", "kitchen/bread.md")


@pytest.fixture(params=["real", "fake"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Memory]:
    if request.param == "fake":
        yield InMemoryMemory(tmp_path)
        return
    real = ProjectMemory(tmp_path, tmp_path / ".agentflow")
    yield real
    real.close()


async def test_what_was_added_is_found_by_meaning_the_nearest_first(memory: Memory) -> None:
    done = await memory.add("notes", [PARROTS, WHALES, BREAD])
    assert (done.documents, done.passages, done.unchanged, len(done.ids)) == (3, 3, 0, 3)
    found = await memory.search("notes", "colourful birds that live in forests", 2)
    assert len(found) == 2
    assert found[0].source == "animals/parrots.md:1" and found[0].text == PARROTS.text
    assert found[0].id in done.ids
    assert 1 >= found[0].score > found[1].score >= -1


async def test_the_text_itself_has_nearly_the_score_one(memory: Memory) -> None:
    await memory.add("notes", [WHALES, BREAD])
    assert (await memory.search("notes", WHALES.text, 1))[0].score == pytest.approx(1, abs=1e-3)


async def test_min_score_keeps_only_what_is_near_enough(memory: Memory) -> None:
    await memory.add("notes", [PARROTS, WHALES, BREAD])
    assert [p.text for p in await memory.search("notes", BREAD.text, 3, min_score=0.9)] == [BREAD.text]
    assert await memory.search("notes", BREAD.text, 3, min_score=1.1) == []


async def test_adding_a_source_again_replaces_it_and_the_same_text_changes_nothing(memory: Memory) -> None:
    first = await memory.add("notes", [PARROTS, WHALES])
    again = await memory.add("notes", [PARROTS, WHALES])
    assert (again.documents, again.unchanged, again.ids) == (0, 2, first.ids)
    changed = await memory.add("notes", [Document(BREAD.text, PARROTS.source), WHALES])
    assert (changed.documents, changed.unchanged) == (1, 1)
    assert {p.text for p in await memory.search("notes", "anything", 10)} == {BREAD.text, WHALES.text}


async def test_of_one_source_given_twice_the_last_counts(memory: Memory) -> None:
    await memory.add("notes", [PARROTS, Document(BREAD.text, PARROTS.source)])
    assert [p.text for p in await memory.search("notes", "anything", 10)] == [BREAD.text]


async def test_memories_are_apart(memory: Memory) -> None:
    await memory.add("animals", [PARROTS])
    await memory.add("kitchen", [BREAD])
    assert [p.text for p in await memory.search("kitchen", "birds", 5)] == [BREAD.text]


async def test_a_memory_that_was_never_filled_says_so(memory: Memory) -> None:
    with pytest.raises(MemoryFailure, match="nothing was ever added to the memory `notes`") as raised:
        await memory.search("notes", "anything")
    assert raised.value.failure.kind == "memory"


async def test_many_additions_at_once_are_all_there(memory: Memory) -> None:
    documents = [Document(f"The number of parcel {n} is {n * 37}.", f"parcel/{n}") for n in range(40)]
    done = await asyncio.gather(*(memory.add("parcels", [document]) for document in documents))
    assert all(result.documents == 1 and len(result.ids) == 1 for result in done)
    assert len(await memory.search("parcels", "parcel", 100)) == 40


async def test_an_empty_text_is_refused(memory: Memory) -> None:
    with pytest.raises(MemoryFailure, match="is empty"):
        await memory.add("notes", [Document(" \n", "nothing")])


async def test_files_are_added_by_pattern_under_their_path(memory: Memory, tmp_path: Path) -> None:
    (tmp_path / "docs/deep").mkdir(parents=True)
    (tmp_path / "docs/a.md").write_text(PARROTS.text)
    (tmp_path / "docs/deep/b.md").write_text(BREAD.text)
    (tmp_path / "docs/c.txt").write_text(WHALES.text)
    done = await memory.add_files("docs", ["docs/**/*.md"])
    assert done.documents == 2
    assert {p.source for p in await memory.search("docs", "birds", 5)} == {"docs/a.md:1", "docs/deep/b.md:1"}
    assert (await memory.add_files("docs", ["docs/**/*.md"])).unchanged == 2


async def test_patterns_that_match_no_file_are_a_failure(memory: Memory) -> None:
    with pytest.raises(MemoryFailure, match=r"no text file .*none/\*\.md"):
        await memory.add_files("docs", ["none/*.md"])
