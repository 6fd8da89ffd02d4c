"""Where a message may go: to the services of the world, and inside the office only to what the office itself names.

A channel's URL may lie in a block that others can write, hold a recipient's address where its host belongs, or name a
host that is another machine today than yesterday. So what counts is the address at the moment of connecting, which
Python tells to an audit hook whichever library connects.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM, getaddrinfo
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies

from text.catalogue import phrase

Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be connected to, and what was refused.

    ``hosts`` are those that the office wrote itself; ``inside`` the networks that its policy names besides.
    """

    hosts: Sequence[str]
    inside: Sequence[Network]
    refused: list[str] = field(default_factory=list)

    def allows(self, address: str) -> bool:
        """Whether an address may be connected to.

        Args:
            address: of the other end, as the system resolved it.
        """
        found = ip_address(address.partition("%")[0])
        found = getattr(found, "ipv4_mapped", None) or found
        if any(found in network for network in self.inside) or (found.is_global and not found.is_multicast):
            return True
        return any(_is_named(found, host) for host in self.hosts)


def _is_named(found: IPv4Address | IPv6Address, host: str) -> bool:
    """Whether the office named this address inside. A name says a machine of its networks, never this machine or the
    neighbours of its cable: those have to be written as what they are."""
    if host == "localhost":
        return found.is_loopback
    try:
        return found == ip_address(host)
    except ValueError:
        here = found.is_loopback or found.is_link_local or found.is_unspecified
        return not (here or found.is_multicast or found.is_reserved)


_REACH: ContextVar[Reach | None] = ContextVar("reach", default=None)


@contextmanager
def within_reach(plugin: Any, *, named: bool, inside: Sequence[Network]) -> Iterator[Reach]:
    """Let this thread connect to nothing but what may be reached; an OSError where it would.

    Args:
        plugin: of the channel's URL.
        named: whether the office wrote the host of the URL itself, where only its operators can.
        inside: networks that its policy names.
    """
    own = getattr(plugin, "smtp_host", None) or plugin.host
    with reaching([own] if named and own else [], inside) as reach:
        yield reach


@contextmanager
def reaching(hosts: Sequence[str], inside: Sequence[Network]) -> Iterator[Reach]:
    """Let this thread connect to nothing but what may be reached; an OSError where it would.

    Args:
        hosts: that the office wrote itself, where only its operators can.
        inside: networks that its policy names.
    """
    _watch_connections()
    # What stands between us and the world is the office's, too.
    proxies = (urlsplit(proxy).hostname for proxy in getproxies().values())
    reach = Reach([*hosts, *(host for host in proxies if host)], inside)
    before = _REACH.set(reach)
    try:
        yield reach
    finally:
        _REACH.reset(before)


def hook_fault(address: str, inside: Sequence[Network]) -> str | None:
    """Why a system cannot be told under an address, in words; None when it may work, as far as is known beforehand.

    Args:
        address: from an operator.
        inside: networks that the policy names.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return phrase("hook.form")
    own = parts.scheme in ("http", "https") and host and not (parts.username or parts.password or parts.fragment)
    if not own or not port or not host or not address.isprintable() or any(sign.isspace() for sign in address):
        return phrase("hook.form")
    try:
        found = {str(one[4][0]) for one in getaddrinfo(host, port, type=SOCK_STREAM)}
    except (OSError, UnicodeError):
        # Behind a proxy it is the proxy that knows the names of the world.
        return None if getproxies() else phrase("hook.unknown", host=host)
    reach = Reach([], inside)
    return next((phrase("hook.inside", host=one) for one in sorted(found) if not reach.allows(one)), None)


@cache
def _watch_connections() -> None:
    """Once in a process: a hook is never taken away."""
    sys.addaudithook(_before_connecting)


def _before_connecting(event: str, facts: tuple[Any, ...]) -> None:
    if event != "socket.connect" or (reach := _REACH.get()) is None or not isinstance(facts[1], tuple):
        return
    if not reach.allows(address := str(facts[1][0])):
        reach.refused.append(address)
        raise ConnectionRefusedError(f"{address} is inside and was not named")
