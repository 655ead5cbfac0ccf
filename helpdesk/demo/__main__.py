"""`make demo`: settings, schema, sample world, then web + worker + phones until Ctrl-C."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from types import FrameType
from urllib.error import URLError

from helpdesk.config import Settings
from helpdesk.demo.settings import ENV_FILE, VAR, demo_settings, write_env_file
from helpdesk.demo.world import LOGINS, PASSWORD, build_world
from helpdesk.domain.errors import HelpdeskError
from helpdesk.migrate import upgrade
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services.setup import seed_reference

READY_WITHIN = 60
"""Seconds until the web process must answer; it takes two or three."""


class Stop:
    """Remembers that somebody asked to stop. A plain flag: an Event's lock would hang when a signal comes twice."""

    is_asked = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Take the signal."""
        self.is_asked = True


def main() -> int:
    """Run the demo; returns the exit status."""
    port, phone_port = _port("PORT", 8000), _port("PHONE_PORT", 8001)
    if os.environ.get("RESET") == "1":
        _start_over()
    values = demo_settings(port, phone_port)
    os.environ.update(values)
    write_env_file(values)
    try:
        rt = _install(Settings.from_env(ENV_FILE))
    except HelpdeskError as error:
        print(f"demo: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    return _run(rt, port, phone_port)


def _port(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdigit() or not 0 < int(value) < 65536:
        sys.exit(f"demo: {name}={value} is not a port")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(value)))
        except OSError:
            sys.exit(f"demo: port {value} is taken: set {name}= to another one")
    return int(value)


def _start_over() -> None:
    for path in VAR.glob("demo*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _install(settings: Settings) -> Runtime:
    upgrade(settings.database_url)
    rt = build_runtime(settings)
    rt.load_keys()
    rt.write(lambda session: seed_reference(session, now=rt.now()))
    return rt


def _run(rt: Runtime, port: int, phone_port: int) -> int:
    bind = f"127.0.0.1:{port}"
    phones = ["helpdesk.demo.phones", "--port", str(phone_port), "--app-url", f"http://{bind}"]
    serve = ["helpdesk.cli", "--env", str(ENV_FILE), "serve", "--bind", bind, "--with-worker"]
    children: list[subprocess.Popen[bytes]] = []

    def start_serving() -> None:
        if len(children) < 2:
            children.append(_start(serve))

    _on_both_signals(signal.default_int_handler)
    try:
        children.append(_start([*phones, "--env", str(ENV_FILE)]))
        # Whoever finds /readyz at 200 finds the whole world. On SQLite the web process may import while the world
        # is written: it is not ready before its own first write, and that waits for this one.
        build_world(rt, while_writing=start_serving if rt.settings.is_sqlite else lambda: None)
        rt.close()
        start_serving()
        stop = Stop()
        _on_both_signals(stop)
        return _watch(children, stop, port=port, phone_port=phone_port)
    except KeyboardInterrupt:
        return 130
    finally:
        _on_both_signals(signal.SIG_IGN)
        _stop(children)


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    # An own process group: Ctrl-C reaches us alone, and we stop the others in order.
    return subprocess.Popen([sys.executable, "-m", *arguments], start_new_session=True)  # noqa: S603


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in reversed(children):
        child.terminate()
    for child in reversed(children):
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()


def _on_both_signals(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, handler)


def _watch(children: list[subprocess.Popen[bytes]], stop: Stop, *, port: int, phone_port: int) -> int:
    deadline = time.monotonic() + READY_WITHIN
    is_announced = False
    while not stop.is_asked:
        time.sleep(0.2)
        dead = next((child for child in children if child.poll() is not None), None)
        if dead is not None:
            print(f"demo: a process ended with status {dead.returncode}", file=sys.stderr)  # noqa: T201
            return 1
        if not is_announced and _is_ready(port) and _is_up(phone_port):
            _announce(port, phone_port)
            is_announced = True
        elif not is_announced and time.monotonic() > deadline:
            print("demo: the web process does not get ready", file=sys.stderr)  # noqa: T201
            return 1
    return 0


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(json.load(answer)["status"] == "ready")
    except (URLError, OSError, ValueError, KeyError):
        return False


def _is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sent", timeout=2):
            return True
    except (URLError, OSError):
        return False


def _announce(port: int, phone_port: int) -> None:
    lines = [
        "",
        "  Siap / Ready",
        f"  Helpdesk   http://127.0.0.1:{port}        (Mitra: /   staf / staff: /login)",
        f"  Telepon    http://127.0.0.1:{phone_port}        (WhatsApp, SMS, Telegram)",
        f"  Sandi / password: {PASSWORD}",
        *(f"    {email:<22} {role}" for email, role in LOGINS),
        f"  Perintah / commands: .venv/bin/helpdesk --env {ENV_FILE} --help",
        "  Ctrl-C berhenti / stops",
        "",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
