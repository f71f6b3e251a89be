"""Files made to hurt: each gets a diagnostic, within two seconds and 300 MB, and never a traceback."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HEAD = "apiVersion: agentflow/v1\n"
MEMORY = 300 * 1024 * 1024
SECONDS = 2
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


TEXTS: dict[str, Callable[[], str]] = {
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
}  # fmt: skip


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 8, SECONDS + 8))


def check(path: str, where: Path) -> tuple[str, float, int]:
    """What is said about a file; CPU seconds; the largest size in bytes.

    The size is that of the program alone: what `getrusage` says holds the size of the process that was forked, too.
    """
    environment = {**os.environ, "HOME": str(where), "XDG_CACHE_HOME": str(where / "cache"), "NO_COLOR": "1"}
    program = (
        "import resource, sys\n"
        "from agentflow_cli.__main__ import main\n"
        "code = 0\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    code = end.code\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "with open('/proc/self/status') as status:\n"
        "    peak = next(int(line.split()[1]) for line in status if line.startswith('VmHWM'))\n"
        "print('USED', used.ru_utime + used.ru_stime, peak * 1024, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "validate", path],
        cwd=where, env=environment, capture_output=True, text=True, timeout=60, preexec_fn=limited,
    )  # fmt: skip
    assert done.returncode in (1, 2), (done.returncode, done.stdout[-500:], done.stderr[-1500:])
    said = done.stdout + done.stderr
    assert "Traceback" not in said and "this is a bug" not in said, said[-1500:]
    _, seconds, size = done.stderr.splitlines()[-1].split()
    return said, float(seconds), int(size)


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_refused_quickly_and_in_little_room(name: str, tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(TEXTS[name](), encoding="utf-8", newline="")
    said, seconds, size = check("w.yaml", tmp_path)
    assert "error[AF" in said or "warning[AF" in said
    assert "\x1b" not in said and "\u202e" not in said
    assert len(said) < 300_000
    assert seconds < SECONDS and size < MEMORY
    assert not (tmp_path / "owned").exists()
