"""What `validate` is silent about runs: no expression of these workflows fails, whatever a model says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called

VALID = Path(__file__).parents[1] / "diagnostics" / "ok"
RUN = (
    "answers_for_ci_that_leave_out", "answers_of_every_kind_for_ci", "as_json", "blank_lines_and_wide_indents",
    "book_of_chapters", "branches_that_exclude_each_other", "chain_of_conditions", "chat_with_a_memory",
    "children_and_their_errors", "comments_between_everything", "conditions_of_many_parts", "conditions_over_lines",
    "debate_in_rounds", "deep_objects", "elements_that_may_be_null", "evaluation_of_models", "explicit_keys",
    "failures_and_what_follows", "failures_that_are_told", "first_repetition", "flow_style_over_lines",
    "groups_in_groups", "guarded_nulls", "guards_of_every_form", "inputs_as_a_whole", "invoices_by_currency",
    "loops_in_texts", "matrix_build", "names_that_mean_something_elsewhere", "nightly_sync", "numbers_between_bounds",
    "outputs_that_may_be_missing", "pages_by_a_cursor", "plan_and_execute", "prompts_with_everything",
    "release_of_a_version", "releases_by_environment", "review_of_a_pull_request", "schemas_of_entities",
    "scripts_with_braces", "skipped_groups", "strings_of_every_style", "support_desk", "teams_and_people",
    "tickets_by_intent", "tour_of_filters", "translations_with_a_review", "untils_of_every_form", "ways_to_repeat",
    "windows_line_ends", "written_as_json", "yaml_of_every_sort",
)  # fmt: skip


@pytest.mark.parametrize("name", RUN)
def test_a_workflow_that_is_found_valid_ends_well(cli: Callable[..., Called], project: Path, name: str) -> None:
    shutil.copy(VALID / f"{name}.yaml", project / f"{name}.yaml")
    called = cli("run", f"{name}.yaml", "--mock", "--no-input", "--progress", "none")
    assert called.code == 0, called.err
