"""Downloads of files: bounded in bytes and in time, redirects one by one, and never from inside our own network."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from email.message import Message as MimeHeaders
from typing import Final
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from helpdesk.domain.errors import FetchFailed
from helpdesk.domain.messages import FetchedFile

STEP_SECONDS: Final = (5.0, 15.0)
"""Longest wait for a connection, and for the next bytes."""
_MAX_HOPS: Final = 4
_CHUNK: Final = 64 * 1024
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Hop:
    """An address that may be asked, and what it is told."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Credentials: they stay with this hop."""
    is_ours: bool = False
    """The operator has named this host, so it may lie in a private network (a simulator, an own Bot API)."""


def download(first: Hop, follow: Callable[[str], Hop], *, most_bytes: int, seconds: float) -> FetchedFile:
    """Return the file at the end of at most three redirects. `follow` judges each; both may raise FetchFailed."""
    hop = first
    with _Watch(seconds) as watch:
        try:
            for _ in range(_MAX_HOPS):
                target = _ask(hop, watch, most_bytes)
                if watch.is_over:  # what was cut off may look like an end
                    raise FetchFailed("timeout", is_final=False)
                if isinstance(target, FetchedFile):
                    return target
                hop = follow(target)
        except (requests.RequestException, HTTPError, OSError) as error:
            code = "timeout" if watch.is_over else type(error).__name__
            raise FetchFailed(code, is_final=False) from None
        except ValueError:  # requests reads a Location even where it is told not to follow it
            raise FetchFailed("foreign_redirect", is_final=True) from None
    raise FetchFailed("too_many_redirects", is_final=True)


def no_redirect(_url: str) -> Hop:
    """For providers that have no reason to send us elsewhere."""
    raise FetchFailed("foreign_redirect", is_final=True)


def is_public(address: str) -> bool:
    """Tell whether an IP address lies in the public network, also where it is wrapped in another."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
    return ip.is_global and not ip.is_multicast


class _Watch:
    """Cuts the connections of one download when its time is over: no step of it can hold them open, drip by drip."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self.is_ours = False
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Watch":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for copy in self._open:
                copy.close()

    def keep(self, sock: socket.socket) -> None:
        """Watch a connection. A copy, because TLS takes the socket itself over."""
        with self._lock:
            self._open.append(sock.dup())
            if self.is_over:
                sock.close()
                raise TimeoutError

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            for copy in self._open:
                try:
                    copy.shutdown(socket.SHUT_RDWR)
                except OSError:  # the other side was faster
                    continue


_watching: ContextVar[_Watch] = ContextVar("_watching")


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _opened(self, super()._new_conn)


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _opened(self, super()._new_conn)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    """Opens connections that are watched. Through a proxy the names are the proxy's matter."""

    def __init__(self) -> None:
        super().__init__()
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


def _opened(connection: HTTPConnection, connect: Callable[[], socket.socket]) -> socket.socket:
    """Connect to the addresses that were judged, and to no others that the name may have a moment later."""
    watch = _watching.get()
    if watch.is_ours:
        sock = connect()
        watch.keep(sock)
        return sock
    name = connection._dns_host
    failure: NewConnectionError | None = None
    for address in _public_addresses(connection, name):
        connection._dns_host = address
        try:
            sock = connect()
        except NewConnectionError as error:
            failure = error
        else:
            watch.keep(sock)
            return sock
        finally:
            connection._dns_host = name
    raise failure or NewConnectionError(connection, "the name has no address")


def _public_addresses(connection: HTTPConnection, name: str) -> list[str]:
    try:
        found = socket.getaddrinfo(name, connection.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NameResolutionError(name, connection, error) from error
    addresses = [str(info[4][0]) for info in found]
    if not all(map(is_public, addresses)):
        raise FetchFailed("private_address", is_final=True)
    return addresses


def _ask(hop: Hop, watch: _Watch, most_bytes: int) -> FetchedFile | str:
    """Return the file, or the address that the answer leads to."""
    watch.is_ours = hop.is_ours
    token = _watching.set(watch)
    try:
        with requests.Session() as session:
            session.mount("https://", _Adapter())
            session.mount("http://", _Adapter())
            with session.get(
                hop.url,
                headers={**hop.headers, "Accept-Encoding": "identity"},
                auth=_as_told,
                stream=True,
                allow_redirects=False,
                timeout=STEP_SECONDS,
            ) as response:
                if response.is_redirect:
                    return urljoin(hop.url, response.headers["location"])
                return _read(response, most_bytes)
    finally:
        _watching.reset(token)


def _as_told(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send the headers as they are: without this a .netrc of the operator would add credentials to any hop."""
    return request


def _read(response: requests.Response, most_bytes: int) -> FetchedFile:
    status = response.status_code
    if status != requests.codes.ok:
        # Lost credentials can be mended and media can be late; what else is refused goes on being refused.
        may_come = status in (401, 403, 404, 408, 429) or status >= requests.codes.server_error
        raise FetchFailed(f"http_{status}", is_final=not may_come)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchFailed("bad_response", is_final=False)  # asked for as it is; unpacking has no limit
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > most_bytes:
        raise FetchFailed("too_large", is_final=True, size_bytes=int(length))
    content = bytearray()
    while chunk := response.raw.read1(_CHUNK):
        content += chunk
        if len(content) > most_bytes:
            raise FetchFailed("too_large", is_final=True)
    headers = MimeHeaders()
    headers["Content-Disposition"] = response.headers.get("content-disposition", "")
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return FetchedFile(bytes(content), media_type or None, headers.get_filename())
