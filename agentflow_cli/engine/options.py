"""What a run is given besides its plan: the world behind the ports, and the choices of whoever started it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentflow_cli.domain.project import Channel
from agentflow_cli.foundation.clock import Clock
from agentflow_cli.ports.cache import Cache
from agentflow_cli.ports.commands import Commands, Functions
from agentflow_cli.ports.conversations import Conversations
from agentflow_cli.ports.http import Http
from agentflow_cli.ports.memory import Memory
from agentflow_cli.ports.model import Model
from agentflow_cli.ports.tools import Tools


@dataclass(frozen=True, slots=True)
class Services:
    model: Model
    memory: Memory
    commands: Commands
    functions: Functions
    clock: Clock
    http: Http
    tools: Tools
    cache: Cache
    conversations: Conversations


@dataclass(frozen=True, slots=True)
class EngineOptions:
    project_root: Path
    """Where commands start."""
    max_parallel: int = 16
    """Attempts under way at once, over the whole run."""
    no_input: bool = False
    """Nobody can be asked: questions take their `ci:` answer or fail."""
    fail_fast: bool = False
    """The first failure ends the run instead of only what depends on it."""
    default_model: str | None = None
    """For prompts that name none."""
    timeout: float | None = None
    """Seconds for this driver; the run is then interrupted and can be resumed."""
    until: str | None = None
    """Run this step and what it needs, and stop there; None: as the run was told before."""
    max_tokens: int | None = None
    """Tokens that the models of the run may use, over all its epochs; 0 lifts the limit; None: as it was before."""
    max_cost: float | None = None
    """The same in dollars."""
    read_cache: bool = True
    """Take outcomes of earlier runs for steps with `cache: true`."""
    write_cache: bool = True
    """Keep outcomes for later ones."""
    env: Mapping[str, str] = field(default_factory=dict)
    """What `env.NAME` reads."""
    command_env: Mapping[str, str] = field(default_factory=dict)
    """What every command gets, besides what its step's `env` names."""
    channels: Mapping[str, Channel] = field(default_factory=dict)
    """Where `notify` can send, by name, besides the built-in ones."""
    secret: Callable[[str], str | None] | None = None
    """The value of a secret by its name; None when it is not set."""
    grace: float = 1.0
    """Seconds that steps in flight have to finish when the run is interrupted."""
