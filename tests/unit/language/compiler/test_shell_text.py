"""Where in a shell script an expression stands."""

from __future__ import annotations

import re

import pytest

from agentflow_cli.language.compiler.shell_text import contexts


def context(script: str) -> list[str]:
    """The context of each `@…@`."""
    return contexts(script, [found.span() for found in re.finditer(r"@[^@]*@", script)])


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo @x@", "bare"),
        ("@x@", "bare"),
        ("A=@x@ cmd", "bare"),
        ('echo "a" @x@', "bare"),
        ("echo 'a' @x@", "bare"),
        ("echo it\\'s @x@", "bare"),
        ("# it's\necho @x@", "bare"),
        ("echo a#'b' @x@", "bare"),
        ("cmd <<EOF\nit's\nEOF\necho @x@", "bare"),
        ("cmd <<-'E F'\n\tit's\n\tE F\necho @x@", "bare"),
        ('cmd <<< "x" @x@', "bare"),
        ("( echo @x@ )", "bare"),
        ("$(echo @x@)", "bare"),
        ("echo $((1 + (2))) @x@", "bare"),
        ("echo ${A:-'b'} @x@", "bare"),
        ('[[ "$a" == @x@ ]]', "bare"),
        ('echo "@x@"', "double"),
        ('echo "it\'s \\" @x@"', "double"),
        ('echo "$(cmd "a") @x@"', "double"),
        ('echo "$(cmd @x@)"', "bare"),
        ('echo "$(cmd "@x@")"', "double"),
        ("cmd <<EOF\n@x@\nEOF", "double"),
        ("cmd <<EOF | other 'x'\nit's \"@x@\nEOF", "double"),
        ("echo '@x@'", "nowhere"),
        ("echo $'a\\'@x@'", "nowhere"),
        ("# @x@", "nowhere"),
        ("cmd <<'EOF'\n@x@\nEOF", "nowhere"),
        ('cmd <<"EOF"\n@x@\nEOF', "nowhere"),
        ("cmd <<\\EOF\n@x@\nEOF", "nowhere"),
        ("echo $((@x@ + 1))", "nowhere"),
        ('echo "$((@x@ + 1))"', "nowhere"),
        ("echo `cmd @x@`", "nowhere"),
        ("echo ${A:-@x@}", "nowhere"),
        ('echo "${A:-@x@}"', "nowhere"),
        ("echo \\@x@", "nowhere"),
        ("echo $@x@", "nowhere"),
        ("cmd <<EOF\n$(cmd @x@)\nEOF", "nowhere"),
    ],
)
def test_the_context_is_the_shells(script: str, found: str) -> None:
    assert context(script) == [found]


def test_what_stands_in_a_place_is_not_read_as_shell() -> None:
    assert context("echo @it's \"@ @x@ '@y@'") == ["bare", "bare", "nowhere"]


def test_a_script_that_never_ends_its_quotes_is_passed_over() -> None:
    assert context("echo 'a @x@") == ["nowhere"]
    assert context('echo "a $(b @x@') == ["bare"]
    assert context("cat <<EOF\n@x@") == ["double"]
