"""Which findings of a check count: `--select` and `--ignore`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from agentflow_cli.diagnostics.report import Report
from agentflow_cli.foundation.errors import UsageError

UNREADABLE = frozenset({"AF100", "AF101", "AF102", "AF103", "AF104", "AF105", "AF111", "AF113", "AF117"})
"""A file with one of these could not be read: `--select` shows them always, for nothing else could be looked for."""
_BEGINNING = re.compile(r"AF\d{0,3}\Z")


def selection(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Callable[[Report], Report]:
    """What keeps the findings whose codes begin with one of `select` (none: all), and not with one of `ignore`.

    Each is a code or its beginning (`AF3`), or several with commas between. UsageError for what begins no code.
    """
    wanted, unwanted = _codes("--select", select), _codes("--ignore", ignore)

    def keep(report: Report) -> Report:
        kept = [
            d
            for d in report.diagnostics
            if (not wanted or d.code.startswith(wanted) or d.code in UNREADABLE)
            and not (unwanted and d.code.startswith(unwanted))
        ]
        return report._replace(diagnostics=kept)

    return keep


def _codes(option: str, written: Sequence[str]) -> tuple[str, ...]:
    found = []
    for part in ",".join(written).split(","):
        code = part.strip().upper()
        if code:
            found.append(_known(option, part.strip(), code))
    if written and not found:
        raise UsageError(f"`{option}` needs a code, or the beginning of one", hint=f"for example `{option} AF3,AF412`")
    return tuple(found)


def _known(option: str, part: str, code: str) -> str:
    from agentflow_cli.diagnostics.codes import CODES
    from agentflow_cli.foundation.closest import closest

    if _BEGINNING.match(code) and any(known.startswith(code) for known in CODES):
        return code
    near = closest(code, CODES)
    raise UsageError(
        f"`{part}` in `{option}` is not a code, nor the beginning of one",
        hint=f"did you mean `{near}`?" if near else "codes look like `AF312`, beginnings like `AF3`",
        next_command="agentflow explain",
    )
