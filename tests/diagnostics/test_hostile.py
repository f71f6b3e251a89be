"""Files made to hurt: each gets a diagnostic, within two seconds and 300 MB, and never a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.diagnostics.limited import MEMORY, SECONDS, Limited, Outcome

HEAD = "apiVersion: agentflow/v1\n"
FIXING = 4
"""Seconds for thousands of fixes, each of them checked."""
MEGABYTE = 1_000_000


def step(body: str) -> str:
    return f"{HEAD}steps:\n  a:\n{body}"


def laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return HEAD + "\n".join(lines) + "\n"


def merge_keys() -> str:
    lines = ["m0: &m0 {k: v}"]
    lines += [f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}], k{n}: v}}" for n in range(1, 12)]
    return HEAD + "\n".join(lines) + "\n"


def schema(inner: str) -> str:
    return step(f"    prompt: x\n    output: {inner}\n  b: {{set: {{v: '${{{{ steps.a.output.x.x.x }}}}'}}}}\n")


TEXTS: dict[str, Callable[[], str | bytes]] = {
    "billion_laughs": laughs,
    "merge_key_bomb": merge_keys,
    "ten_megabytes_of_brackets": lambda: "[" * (10 * MEGABYTE),
    "four_megabytes_of_brackets": lambda: "[" * (4 * MEGABYTE),
    "brackets_that_close": lambda: "[" * MEGABYTE + "]" * MEGABYTE,
    "four_megabytes_of_braces": lambda: "{a: " * MEGABYTE,
    "deep_block_lists": lambda: "- " * MEGABYTE,
    "question_marks": lambda: "? " * MEGABYTE,
    "deep_indentation": lambda: "".join(" " * n + "a:\n" for n in range(2_000)),
    "an_expression_of_a_megabyte": lambda: step("    when: " + "a + " * (MEGABYTE // 4) + "a\n    run: x\n"),
    "an_expression_of_brackets": lambda: step("    when: " + "(" * 5_000 + ")" * 5_000 + "\n    run: x\n"),
    "an_expression_of_nots": lambda: step("    when: " + "not " * 900 + "true\n    run: x\n"),
    "an_expression_of_minuses": lambda: step(f"    set: {{v: '${{{{ {'-' * 3_000}1 }}}}'}}\n"),
    "many_templates": lambda: step("    prompt: '" + "${{ inputs.x }} " * 50_000 + "'\n"),
    "many_quotes": lambda: step('    prompt: |\n      ${{ "' + "\\'\\\"" * 100_000 + "\n"),
    "nul": lambda: HEAD + "steps: {a: {run: 'x\0y'}}\n",
    "escape_characters": lambda: step('    run: "\x1b]52;c;x\x07"\n'),
    "an_integer_of_many_digits": lambda: HEAD + "timeout: " + "9" * 100_000 + "\n",
    "a_float_of_many_digits": lambda: HEAD + "timeout: 1e" + "9" * 100_000 + "\n",
    "infinity": lambda: step("    set: {v: 1e999}\n"),
    "a_huge_number_in_an_expression": lambda: step("    set: {v: '${{ " + "9" * 5_000 + " }}'}\n"),
    "a_huge_float_in_an_expression": lambda: step("    when: 1e999 > 0\n    run: x\n"),
    "a_huge_hexadecimal": lambda: HEAD + "timeout: 0x" + "f" * 100_000 + "\n",
    "python_tags": lambda: step('    run: !!python/object/apply:os.system ["touch owned"]\n'),
    "a_tag_of_a_megabyte": lambda: HEAD + "x: !" + "a" * MEGABYTE + " 1\n",
    "an_escape_from_the_sandbox": lambda: step(
        "    set: {v: \"${{ ''.__class__.__mro__[1].__subclasses__() }}\"}\n"
    ),
    "format_as_an_escape": lambda: step("    set: {v: \"${{ '{0.__class__}'.format(inputs) }}\"}\n"),
    "a_schema_that_refers_to_itself": lambda: schema("{$ref: '#'}"),
    "a_schema_in_a_circle": lambda: schema(
        "{$ref: '#/definitions/a', definitions: {a: {$ref: '#/definitions/b'}, b: {$ref: '#/definitions/a'}}}"
    ),
    "a_schema_that_splits_in_a_circle": lambda: schema(
        "{definitions: {a: {anyOf: [{$ref: '#/definitions/a'}, {$ref: '#/definitions/a'}]}}, $ref: '#/definitions/a'}"
    ),
    "a_schema_elsewhere": lambda: schema("{$ref: 'http://127.0.0.1:9/schema.json'}"),
    "a_catastrophic_pattern_of_properties": lambda: (
        HEAD
        + "inputs:\n  x:\n    type: object\n    patternProperties: {'^(a|a)+$': {type: string}, b: {type: string}}\n"
        + f"    default: {{{'a' * 40}!: 1, b: 1}}\nsteps: {{a: {{run: x}}}}\n"
    ),
    "very_many_items": lambda: step("    foreach: [" + "1, " * 99_999 + "1]\n    runn: x\n"),
    "a_long_circle": lambda: (
        HEAD + "steps:\n" + "".join(f"  s{n}: {{needs: [s{(n + 1) % 2_000}], run: x}}\n" for n in range(2_000))
    ),
    "deep_groups": lambda: HEAD + "".join(f"{'  ' * n}steps:\n{'  ' * n} a{n}:\n" for n in range(60)),
    "directions_in_a_name": lambda: HEAD + 'steps:\n  "a\\u202eb": {run: x}\n  "c\\x1b[31m": {run: x}\n',
    "a_line_of_a_megabyte": lambda: HEAD + "stepz: " + "x" * MEGABYTE + "\n",
    "a_key_of_a_megabyte": lambda: HEAD + "? " + "k" * MEGABYTE + "\n: 1\n",
    "names_that_no_file_can_have": lambda: (
        HEAD + f"steps:\n  a: {{python: {'a' * 50_000}.py:f}}\n  b: {{workflow: {'b' * 300}.yaml}}\n"
        f"  c: {{prompt: {{file: {'c' * 300}.md}}}}\n"
    ),
    "a_megabyte_of_anchors": lambda: HEAD + "x:\n" + "".join(f"- &a{n} 1\n" for n in range(100_000)),
    "a_megabyte_of_documents": lambda: "---\n" * 250_000,
    "a_megabyte_of_comments": lambda: "# x\n" * 250_000,
    "a_catastrophic_pattern": lambda: (
        HEAD + "inputs:\n  x: {type: string, pattern: '^(a+)+$', default: '" + "a" * 40 + "!'}\nsteps: {a: {run: x}}\n"
    ),
    "a_catastrophic_pattern_with_a_lookahead": lambda: (
        HEAD + "inputs:\n  x: {type: string, pattern: '^(?=(a+)+$)b', default: '" + "a" * 40 + "!'}\n"
    ),
    "a_pattern_of_many_brackets": lambda: (
        HEAD + "inputs:\n  x: {type: string, pattern: '" + "(" * 5_000 + ")" * 5_000 + "', default: x}\n"
    ),
    "very_many_unknown_reads": lambda: (
        HEAD
        + "steps:\n  a:\n    prompt: |\n"
        + "".join(f"      ${{{{ steps.nope{n}.output }}}}\n" for n in range(2_000))
    ),
    "many_open_templates": lambda: step("    prompt: '" + "${{ " * 200_000 + "'\n"),
    "many_open_tags": lambda: step("    prompt: '" + "{% if %}" * 50_000 + "'\n"),
    "many_wrong_tags": lambda: step("    prompt: '" + "{% if x %}{% fro x in xs %}" * 20_000 + "'\n"),
    "many_bare_braces": lambda: step("    prompt: '" + "{{ x }}" * 100_000 + "'\n"),
    "a_brace_far_from_its_end": lambda: step("    prompt: '{{ x" + " " * 900_000 + "'\n    runn: x\n"),
    "many_expressions_inside_expressions": lambda: step("    prompt: '" + "${{ a ${{ b }} }}" * 50_000 + "'\n"),
    "many_elifs": lambda: step("    prompt: '{% if true %}" + "{% elif inputs.x %}x" * 20_000 + "{% endif %}'\n"),
    "very_many_errors": lambda: HEAD + "steps:\n" + "".join(f"  s{n}: {{runn: x}}\n" for n in range(5_000)),
    "very_many_wrong_fields": lambda: step("    run: x\n" + "".join(f"    k{n}: x\n" for n in range(10_000))),
    "very_many_keys_twice": lambda: HEAD + "steps: {a: {run: x}}\n" * 50_000,
    "very_many_steps": lambda: HEAD + "steps:\n" + "".join(f"  s{n}: {{run: x}}\n" for n in range(20_000)),
    "a_long_chain_of_references": lambda: schema(
        "{$ref: '#/definitions/a0', definitions: {"
        + "".join(f"a{n}: {{$ref: '#/definitions/a{n + 1}'}}, " for n in range(3_000))
        + "a3000: {type: strin}}}"
    ),
    "a_default_that_fits_none_of_many": lambda: (
        HEAD
        + "inputs:\n  x: {items: {anyOf: ["
        + "{type: string}, " * 100
        + "{type: 'null'}]}, default: ["
        + "1, " * 2_000
        + "1]}\n"
    ),
    "lone_surrogates": lambda: step('    run: "\\uD800 x"\n'),
    "very_many_ignore_comments": lambda: HEAD + "# agentflow: ignore[AF201]\n" * 100_000 + "steps: {a: {run: x}}\n",
    "a_million_empty_lines": lambda: HEAD + "\n" * 1_000_000 + "stepz: 1\n",
    "a_megabyte_of_directives": lambda: "%YAML 1.2\n" * 100_000,
    "very_many_reads_of_unknown_steps_among_many": lambda: (
        HEAD
        + "steps:\n"
        + "".join(f"  s{n}: {{run: [x, '${{{{ steps.t{n}.output.stdout }}}}']}}\n" for n in range(3_000))
    ),
    "very_many_needs_of_unknown_steps": lambda: (
        HEAD
        + "steps:\n"
        + "".join(f"  step{n}: {{run: x}}\n" for n in range(2_000))
        + f"  z: {{run: x, needs: [{', '.join(f'stepp{n}' for n in range(2_000))}]}}\n"
    ),
    "a_list_of_records_that_all_differ": lambda: step(
        "    foreach: [" + ", ".join(f"{{a{n}: {n}}}" for n in range(20_000)) + "]\n"
        "    set: {v: '${{ item.x }}', w: '${{ steps.b }}'}\n"
    ),
    "a_long_chain_of_ors": lambda: (
        HEAD
        + "inputs: {"
        + ", ".join(f"b{n}: {{type: boolean}}" for n in range(24))
        + "}\nsteps:\n  a:\n    run: x\n    when: "
        + " or ".join(f"(inputs.b{n} and not inputs.b{(n + 1) % 24})" for n in range(24))
        + " or 1\n"
    ),
    "very_many_agents_with_unknown_tools": lambda: (
        HEAD
        + "agents:\n"
        + "".join(f"  o{n}: {{instructions: x, tools: [nope]}}\n" for n in range(3_000))
        + "steps: {a: {run: x}}\n"
    ),
    "a_script_of_many_expressions": lambda: step("    run: '" + "${{ inputs.x }}; " * 4_000 + "'\n"),
    "beginnings_of_keys": lambda: HEAD + "x: " + "sk-" * 500_000 + "\n",
    "beginnings_of_tokens": lambda: HEAD + "x: " + "-eyJ" * 1_000_000 + "\n",
    "very_many_tabs": lambda: HEAD + "x:\n" + "\ty: 1\n" * 300_000,
    "very_many_steps_with_an_unknown_read": lambda: (
        HEAD
        + "steps:\n"
        + "".join(f"  s{n}: {{run: [x, '${{{{ steps.t{n}.output.stdout }}}}']}}\n" for n in range(10_000))
    ),
    "one_wrong_step_among_many_that_need_each_other": lambda: (
        HEAD
        + "steps:\n"
        + "".join(f"  s{n}: {{run: x, needs: [{', '.join(f's{k}' for k in range(n))}]}}\n" for n in range(500))
    ),
    "a_text_of_escapes_that_is_too_long": lambda: step('    set: {v: "' + "\\x41 " * 900_000 + '${{ nope.x }}"}\n'),
    "a_mistake_at_the_end_of_a_text_of_escapes": lambda: step(
        '    prompt: "' + "\\n" * 990_000 + '${{ nope.x }}"\n'
    ),
    "a_mistake_behind_a_million_empty_lines": lambda: step(
        "    prompt: |\n" + "\n" * 990_000 + "      ${{ nope }}\n"
    ),
    "a_large_schema_with_one_wrong_part": lambda: schema(
        "{properties: {" + ", ".join(f"p{n}: {{type: string}}" for n in range(60_000)) + ", q: {type: x}}}"
    ),
    "a_schema_that_requires_what_is_not_there": lambda: schema(
        f"{{properties: {{{', '.join(f'p{n}: {{}}' for n in range(20_000))}}},"
        f" required: [{', '.join(f'r{n}' for n in range(20_000))}]}}"
    ),
    "a_schema_of_parts_that_all_count": lambda: schema(
        "{allOf: [" + ", ".join(f"{{properties: {{p{n}: {{}}}}}}" for n in range(10_000)) + "], required: [x, x]}"
    ),
    "references_that_double_sixty_times": lambda: (
        HEAD
        + "inputs:\n  x: {default: 1, anyOf: [{$ref: '#/definitions/a0'}], definitions: {"
        + "".join(f"a{n}: {{anyOf: [{', '.join([f'{{$ref: {chr(39)}#/definitions/a{n + 1}{chr(39)}}}'] * 2)}]}}, "
                  for n in range(60))
        + "a60: {type: string}}}\nsteps: {a: {run: x}}\n"
    ),
    "values_of_an_enum_that_never_match": lambda: schema(
        f"{{type: string, enum: [{', '.join(map(str, range(100_000)))}]}}"
    ),
    "defaults_that_do_not_fit": lambda: (
        HEAD
        + "inputs:\n"
        + "".join(f"  i{n}: {{type: string, default: {n}}}\n" for n in range(40_000))
        + "steps: {a: {run: x}}\n"
    ),
    "a_long_text_that_thousands_of_steps_repeat": lambda: (
        HEAD
        + "steps:\n  a: {prompt: &p '"
        + "${{ inputs.q }} " * 1_000
        + "'}\n"
        + "".join(f"  s{n}: {{prompt: *p}}\n" for n in range(3_000))
    ),
    "thousands_of_groups_that_read_each_other": lambda: (
        HEAD
        + "steps:\n"
        + "".join(
            f"  g{n}: {{steps: {{s{n}: {{run: [x, '${{{{ steps.s{n + 1}.output }}}}'], needs: [s{n + 2}]}}}}}}\n"
            for n in range(4_900)
        )
    ),
    "long_conditions_that_are_too_deep": lambda: (
        HEAD
        + "steps:\n"
        + "".join(
            f"  s{n}: {{run: x, when: '{' or '.join(f'inputs.x == {k}' for k in range(400))}'}}\n" for n in range(100)
        )
    ),
    "a_megabyte_of_long_expressions": lambda: (
        HEAD
        + "steps:\n"
        + "".join(
            f"  s{n}: {{set: {{v: '${{{{ [{n}, {', '.join(map(str, range(1_700)))}] | max }}}}'}}}}\n"
            for n in range(120)
        )
    ),
    "more_values_than_a_file_holds": lambda: HEAD + "x: [" + "1, " * 1_500_000 + "1]\n",
    "a_megabyte_of_colons": lambda: HEAD + "x: " + ": " * 1_000_000 + "\n",
    "a_megabyte_of_pairs_that_are_nothing": lambda: HEAD + "x: [" + "{}," * 350_000 + "]\n",
    "blanks_before_a_line_break": lambda: step('    prompt: "a' + " " * 900_000 + '\n  ${{ nope }}"\n'),
    "a_megabyte_of_alias_keys": lambda: HEAD + "x: &a b\n" + "*a : 1\n" * 50_000,
    "utf_16": lambda: (HEAD + "steps: {a: {run: x}}\n").encode("utf-16"),
    "utf_32": lambda: (HEAD + "steps: {a: {run: x}}\n").encode("utf-32"),
    "no_text_at_all": lambda: bytes(range(256)) * 10_000,
    "half_of_a_pair_in_utf_8": lambda: HEAD.encode() + b"x: '\xed\xa0\x80'\n",
    "nothing_but_nul": lambda: b"\0" * 4_000_000,
    "nothing_but_marks_of_byte_order": lambda: "\ufeff" * 1_000_000,
    "line_ends_of_an_old_system": lambda: "apiVersion: agentflow/v1\r" + "".join(f"k{n}: 1\r" for n in range(50_000)),
}  # fmt: skip

LONG = {
    "a_large_schema_with_one_wrong_part", "a_mistake_behind_a_million_empty_lines", "defaults_that_do_not_fit",
    "a_mistake_at_the_end_of_a_text_of_escapes", "more_values_than_a_file_holds", "beginnings_of_keys",
    "very_many_steps_with_an_unknown_read", "a_megabyte_of_pairs_that_are_nothing", "line_ends_of_an_old_system",
    "values_of_an_enum_that_never_match", "thousands_of_groups_that_read_each_other",
}  # fmt: skip
"""More than half a second each: proved with `make prove`."""

FIXED: dict[str, Callable[[], str]] = {
    "thousands_of_slips": lambda: HEAD + "steps:\n" + "".join(f"  s{n}: {{runn: x}}\n" for n in range(5_000)),
    "a_script_of_thousands_of_expressions": lambda: step("    run: '" + "${{ inputs.x }}; " * 4_000 + "'\n"),
    "slips_beside_comments_that_ignore_others": lambda: (
        HEAD + "steps:\n" + "".join(f"  s{n}: {{runn: x}} # agentflow: ignore[AF312]\n" for n in range(400))
    ),
}  # fmt: skip


def pipes(root: Path) -> None:
    for place in ("w.yaml", "workflows/p.yaml", "agents/p.yaml", "tools/p.py", "p.md", "agentflow.yaml"):
        (root / place).parent.mkdir(exist_ok=True)
        os.mkfifo(root / place)
    (root / "workflows/x.yaml").write_text(
        HEAD + "steps:\n  a: {python: ../tools/p.py:f}\n  b: {tool: p}\n  c: {agent: p, task: x}\n"
        "  d: {prompt: {file: ../p.md}}\n  e: {workflow: p.yaml}\n"
    )


def devices(root: Path) -> None:
    (root / "workflows").mkdir()
    (root / "tools").mkdir()
    for place in ("w.yaml", "tools/z.py", "workflows/z.md"):
        (root / place).symlink_to("/dev/zero")
    (root / "workflows/x.yaml").write_text(
        HEAD + "steps:\n  a: {python: ../tools/z.py:f}\n  b: {tool: z}\n  d: {prompt: {file: z.md}}\n"
    )


def links_in_a_circle(root: Path) -> None:
    (root / "workflows").mkdir()
    (root / "w.yaml").symlink_to("w.yaml")
    (root / "workflows/again").symlink_to(".")
    (root / "agents").symlink_to("workflows")
    (root / "workflows/x.yaml").write_text(HEAD + "stepz: 1\n")


def one_long_prompt_of_many_steps(root: Path) -> None:
    (root / "p.md").write_text("word\n" * 150_000 + "${{ inputs.x }}\n" * 900)
    (root / "w.yaml").write_text(
        HEAD + "steps:\n" + "".join(f"  s{n}: {{prompt: {{file: p.md}}}}\n" for n in range(100))
    )


def hostile_python(root: Path) -> None:
    (root / "a.py").write_text("x = " + "(" * 50_000)
    (root / "b.py").write_text("x = " + "-" * 300_000 + "1\ndef f(): ...\n")
    (root / "c.py").write_bytes(bytes(range(256)) * 1_000)
    (root / "d.py").write_text("#" * 9_000_000 + "\ndef f(): ...\n")
    (root / "w.yaml").write_text(HEAD + "steps:\n" + "".join(f"  {name}: {{python: {name}.py:f}}\n" for name in "abcd"))


def an_agent_of_many_unknown_tools(root: Path) -> None:
    (root / "agents").mkdir()
    tools = ", ".join(f"t{n}" for n in range(30_000))
    (root / "agents/x.yaml").write_text(HEAD + f"instructions: x\ntools: [{tools}]\n")
    (root / "w.yaml").write_text(HEAD + "steps: {a: {agent: x, task: y}}\n")


def workflows_that_call_each_other(root: Path) -> None:
    for n in range(15):
        calls = "".join(f"  a{k}: {{workflow: w{(n + k) % 15 or ''}.yaml}}\n" for k in range(1, 12))
        (root / f"w{n or ''}.yaml").write_text(HEAD + "steps:\n" + calls)


DIRECTORIES = [
    pipes, devices, links_in_a_circle, one_long_prompt_of_many_steps, hostile_python, an_agent_of_many_unknown_tools,
    workflows_that_call_each_other,
]  # fmt: skip


@pytest.fixture(scope="module")
def limited() -> Iterator[Limited]:
    process = Limited()
    yield process
    process.close()


def check(limited: Limited, arguments: list[str], within: Path, tmp_path: Path) -> Outcome:
    home = tmp_path / "home"
    home.mkdir()
    done = limited.run(arguments, within, home)
    assert done.code in (1, 2), (done.code, done.said[-2_000:])
    assert "Traceback" not in done.said and "this is a bug" not in done.said, done.said[-1_500:]
    assert "\x1b" not in done.said and "\u202e" not in done.said
    assert len(done.said) < 300_000
    assert 0 < done.size < MEMORY
    return done


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in LONG else []) for n in TEXTS])
def test_a_hostile_text_is_refused_quickly_and_in_little_room(name: str, tmp_path: Path, limited: Limited) -> None:
    text = TEXTS[name]()
    (tmp_path / "w.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = check(limited, ["validate", "w.yaml"], tmp_path, tmp_path)
    assert "error[AF" in done.said or "warning[AF" in done.said
    assert done.seconds < SECONDS
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("name", FIXED)
def test_thousands_of_mistakes_are_mended_in_a_moment(name: str, tmp_path: Path, limited: Limited) -> None:
    (tmp_path / "w.yaml").write_text(FIXED[name](), newline="")
    home = tmp_path / "home"
    home.mkdir()
    done = limited.run(["validate", "--fix", "w.yaml"], tmp_path, home)
    assert done.code in (0, 1) and "Fixed" in done.said and "Traceback" not in done.said, done.said[-1_500:]
    assert done.seconds < FIXING and 0 < done.size < MEMORY


@pytest.mark.parametrize("make", DIRECTORIES)
@pytest.mark.parametrize("whole", [False, True], ids=["file", "project"])
def test_a_hostile_directory_is_refused_quickly_too(
    make: Callable[[Path], None], whole: bool, tmp_path: Path, limited: Limited
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    make(root)
    if not (root / "agentflow.yaml").exists() and make is not pipes:
        (root / "agentflow.yaml").write_text(HEAD)
    (root / "workflows").mkdir(exist_ok=True)
    (root / "workflows/y.yaml").write_text(HEAD + "stepz: 1\n")
    done = check(limited, ["validate"] if whole else ["validate", "w.yaml"], root, tmp_path)
    assert "error[AF" in done.said or "error: " in done.said
    assert done.seconds < SECONDS


@pytest.mark.parametrize("command", [["plan"], ["graph"], ["graph", "-o", "json"], ["run", "--mock"]])
@pytest.mark.parametrize("name", ["billion_laughs", "very_many_errors", "references_that_double_sixty_times",
                                  "an_expression_of_brackets", "no_text_at_all"])  # fmt: skip
def test_every_command_refuses_what_validate_refuses(
    name: str, command: list[str], tmp_path: Path, limited: Limited
) -> None:
    text = TEXTS[name]()
    (tmp_path / "w.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = check(limited, [command[0], "w.yaml", *command[1:]], tmp_path, tmp_path)
    assert "error[AF" in done.said and done.seconds < SECONDS
