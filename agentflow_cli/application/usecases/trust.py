"""What a project asks for, and what its user has granted it: addresses and keys of its models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.runtime.trust import Grant
from agentflow_cli.domain.models import Candidate, expand
from agentflow_cli.foundation.errors import NotFoundError, NotTrustedError
from agentflow_cli.foundation.terminal_text import clean


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that a project asks for."""

    alias: str
    model: str
    base_url: str | None
    api_key: str | None
    granted: bool
    key_set: bool
    """Whether the key that it names is there; true when it names none."""
    plain: bool
    """What is sent can be read on its way: it goes to another machine without encryption."""

    @property
    def sends(self) -> str:
        """One sentence: what would go where."""
        provider = self.model.partition("/")[0]
        where = self.base_url or (
            "your own server" if provider in ("endpoint", "ollama") else f"{provider}'s own servers"
        )
        if self.api_key is None:
            return f"prompts go to {where}, without a key"
        return f"prompts and the key {self.api_key} go to {where}"


def project_at(written: str | None) -> Path:
    """The project that a path on the command line means. NotFoundError."""
    from agentflow_cli.language.loader.project import find_project_root

    path = Path(written) if written is not None else Path.cwd()
    if not path.exists():
        raise NotFoundError(f"there is no {written}", hint="name a project's directory, or a file in it")
    return find_project_root(path)


def requests(container: Container) -> list[Request]:
    """Everything that the project file asks for, by name. InvalidWorkflowError when the file is wrong."""
    return [_described(container, candidate) for candidate in _asked(container)]


def grant(container: Container, asked: Iterable[Request]) -> None:
    """Grant exactly this: what was shown, whatever the file says by now."""
    candidates = [Candidate(each.model, each.alias, base_url=each.base_url, api_key=each.api_key) for each in asked]
    container.trust.grant(container.root, candidates)


def revoke(container: Container) -> list[Grant]:
    """Take back what the project has been granted; what that was."""
    return container.trust.revoke(container.root)


def grants(container: Container) -> list[Grant]:
    """What the user has granted to any project."""
    return container.trust.grants()


def check_granted(container: Container, names: Iterable[str | None]) -> None:
    """NotTrustedError with the command to type, when one of the models `names` needs a grant that is not there."""
    missing = container.models.ungranted(names)
    if missing:
        said = "; ".join(f"`{each.alias}`: {_described(container, each).sends}" for each in missing[:4])
        more = f"; and {len(missing) - 4} more" if len(missing) > 4 else ""
        raise NotTrustedError(
            f"this project asks for what you have not granted: {clean(said, keep_newlines=False)}{more}",
            hint="nothing was sent; look at it, then grant it, or name another model",
            next_command=trust_command(container.root),
        )


def trust_command(root: Path) -> str:
    """What grants the project at `root`, typed here."""
    import shlex

    return "agentflow trust" if root == Path.cwd() else f"agentflow trust {shlex.quote(str(root))}"


def _asked(container: Container) -> list[Candidate]:
    from agentflow_cli.diagnostics.diagnostic import Diagnostics, InvalidWorkflowError
    from agentflow_cli.language.loader.files import Files
    from agentflow_cli.language.loader.project import load_project

    found, files = Diagnostics(), Files()
    project = load_project(container.root, found, files)
    if found.has_errors:
        raise InvalidWorkflowError(found, files.sources)
    every = (candidate for each in expand(project.models).values() for candidate in each)
    asked = {(each.alias, each.base_url, each.api_key): each for each in every if each.bound}
    return sorted(asked.values(), key=lambda each: each.alias)


def _described(container: Container, candidate: Candidate) -> Request:
    return Request(
        candidate.alias,
        candidate.model,
        candidate.base_url,
        candidate.api_key,
        granted=container.trust.granted(container.root, candidate),
        key_set=candidate.api_key is None or bool(container.referred(candidate.api_key)),
        plain=_is_readable_on_its_way(candidate.base_url or ""),
    )


def _is_readable_on_its_way(url: str) -> bool:
    """Whether what is sent to `url` leaves this machine without encryption."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    try:
        near = ip_address(host).is_loopback
    except ValueError:  # a name: `localhost.example.com` and `127.example.com` are others
        near = host == "localhost"
    return parts.scheme == "http" and not near
