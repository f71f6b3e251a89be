"""No test reaches a model that the developer happens to have: keys, endpoint, Ollama and settings are out of sight."""

from __future__ import annotations

import os

from agentflow_cli.services.llm.provider_names import KEYED
from agentflow_cli.services.llm.routes import KEY_VARIABLE, MODEL_VARIABLE, URL_VARIABLE

for _provider in KEYED:
    for _name in (*_provider.keys, f"{_provider.name.upper()}_BASE_URL", f"{_provider.name.upper()}_API_BASE"):
        os.environ.pop(_name, None)
for _name in (URL_VARIABLE, KEY_VARIABLE, MODEL_VARIABLE):
    os.environ.pop(_name, None)
os.environ["OLLAMA_HOST"] = "127.0.0.1:9"
"""Where nothing listens (the discard service of another age)."""
os.environ["XDG_CONFIG_HOME"] = "/nonexistent/config"
"""The developer's own settings, grants and secrets decide nothing; a test that needs some has a place of its own."""
