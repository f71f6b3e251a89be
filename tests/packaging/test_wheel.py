"""What users install: a wheel that carries the schemas and works outside a checkout; a lock that pins by hash."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.architecture.sources import ROOT


def test_the_wheel_carries_the_schemas_and_validates_outside_the_checkout(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(tmp_path),
            str(ROOT),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("agentflow_yaml-*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    for schema in (ROOT / "schemas").glob("*.schema.json"):
        assert (installed / "agentflow_cli" / "_schemas" / schema.name).read_bytes() == schema.read_bytes()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("apiVersion: agentflow/v1\nsteps:\n  a:\n    sett: {x: 1}\n")
    program = (
        f"import sys; sys.path.insert(0, {str(installed)!r}); sys.argv = ['agentflow', 'validate', {str(wrong)!r}];"
        "from agentflow_cli.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "`sett`" in done.stdout + done.stderr


def test_the_lock_pins_every_name_with_hashes_and_names_no_index() -> None:
    for lock in ("requirements.lock", "bench/requirements.lock"):
        text = (ROOT / lock).read_text()
        assert "://" not in text
        assert "--index" not in text
        entries = re.split(r"\n(?=[a-z0-9])", text)
        pinned = [entry for entry in entries if re.match(r"[a-z0-9][a-z0-9._-]*==", entry)]
        assert len(pinned) > 90
        assert all("--hash=sha256:" in entry for entry in pinned)
        assert not re.search(r"^litellm==1\.82\.[78]\b|^litellm==1\.107\.", text, re.MULTILINE)
