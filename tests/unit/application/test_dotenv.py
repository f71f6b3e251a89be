"""`.env`: what is read of it, and what it may not say."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from agentflow_cli.application.runtime.dotenv import DotEnv, filled, may_fill, parse, read_dotenv
from agentflow_cli.foundation.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=1", "1"),
        ("export A = two words # a comment", "two words"),
        ("  A=x  ", "x"),
        ("A=", ""),
        ("A=a#b", "a#b"),
        ("A=#b", ""),
        ("A='a # ${b} \\n'", "a # ${b} \\n"),
        ('A="a\\tb \\"c\\" \\\\ \\$d" # e', 'a\tb "c" \\ $d'),
        ("A='two\nlines'", "two\nlines"),
        ("A=1\r\nA=2\r\n", "2"),
        ("# A=1\n\n\nA=2\n#", "2"),
        ("A=$(touch x)`touch x`", "$(touch x)`touch x`"),
        ("A=ünder", "ünder"),
    ],
)
def test_an_assignment_is_read(text: str, value: str) -> None:
    assert dict(parse(text, ".env")) == {"A": value}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A", "line 1: this is no assignment"),
        ("A=1\nB C\n", "line 2: this is no assignment"),
        ("A=1\n\nB='x\ny", "line 3: the quotation mark is never closed"),
        ('A="x" y', "line 1: something follows the quotation mark"),
        ("1A=2", "line 1: this is no assignment"),
    ],
)
def test_what_is_no_assignment_is_told_by_its_line_and_not_shown(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, ".env")
    assert said in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        'A="' + "x\n" * 100_000,
        "A=" + " " * 200_000 + "x",
        "A=" + "# " * 100_000,
        "\n" * 250_000,
        "A=" + "a " * 100_000,
        'A="' + "\\a" * 100_000,
        "A=" + "a#" * 100_000,
        " " * 250_000,
    ],
    ids=range(8),
)
def test_a_hostile_file_is_read_or_refused_at_once(text: str) -> None:
    begun = time.process_time()
    with contextlib.suppress(UsageError):
        parse(text, ".env")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_BASE_URL",
        "AZURE_API_BASE",
        "HTTPS_PROXY",
        "http_proxy",
        "no_proxy",
        "OLLAMA_HOST",
        "PATH",
        "PYTHONPATH",
        "LD_PRELOAD",
        "HOME",
        "AGENTFLOW_BASE_URL",
        "AGENTFLOW_ALLOW_PRIVATE",
        "XDG_CONFIG_HOME",
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "BASH_ENV",
        "GIT_SSH_COMMAND",
        "AWS_ENDPOINT_URL",
        "LITELLM_MODE",
        "openai_base_url",
    ],
)
def test_where_things_go_and_what_is_loaded_is_not_for_a_repository_to_say(name: str, tmp_path: Path) -> None:
    assert not may_fill(name)
    (tmp_path / ".env").write_text(f"{name}=x\nOPENAI_API_KEY=k\n")
    assert read_dotenv(tmp_path) == DotEnv({"OPENAI_API_KEY": "k"}, (name,))


def test_only_what_is_not_set_is_filled() -> None:
    said = DotEnv({"A": "file", "B": "file", "C": "file"})
    assert filled({"A": "user", "B": ""}, said) == {"A": "user", "B": "", "C": "file"}


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "project" / ".env"
    path.mkdir(parents=True)
    assert read_dotenv(path.parent) == DotEnv(), "a virtual environment may have that name"
    path.rmdir()
    for data, said in ((b"A=\xff", "not UTF-8"), (b"A=\0", "NUL"), (b"A=" + b"x" * 300_000, "larger than")):
        path.write_bytes(data)
        with pytest.raises(UsageError, match=said):
            read_dotenv(path.parent)
    path.unlink()
    outside = tmp_path / "outside"
    outside.write_text("A=1")
    path.symlink_to(outside)
    with pytest.raises(UsageError, match="leads out of the project"):
        read_dotenv(path.parent)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(UsageError):
        read_dotenv(path.parent)
