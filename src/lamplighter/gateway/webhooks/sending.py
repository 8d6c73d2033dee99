"""Sending one request to an address that somebody else chose, without being led astray by it.

The name is resolved once, every address it stands for must be allowed, and the connection goes to
the address that was looked at. Redirects are not followed; only the status of the answer is read.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")
PORTS = {"http": 80, "https": 443}


class AddressRefused(ValueError):
    """The address is none that may be called: its text, or where its name leads."""


class NotReached(Exception):
    """Nobody answered in time, or not in HTTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where it may be sent to besides the public network, and how long it may take."""

    networks: tuple[Network, ...]  # not public, yet allowed
    seconds: float  # for all of it


def checked_url(url: str) -> SplitResult:
    """Return the parts of an address; raise AddressRefused unless it reads as one we may call."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("the address cannot be read") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise AddressRefused("https://host/… is needed")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("no user, password or fragment in the address")
    if port == 0 or any(ord(letter) <= ord(" ") or ord(letter) > ord("~") for letter in url):
        raise AddressRefused("no port 0, no spaces, ASCII letters only")
    return parts


def resolved(*, url: str, limits: Limits) -> tuple[SplitResult, str]:
    """Return an address's parts and the one IP address to connect to.

    Raises
    ------
    AddressRefused
        The text, or one of the IP addresses its name stands for, is not allowed; or plain HTTP
        to anywhere but this machine.
    NotReached
        The name stands for none.
    """
    parts = checked_url(url)
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached("no such host") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not _is_allowed(address, limits.networks):
            raise AddressRefused("the host leads to an address that is not public")
        if parts.scheme == "http" and not _plain(address).is_loopback:
            raise AddressRefused("http is for this machine alone; use https")
    return parts, str(addresses[0])


def send(*, url: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> int:
    """Post a body and return the status of the answer.

    Raises
    ------
    AddressRefused, NotReached
        See `resolved`; nobody answered in time.
    """
    parts, address = resolved(url=url, limits=limits)
    connection = _Pinned(parts, address=address, seconds=limits.seconds)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.connect()
        watch = threading.Timer(limits.seconds, connection.cut)
        watch.start()
        try:
            connection.request("POST", path, body=body, headers=dict(headers))
            return connection.getresponse().status
        finally:
            watch.cancel()
    except (OSError, http.client.HTTPException) as error:
        raise NotReached(type(error).__name__) from error
    finally:
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to one IP address, in the name of a host."""

    def __init__(self, parts: SplitResult, *, address: str, seconds: float) -> None:
        port = parts.port or PORTS[parts.scheme]
        super().__init__(str(parts.hostname), port, timeout=seconds)
        self.address, self.is_sealed = address, parts.scheme == "https"
        self.default_port = PORTS[parts.scheme]

    def connect(self) -> None:
        """Connect to the address that was looked at, and to no other."""
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.is_sealed:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """End whatever is still going on: an answer that drips is none."""
        with contextlib.suppress(OSError):  # it ended by itself meanwhile
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


def _is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    plain = _plain(address)
    inside = any(plain.version == net.version and plain in net for net in networks)
    return inside or (plain.is_global and not plain.is_multicast)


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
