"""What workflows/docs-qa.yaml does with answers: hold them against the passages, and lay them out as a page."""

import re

_COMMON = """
    a an and are as at be but by can do does for from has have how i if in is it its me my not of on or that the their
    them then there these they this to was what when where which who why will with you your
"""


def check(question: str, answer: str, passages: list[dict]) -> dict:
    """The answer with its sources and how much of it the passages say: the share of its words that stand in them."""
    answer = " ".join(answer.split())
    known = set().union(*(_words(passage["text"]) for passage in passages)) if passages else set()
    said = _words(answer)
    supported = len(said & known) / len(said) if said else 0.0
    return {
        "question": question,
        "answer": answer[:1].upper() + answer[1:],
        "supported": round(supported, 2),
        "sources": list(dict.fromkeys(passage["source"] for passage in passages)),
    }


def page(entries: list[dict]) -> str:
    """All answers as a Markdown page. What the passages do not say is marked, not hidden."""
    lines = ["# Questions and answers", ""]
    for entry in entries:
        lines += [f"## {entry['question']}", "", entry["answer"]]
        if entry["supported"] < 0.7:
            lines += ["", f"Check this one: only {entry['supported']:.0%} of its words stand in the sources."]
        lines += ["", "Sources: " + ", ".join(entry["sources"]), ""]
    return "\n".join(lines)


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _COMMON.split()}
