"""Callbacks over HTTP: a post is made, and how it went is told. When and how often is the schedule's business.

Redirects are not followed, no proxy and no cookie is minded, and of an answer nothing but its status and its challenge
is of any interest. Where private networks are forbidden, it is the address that a connection goes to which is looked
at, after the name was resolved: a name that means another address the second time gets nowhere, and however a number is
written, it is read by then.
"""

import asyncio
import socket
import time
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

import aiohttp

from transports.simulator.callbacks.schedule import Answer, Post

_MOST_READ_OCTETS: Final = 64 * 1024
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class ForbiddenAddressError(OSError):
    """A callback would go to a private network."""


class Poster:
    """Makes posts. To be used as a context, in the loop that it is for."""

    def __init__(self, *, allows_private: bool = True) -> None:
        self._allows_private = allows_private
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Get ready."""
        # How many posts run at once is limited by who makes them.
        connector = aiohttp.TCPConnector(limit=0, socket_factory=None if self._allows_private else _public_socket)
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
        )

    async def aclose(self) -> None:
        """Break off what is under way."""
        if self._session is not None:
            await self._session.close()

    async def post(self, post: Post) -> Answer:
        """Make a post; whatever goes wrong is an answer without a status."""
        assert self._session is not None, "open() comes first"
        started = time.perf_counter()
        status, challenge = None, ""
        try:
            async with self._session.post(
                post.url,
                data=post.body,
                headers=post.headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=post.timeout_seconds),
            ) as response:
                # Read, or the connection could not be used again; a long answer is left unread, and the connection.
                await response.content.read(_MOST_READ_OCTETS)
                status = response.status
                challenge = ", ".join(response.headers.getall("www-authenticate", ()))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            status = None
        return Answer(status, round((time.perf_counter() - started) * 1000), challenge)


def _public_socket(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol, _, target = address
    if not is_public(target[0].partition("%")[0]):
        raise ForbiddenAddressError(f"{target[0]} lies in a private network")
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    return made


def is_public(address: str) -> bool:
    """Return whether an address lies in no private network, neither itself nor the one that is wrapped in it.

    >>> [is_public(each) for each in ("93.184.215.14", "10.0.0.7", "::ffff:10.0.0.7", "64:ff9b::10.0.0.7", "224.0.0.1")]
    [True, False, False, False, False]
    """
    found: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(found, IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            wrapped = IPv4Address(found.packed[-4:])
        found = wrapped or found
    return found.is_global and not found.is_multicast


async def cancel(tasks: set[asyncio.Task[Any]]) -> None:
    """Break off tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
