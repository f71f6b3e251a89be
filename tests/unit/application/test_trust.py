"""What is said of a request before a person grants it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.trust import requests


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://127.0.0.1:8080/v1", False),
        ("http://127.8.0.1/v1", False),
        ("http://localhost:8080/v1", False),
        ("http://localhost./v1", False),
        ("http://[::1]:8080/v1", False),
        ("https://models.acme.test/v1", False),
        ("http://models.acme.test/v1", True),
        ("http://localhost.acme.test/v1", True),
        ("http://127.acme.test/v1", True),
        ("http://127.0.0.1.acme.test/v1", True),
        ("http://[::2]/v1", True),
    ],
)
def test_what_leaves_this_machine_without_encryption_is_said_whatever_its_name_begins_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, plain: bool
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    file = f'apiVersion: agentflow/v1\nmodels:\n  house: {{model: endpoint/x, base_url: "{url}", api_key: env:HOUSE}}\n'
    (tmp_path / "agentflow.yaml").write_text(file)
    [asked] = requests(Container(tmp_path))
    assert asked.plain is plain
