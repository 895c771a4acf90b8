"""Starts the real hub once for all protocol tests and runs `async def` tests in an event loop of their own."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hubclient import HubClient

REPOSITORY = Path(__file__).resolve().parents[2]
# Another world file than the demo's, relative to the repository.
WORLD = os.environ.get("HUB_WORLD", "worlds/innovation-hub.json")
BINARY = Path(os.environ.get("HUB_BINARY", REPOSITORY / ".build/release/hub"))
READY_SECONDS = 30
# The long versions in `make chaos` take more.
TEST_SECONDS = int(os.environ.get("HUB_TEST_SECONDS", "110"))
READY = re.compile(r"hub ready https?://(?P<host>[\d.]+):(?P<port>\d+) admin http://[\d.]+:(?P<admin>\d+)")


@dataclass
class Hub:
    """A running hub: its process, its bound addresses and what it printed."""

    process: subprocess.Popen
    host: str = ""
    port: int = 0
    admin_port: int = 0
    output: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def admin(self) -> str:
        return f"http://{self.host}:{self.admin_port}"

    @property
    def ws(self) -> str:
        return f"ws://{self.host}:{self.port}/ws"

    def world(self) -> dict:
        """The world file as a client gets it: named by /api/hub, fetched over HTTP."""
        with urllib.request.urlopen(self.base + "/api/hub", timeout=5) as answer:
            url = json.load(answer)["world"]["url"]
        with urllib.request.urlopen(self.base + url, timeout=5) as answer:
            return json.load(answer)


def start_hub(scratch: Path, *extra: str, **environment: str) -> Hub:
    """Starts a hub, on free ports unless told otherwise, and waits until it has printed both of its addresses."""
    if not BINARY.exists():
        pytest.fail(f"no hub at {BINARY}: build it (swift build -c release --product hub) or set HUB_BINARY")
    command = [str(BINARY), "serve", "--world", WORLD, "--host", "127.0.0.1", "--port", "0"]
    command += ["--admin", "127.0.0.1:0", *extra]
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(scratch), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    hub = Hub(process)
    ready = threading.Event()

    def read_output() -> None:
        for line in process.stdout:
            hub.output.append(line.rstrip("\n"))
            if match := READY.search(line):
                hub.host, hub.port, hub.admin_port = match["host"], int(match["port"]), int(match["admin"])
                ready.set()
        ready.set()

    threading.Thread(target=read_output, daemon=True).start()
    if not ready.wait(READY_SECONDS) or not (hub.port and hub.admin_port):
        stop_hub(hub)
        pytest.fail("the hub did not say where it listens:\n" + "\n".join(hub.output))
    return hub


def stop_hub(hub: Hub) -> int | None:
    """Asks the hub to end, and makes sure of it. Returns its exit code, negative for a signal."""
    if hub.process.poll() is None:
        hub.process.send_signal(signal.SIGTERM)
        try:
            hub.process.wait(10)
        except subprocess.TimeoutExpired:
            hub.process.kill()
            hub.process.wait()
    return hub.process.returncode


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    """The hub all tests share: it must still be alive when the last of them has ended."""
    running = start_hub(tmp_path_factory.mktemp("hub"))
    yield running
    died = running.process.poll()
    stop_hub(running)
    assert died is None, f"the hub ended with {died} while it was tested:\n" + "\n".join(running.output[-40:])


@pytest.fixture(scope="session")
def world(hub):
    return hub.world()


@pytest.fixture
def join(hub):
    """`await join("Aylin", lang="de")`: a client that has joined; all leave when the test ends."""
    clients: list[HubClient] = []

    async def joined(name: str, **hello) -> HubClient:
        client = HubClient(hub.ws, name)
        clients.append(client)
        await client.connect(**hello)
        return client

    joined.clients = clients
    return joined


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Runs coroutine tests; what they joined is closed in the same loop, and its own failures are the test's."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted}

    async def run() -> None:
        try:
            await asyncio.wait_for(pyfuncitem.obj(**arguments), TEST_SECONDS)
        finally:
            factory = pyfuncitem.funcargs.get("join")
            for client in factory.clients if factory else []:
                await client.leave()
        for client in factory.clients if factory else []:
            client.raise_failure()

    asyncio.run(run())
    return True
