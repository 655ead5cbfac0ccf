"""A download ends in time and in bounds whatever the other side does, and never comes from inside our network."""

import gzip
import ipaddress
import socket
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from helpdesk.channels.downloads import Hop, download, is_public, no_redirect
from helpdesk.domain.errors import FetchFailed
from helpdesk.domain.messages import FetchedFile

MOST = 100_000
OK = b"HTTP/1.1 200 OK\r\n"


class Peer:
    """A server that says exactly these bytes, then `drips` of them until it is stopped or hung up on."""

    def __init__(self, says: bytes, *, drips: bytes = b"") -> None:
        self.heard: list[bytes] = []
        self._says, self._drips, self._stop = says, drips, Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            line, _ = self._server.accept()
            with line:
                if self._stop.is_set():
                    return
                self.heard.append(line.recv(65536))
                try:
                    line.sendall(self._says)
                    while self._drips and not self._stop.wait(0.01):
                        line.sendall(self._drips)
                except OSError:  # it hung up, as it should
                    continue

    def close(self) -> None:
        self._stop.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            self._thread.join()
        self._server.close()


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    says, drips = request.param
    server = Peer(says, drips=drips)
    yield server
    server.close()


def fetched(peer: Peer, *, host: str = "127.0.0.1", is_ours: bool = True, seconds: float = 5) -> FetchedFile:
    hop = Hop(f"http://{host}:{peer.port}/berkas", is_ours=is_ours)
    return download(hop, no_redirect, most_bytes=MOST, seconds=seconds)


GOOD = OK + b"Content-Length: 3\r\nContent-Type: Image/JPEG; x=1\r\n\r\nisi"
CASES = {
    "a body without end": (OK + b"\r\n", bytes(9000), "too_large", True),
    "a length above the limit": (OK + b"Content-Length: 100001\r\n\r\n", b"", "too_large", True),
    "a length that is none": (OK + b"Content-Length: -1\r\n\r\n", bytes(9000), "too_large", True),
    "chunks without end": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        b"2000\r\n" + bytes(0x2000) + b"\r\n",
        "too_large",
        True,
    ),
    "a body that is cut off": (OK + b"Content-Length: 9\r\n\r\nisi", b"", "ProtocolError", False),
    "a packed body": (
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(9_000_000)),
        b"",
        "bad_response",
        False,
    ),
    "no answer in HTTP": (b"\x00\x01\x02\r\n", b"", "ConnectionError", False),
    "a redirect": (
        b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
        b"",
        "foreign_redirect",
        True,
    ),
}


@pytest.mark.parametrize(
    ("peer", "code", "is_final"),
    [
        pytest.param((says, drips), code, is_final, id=name)
        for name, (says, drips, code, is_final) in CASES.items()
    ],
    indirect=["peer"],
)
def test_what_is_no_whole_file_within_the_limits_is_refused(peer: Peer, code: str, is_final: bool) -> None:
    with pytest.raises(FetchFailed) as caught:
        fetched(peer)

    assert (caught.value.code, caught.value.is_final) == (code, is_final)


@pytest.mark.parametrize(
    "peer",
    [(OK + b"Content-Length: 90000\r\n\r\n", b"x"), (OK, b"X: y\r\n"), (OK + b"X: ", b"y")],
    ids=["body", "header lines", "one line"],
    indirect=True,
)
def test_what_comes_drop_by_drop_ends_with_its_time(peer: Peer) -> None:
    with pytest.raises(FetchFailed, match="timeout") as caught:
        fetched(peer, seconds=0.2)

    assert not caught.value.is_final


@pytest.mark.parametrize("peer", [(GOOD, b"")], indirect=True)
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "inside.example"]
)
def test_nothing_inside_is_even_connected_to(peer: Peer, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def names(name: str, *rest: object, **more: object) -> object:
        return resolve("127.0.0.1" if name == "inside.example" else name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("socket.getaddrinfo", names)
    with pytest.raises(FetchFailed, match="private_address") as caught:
        fetched(peer, host=host, is_ours=False)

    assert caught.value.is_final
    assert peer.heard == []


@pytest.mark.parametrize("peer", [(GOOD, b"")], indirect=True)
def test_the_address_that_was_judged_is_the_one_that_is_asked(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers differently the second time leads nowhere: it is asked for once."""
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def names(name: str, *rest: object, **more: object) -> object:
        asked.append(name)
        return resolve("127.0.0.1", *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("socket.getaddrinfo", names)
    monkeypatch.setattr(ipaddress.IPv4Address, "is_global", True)

    assert fetched(peer, host="media.example", is_ours=False) == FetchedFile(b"isi", "image/jpeg")
    assert asked == ["media.example", "127.0.0.1"]
    assert f"Host: media.example:{peer.port}\r\n".encode() in peer.heard[0]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("10.0.0.7", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:a9fe:a9fe::1", False),
    ],
)
def test_an_address_is_public_or_not(address: str, expected: bool) -> None:
    assert is_public(address) is expected
