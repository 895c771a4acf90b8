"""TLS in the hub's own process: pages, sockets, frames, and a new certificate without a restart."""

from __future__ import annotations

import asyncio
import hashlib
import random
import signal
import socket
import ssl
import subprocess
import urllib.request

import pytest

from conftest import start_hub, stop_hub
from hubclient import HubClient


def certificate(folder, name: str) -> tuple[str, str]:
    """A self-signed certificate for this machine: paths of certificate and key."""
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return cert, key


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    cert, key = certificate(folder, "first")
    hub = start_hub(folder, "--tls-cert", cert, "--tls-key", key)
    hub.folder = folder
    yield hub
    stop_hub(hub)


def trusting(hub) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(hub.folder / "cert.pem"))


def wss(hub) -> str:
    return f"wss://localhost:{hub.port}/ws"


async def joined(hub, name: str, **hello) -> HubClient:
    client = HubClient(wss(hub), name)
    await client.open(ssl=trusting(hub))
    await client.send("hello", protocol=1, name=name, **hello)
    await client.expect("space")
    await client.sync()
    return client


async def test_people_meet_over_tls_and_frames_come_whole(secure):
    people = [await joined(secure, f"P{n}") for n in range(8)]
    await asyncio.gather(*(client.wander(3, random.Random(n)) for n, client in enumerate(people)))
    for client in people:
        client.raise_failure()
        assert client.close_code is None and len(client.frame_ticks) > 20
        assert len(client.replica.entities) >= len(people) - 1
    await people[0].send("chat", to="space", text="verschlüsselt", ref=1)
    for client in people:
        await client.expect("chat", text="verschlüsselt")
    for client in people:
        await client.leave()


async def test_a_slow_reader_over_tls_gets_whole_frames_when_it_reads_again(secure):
    """What the socket does not take waits inside the TLS layer: nothing may be lost or doubled there."""
    walkers = [await joined(secure, f"W{n}") for n in range(4)]
    lazy = await joined(secure, "Lazy")
    lazy.socket.transport.pause_reading()
    await asyncio.gather(*(client.wander(3, random.Random(n)) for n, client in enumerate(walkers)))
    lazy.socket.transport.resume_reading()
    frames = len(lazy.frame_ticks)
    await lazy.until(lambda: len(lazy.frame_ticks) > frames + 10, "frames again")
    lazy.raise_failure()
    for client in [*walkers, lazy]:
        await client.leave()


def test_pages_come_whole(secure):
    with open("/usr/share/javascript/three/three.module.js", "rb") as file:
        expected = hashlib.sha256(file.read()).hexdigest()
    for _ in range(3):
        url = f"https://localhost:{secure.port}/three/three.module.js"
        with urllib.request.urlopen(url, timeout=30, context=trusting(secure)) as answer:
            assert hashlib.sha256(answer.read()).hexdigest() == expected
            assert answer.headers["strict-transport-security"]


def handshake(hub, context: ssl.SSLContext) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", hub.port), timeout=10)
    return context.wrap_socket(raw, server_hostname="localhost")


def test_only_http_1_1_is_offered_and_only_tls_1_2_or_newer(secure):
    context = trusting(secure)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with handshake(secure, context) as line:
        assert line.selected_alpn_protocol() == "http/1.1" and line.version() in ("TLSv1.2", "TLSv1.3")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(secure, old)


def test_plain_text_gets_nothing_out_of_the_secure_port(secure):
    with socket.create_connection(("127.0.0.1", secure.port), timeout=20) as line:
        line.sendall(b"GET /api/hub HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            assert b"innovation-hub" not in line.recv(65536)
        except ConnectionResetError:
            pass


def test_a_handshake_that_never_comes_is_hung_up_on(secure):
    with socket.create_connection(("127.0.0.1", secure.port), timeout=40) as line:
        line.sendall(b"\x16\x03\x01")
        try:
            assert line.recv(100) == b""
        except ConnectionError:
            pass


async def test_a_new_certificate_serves_new_connections_after_sighup_and_the_old_ones_stay(secure):
    one = await joined(secure, "Stays")
    before = ssl.get_server_certificate(("127.0.0.1", secure.port))
    certificate(secure.folder, "second")
    secure.process.send_signal(signal.SIGHUP)
    for _ in range(100):
        after = ssl.get_server_certificate(("127.0.0.1", secure.port))
        if after != before:
            break
        await asyncio.sleep(0.1)
    assert after != before and after.strip() == (secure.folder / "cert.pem").read_text().strip()
    await one.sync()
    two = await joined(secure, "Comes")
    await two.expect("people", where=lambda m: any(p.get("name") == "Stays" for p in m["list"]))
    # A certificate that is none changes nothing.
    (secure.folder / "cert.pem").write_text("no certificate\n")
    secure.process.send_signal(signal.SIGHUP)
    await one.sync()
    assert ssl.get_server_certificate(("127.0.0.1", secure.port)) == after
    (secure.folder / "cert.pem").write_text(after)
    await one.leave()
    await two.leave()
