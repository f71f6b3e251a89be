"""SARIF, JUnit and GitLab reports against their published shapes, whatever the text in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Secondary, Severity
from agentflow_cli.diagnostics.fix import Edit, Fix
from agentflow_cli.diagnostics.formats import Report, format_report
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.schema.files import load_schema

PUBLISHED = Path(__file__).parents[2] / "diagnostics" / "published"
SPAN = Span("flows/a b.yaml", 2, 3, 2, 6)
HOSTILE = "x ]]> </failure> <!-- & \" ' %25 :: \x00\x1b[31m\x07 \u202e \ud800 \ufffe\nnext\r\n::error::no \U0001f600"
PLAIN = Diagnostic("AF312", "no step `reviw`", SPAN, label="not a step", help="did you mean `review`?")
WARNING = Diagnostic("AF116", "zeros", Span("b.yaml", 1, 1, 3, 2), Severity.WARNING)
NOWHERE = Diagnostic("AF100", "there is no such file", file="missing.yaml")
NO_FILE = Diagnostic("AF100", "nothing")
MENDED = Diagnostic(
    "AF312", "no step `reviw`", SPAN, help="h", secondary=(Secondary(Span("c.yaml", 1, 1, 1, 2), "called here"),),
    fix=Fix("write `abc`", (Edit(SPAN, "cde", "abc"),)),
)  # fmt: skip
STRANGE = Diagnostic(
    "AF312", HOSTILE, Span(f"{HOSTILE}.yaml", 1, 1, 1, 2), label=HOSTILE, help=HOSTILE,
    secondary=(Secondary(SPAN, HOSTILE),), fix=Fix(HOSTILE, (Edit(SPAN, "cde", HOSTILE),)),
)  # fmt: skip
SOURCES = {"flows/a b.yaml": "one\nabcdefg\n", "b.yaml": "1\n2\n3\n"}
REPORTS = {
    "nothing": Report([], 3),
    "named": Report([PLAIN], 3, SOURCES, ("a.yaml", "flows/a b.yaml", f"{HOSTILE}.yaml")),
    "plain": Report([PLAIN, WARNING], 2, SOURCES),
    "no_place": Report([NO_FILE, NOWHERE], 1),
    "mended": Report([MENDED, MENDED], 1, SOURCES),
    "strange": Report([STRANGE, PLAIN], 2, SOURCES),
}


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_is_valid_by_its_schema(name: str) -> None:
    schema = json.loads((PUBLISHED / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    value = json.loads(format_report(REPORTS[name], "sarif"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(value)] == []


@pytest.mark.parametrize("name", REPORTS)
def test_a_gitlab_report_has_the_documented_shape_and_distinct_fingerprints(name: str) -> None:
    schema = json.loads((PUBLISHED / "gitlab-code-quality.json").read_text(encoding="utf-8"))
    issues = json.loads(format_report(REPORTS[name], "gitlab"))
    jsonschema.Draft7Validator(schema).validate(issues)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(REPORTS[name].diagnostics)


@pytest.mark.parametrize("name", REPORTS)
def test_junit_is_valid_by_its_schema(name: str) -> None:
    text = format_report(REPORTS[name], "junit")
    root = ElementTree.fromstring(text.encode())
    assert list(misfits(root, elements(PUBLISHED / "junit-10.xsd"))) == []
    assert root.tag == "testsuites"


@pytest.mark.parametrize("name", REPORTS)
def test_the_counts_of_junit_are_those_of_its_cases(name: str) -> None:
    root = ElementTree.fromstring(format_report(REPORTS[name], "junit").encode())
    for suites in (root, *root.iter("testsuite")):
        assert int(suites.get("tests", "")) == len(list(suites.iter("testcase")))
        assert int(suites.get("failures", "")) == len(list(suites.iter("failure")))


def test_a_warning_fails_no_junit_case() -> None:
    root = ElementTree.fromstring(format_report(Report([WARNING], 1), "junit").encode())
    assert root.find(".//failure") is None
    assert "warning[AF116] b.yaml:1:1: zeros" in (root.findtext(".//system-out") or "")


def test_junit_has_a_passed_case_for_each_file_without_findings() -> None:
    root = ElementTree.fromstring(format_report(Report([PLAIN], 2, {}, ("b.yaml", "flows/a b.yaml")), "junit").encode())
    cases = {case.get("name"): case.find("failure") is None for case in root.iter("testcase")}
    assert cases == {"b.yaml": True, "AF312 flows/a b.yaml:2:3": False}


def test_junit_is_the_same_in_every_encoding() -> None:
    found = Diagnostic("AF312", "no step `é😀`", Span("ä.yaml", 1, 1, 1, 2))
    text = format_report(Report([found], 1), "junit")
    assert text.isascii()
    assert ElementTree.fromstring(text).find(".//failure").get("message") == "no step `é😀`"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", REPORTS)
def test_our_own_json_is_valid_by_the_schema_that_we_publish_and_holds_nothing_else(name: str) -> None:
    schema = load_schema("findings")
    jsonschema.Draft7Validator.check_schema(schema)
    validator, known = jsonschema.Draft7Validator(schema), schema["definitions"]
    report = json.loads(format_report(REPORTS[name], "json"))
    validator.validate(report)
    assert set(report) == set(known["report"]["properties"])
    records = [json.loads(line) for line in format_report(REPORTS[name], "jsonl").splitlines()]
    for record in records:
        validator.validate(record)
        assert not validator.is_valid({**record, "type": "other"})
    for found in report["diagnostics"]:
        assert set(found) <= set(known["diagnostic"]["properties"])
        assert not validator.is_valid({**report, "diagnostics": [{**found, "severity": "bad"}]})


def sarif_run(*found: Diagnostic) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(format_report(Report(found, 1, SOURCES), "sarif"))["runs"][0]
    return run


def test_sarif_names_the_place_in_characters_and_the_file_as_a_uri() -> None:
    run = sarif_run(PLAIN)
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert place["artifactLocation"]["uri"] == "flows/a%20b.yaml"
    assert place["region"] == {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 6}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("ä#?.yaml", "%C3%A4%23%3F.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("/tmp/x y.yaml", "file:///tmp/x%20y.yaml"),
        ("../x.yaml", "../x.yaml"),
        ("bad\udcff.yaml", "bad%FF.yaml"),
    ],
)
def test_every_file_name_is_a_uri(file: str, uri: str) -> None:
    run = sarif_run(Diagnostic("AF100", "m", file=file))
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_sarif_explains_each_rule_that_found_something_once() -> None:
    run = sarif_run(PLAIN, PLAIN, WARNING)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["AF116", "AF312"]
    assert "Wrong:" in rules[1]["help"]["text"] and rules[0]["defaultConfiguration"]["level"] == "warning"
    assert [result["ruleIndex"] for result in run["results"]] == [1, 1, 0]


def test_sarif_carries_the_fix() -> None:
    fix = sarif_run(MENDED)["results"][0]["fixes"][0]
    change = fix["artifactChanges"][0]
    assert change["artifactLocation"]["uri"] == "flows/a%20b.yaml"
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 6},
            "insertedContent": {"text": "abc"},
        }
    ]


def test_a_fix_of_text_that_was_masked_is_left_out() -> None:
    masked = {**SOURCES, "flows/a b.yaml": "one\nab***fg\n"}
    value = json.loads(format_report(Report([MENDED], 1, masked), "sarif"))
    assert "fixes" not in value["runs"][0]["results"][0]


def test_fingerprints_stay_when_lines_are_added_above_and_differ_between_equal_findings() -> None:
    def marks(shift: int) -> list[str]:
        text = "\n" * shift + "one\nabcdefg\nabcdefg\n"
        found = [
            Diagnostic("AF312", "m", Span("f.yaml", line + shift, 3, line + shift, 6)) for line in (2, 3)
        ]  # fmt: skip
        issues = json.loads(format_report(Report(found, 1, {"f.yaml": text}), "gitlab"))
        return [issue["fingerprint"] for issue in issues]

    assert marks(0) == marks(7)
    assert len(set(marks(0))) == 2


def test_github_shows_hostile_text_as_one_command() -> None:
    lines = format_report(Report([STRANGE], 1), "github").splitlines()
    assert len([line for line in lines if line.startswith("::")]) == 1
    assert "\x1b" not in lines[0] and "%0A" in lines[0]


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_services_are_told_paths_from_the_checkout_wherever_the_command_is_started(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkout/deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "checkout/deep")
    monkeypatch.setenv(variable, str(tmp_path / "checkout"))
    files = ["w/a.yaml", "../b.yaml", "../../c.yaml", "<stdin>", str(tmp_path / "checkout/d.yaml")]
    report = Report([Diagnostic("AF100", "m", file=file) for file in files], 5)
    expected = ["deep/w/a.yaml", "b.yaml", "../../c.yaml", "<stdin>", "d.yaml"]
    assert [issue["location"]["path"] for issue in json.loads(format_report(report, "gitlab"))] == expected
    lines = format_report(report, "github").splitlines()[:5]
    assert [line.partition("file=")[2].partition(",")[0] for line in lines] == expected
    assert "deep/w/a.yaml" in format_report(report, "sarif")
    assert "deep/w/a.yaml" not in format_report(report, "concise")


def test_what_github_has_no_annotation_for_is_in_the_log_and_is_no_command() -> None:
    found = [Diagnostic("AF312", f"m{n}", file="::error::x##[error].yaml") for n in range(12)]
    lines = format_report(Report(found, 1), "github").splitlines()
    assert [line for line in lines if line.startswith("::")][-1] == (
        "::error title=agentflow::and 3 more; see the log of this step"
    )
    assert lines[-4:-1] == [f"./::error::x## [error].yaml: error[AF312] m{n}" for n in (9, 10, 11)]
    assert not [line for line in lines[10:] if "##[" in line]


XS = "{http://www.w3.org/2001/XMLSchema}"


def elements(schema: Path) -> dict[str, tuple[set[str], set[str], set[str], bool]]:
    """Of each element of a schema: its children, its attributes, those required, and whether it holds text.

    Reads what `junit-10.xsd` is written with: global elements, references, choices that may repeat, attributes.
    """
    found = {}
    for element in ElementTree.parse(schema).getroot().iter(f"{XS}element"):
        if element.get("name"):
            attributes = list(element.iter(f"{XS}attribute"))
            complex_type = element.find(f"{XS}complexType")
            found[element.get("name", "")] = (
                {child.get("ref", "") for child in element.iter(f"{XS}element") if child.get("ref")},
                {a.get("name", "") for a in attributes},
                {a.get("name", "") for a in attributes if a.get("use") == "required"},
                complex_type is None or complex_type.get("mixed") == "true",
            )
    return found


def misfits(element: ElementTree.Element, known: dict[str, tuple[set[str], set[str], set[str], bool]]) -> Any:
    children, attributes, required, text = known[element.tag]
    yield from (f"<{element.tag}> has {name}" for name in set(element.keys()) - attributes)
    yield from (f"<{element.tag}> lacks {name}" for name in required - set(element.keys()))
    if not text and ((element.text or "").strip() or any((child.tail or "").strip() for child in element)):
        yield f"<{element.tag}> holds text"
    for child in element:
        if child.tag not in children:
            yield f"<{child.tag}> in <{element.tag}>"
        yield from misfits(child, known)
