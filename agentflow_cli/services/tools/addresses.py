"""Which addresses a request may reach: looked up once, each of them checked, and only the checked ones connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

from agentflow_cli.domain.failure import Failure, StepFailure

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

ALLOW_VARIABLE = "AGENTFLOW_ALLOW_PRIVATE"

_METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192")
)
"""Where clouds tell a machine its own credentials. Most of them are link-local, too."""
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was checked."""

    family: socket.AddressFamily
    address: str
    port: int


async def checked_targets(host: str, port: int, *, near: bool) -> list[Target]:
    """The addresses of `host`, all of them allowed. `near` admits this machine and its private network.

    StepFailure: `unavailable` when the name is not known, `denied` when one address is not allowed. An address that is
    allowed beside one that is not changes nothing: such a name is made to deceive.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a name"
        raise StepFailure(Failure("unavailable", f"the host `{host}` cannot be found: {reason}")) from error
    targets = []
    for family, _, _, _, place in found:
        text = str(place[0])
        refused = refusal(ipaddress.ip_address(text.partition("%")[0]), near=near)
        if refused is not None:
            where = "" if text == host else f" has the address {text}, which"
            raise StepFailure(Failure("denied", f"the host `{host}`{where} {refused}"))
        targets.append(Target(socket.AddressFamily(family), text, port))
    if not targets:
        raise StepFailure(Failure("unavailable", f"the host `{host}` has no address"))
    return list(dict.fromkeys(targets))


def refusal(address: IPAddress, *, near: bool) -> str | None:
    """Why nothing may be sent to `address`, completing `the host …`; None when it is allowed."""
    for form in _forms(address):
        if form in _METADATA or form.is_link_local:
            return "is link-local, where clouds keep credentials; it is never called"
        if form.is_multicast or (form.is_reserved and form.version == 4):
            return "is no address of a server"
        if not near and not form.is_global:
            return (
                "is on this machine or a private network, and a value that is not the author's chose it; write the "
                f"host itself in an `http` step, or set {ALLOW_VARIABLE}=1"
            )
    return None


def _forms(address: IPAddress) -> list[IPAddress]:
    """The address, and the IPv4 address that is packed in it: the packets may arrive there."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    packed = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _NAT64):
        packed.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address in _COMPATIBLE and int(address) > 1:
        packed.append(ipaddress.IPv4Address(int(address)))
    inner: list[IPAddress] = [form for form in packed if form is not None]
    # A mapped address is only a spelling of the other; what is tunnelled must be allowed on both sides.
    return inner if address.ipv4_mapped is not None else [address, *inner]
