"""What a command is given of the user's environment: enough to work, and no secret by accident."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PASSED = ("PATH", "HOME", "LANG", "TMPDIR")
"""Names that every command gets when they are set; so are all that begin with `LC_`."""

_FALLBACK_PATH = "/usr/local/bin:/usr/bin:/bin"


def base_environment(source: Mapping[str, str], pass_env: Iterable[str] = ()) -> dict[str, str]:
    """The variables of `source` that every command gets, and those that the project lists in `defaults.pass_env`."""
    names = {*PASSED, *pass_env}
    chosen = {name: value for name, value in source.items() if name in names or name.startswith("LC_")}
    chosen.setdefault("PATH", _FALLBACK_PATH)
    return chosen
