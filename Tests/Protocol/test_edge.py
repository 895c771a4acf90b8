"""Who may knock, how often, and how much: hosts, origins, addresses, floods, slow handshakes, logs."""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.error
import urllib.request

import pytest

from conftest import start_hub, stop_hub
from hubclient import HubClient
from rawsocket import BINARY, PING, TEXT, RawSocket
from replica import encode_ack

HELLO = json.dumps({"t": "hello", "protocol": 1, "name": "Raw"}).encode()
KEY = "only-for-moderators-0123456789"


@pytest.fixture
def hub_with(tmp_path):
    running = []

    def begin(*extra: str, **environment: str):
        running.append(start_hub(tmp_path, *extra, **environment))
        return running[-1]

    yield begin
    for hub in running:
        stop_hub(hub)


async def status(hub, **headers: str) -> int:
    """The answer to an upgrade; `Host` and `Origin` as given."""
    socket = await RawSocket.connect(hub)
    host = headers.pop("Host", f"{hub.host}:{hub.port}")
    lines = [
        "GET /ws HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: hub.v1",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    code, _ = await socket.request("\r\n".join(lines) + "\r\n\r\n")
    await socket.end()
    return code


async def test_only_pages_of_this_hub_may_connect(hub):
    own = f"{hub.host}:{hub.port}"
    assert await status(hub, Origin=f"http://{own}") == 101
    assert await status(hub) == 101, "a program on this machine sends no Origin"
    for origin in ("null", "https://evil.test", f"http://{own}.evil.test", f"http://{hub.host}", f"http://{hub.host}:1",
                   f"file://{own}", f"http://{own}/", f"http://{own}@evil.test", "http://[::1"):
        assert await status(hub, Origin=origin) == 403, origin


async def test_a_name_that_was_bent_to_this_address_is_not_ours(hub):
    """DNS rebinding: page and socket agree on a name, and only the name gives it away."""
    for host in ("evil.test", f"evil.test:{hub.port}", "localhost.evil.test"):
        assert await status(hub, Host=host, Origin=f"http://{host}") == 421, host
        request = urllib.request.Request(hub.base + "/api/hub", headers={"Host": host})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        assert refused.value.code == 421
        request = urllib.request.Request(hub.admin + "/metrics", headers={"Host": host})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        assert refused.value.code == 421
    assert await status(hub, Host=f"localhost:{hub.port}") == 101


async def test_lists_of_origins_and_hosts_are_exact(hub_with):
    hub = hub_with("--allowed-origin", "https://hub.example", "--allowed-host", "other.example")
    for host, origin, expected in [
        ("hub.example", "https://hub.example", 101), ("other.example:8443", "https://HUB.example:443", 101),
        ("hub.example", "http://hub.example", 403), ("third.example", "https://hub.example", 421),
        (f"{hub.host}:{hub.port}", f"http://{hub.host}:{hub.port}", 421),
    ]:
        assert await status(hub, Host=host, Origin=origin) == expected, (host, origin)


async def test_behind_a_proxy_addresses_are_counted_and_programs_need_an_origin(hub_with):
    hub = hub_with("--trusted-proxy", "127.0.0.1", "--waiting-per-address", "3")
    origin = f"http://{hub.host}:{hub.port}"
    assert await status(hub) == 403, "loopback is no exemption any more"
    waiting = []
    for number in range(3):
        socket = await RawSocket.connect(hub)
        forwarded = {"Origin": origin, "X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}
        assert (await socket.upgrade(hub, **forwarded))[0] == 101
        waiting.append(socket)
    assert await status(hub, Origin=origin, X_Forwarded_For="203.0.113.9") == 429
    assert await status(hub, Origin=origin, X_Forwarded_For="203.0.113.10") == 101
    waiting[0].frame(TEXT, HELLO)
    assert (await waiting[0].receive())[0] == TEXT
    assert await status(hub, Origin=origin, X_Forwarded_For="203.0.113.9") == 101, "who has joined counts no more"
    for socket in waiting:
        await socket.end()


async def bystander_sees(hub, attack) -> None:
    """Runs an attack beside a participant, whose frames and chat must go on."""
    watcher = HubClient(hub.ws, "Watcher")
    await watcher.connect()
    await attack()
    frames = len(watcher.frame_ticks)
    await watcher.until(lambda: len(watcher.frame_ticks) > frames + 5, "frames")
    await watcher.send("chat", to="space", text="noch da", ref=1)
    await watcher.expect("chat", ref=1)
    await watcher.leave()


@pytest.mark.parametrize("kind", ["pings", "acks", "continuations"])
async def test_a_flood_closes_its_own_connection_only(hub, kind):
    async def flood() -> None:
        socket = await RawSocket.upgraded(hub)
        socket.frame(TEXT, HELLO)
        await socket.receive()
        if kind == "continuations":
            socket.frame(TEXT, b"x", fin=False)
        ends = asyncio.create_task(socket.closed())
        opcode, payload = {"pings": (PING, b"123456789"), "acks": (BINARY, encode_ack(7)), "continuations": (0, b"")}[kind]
        # Masked with zeros, which is a mask like any other.
        one = bytes([opcode if kind == "continuations" else 0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload
        try:
            for _ in range(4000):
                socket.write(one * 1000)
                await asyncio.wait_for(socket.writer.drain(), 20)
                if ends.done():
                    break
        except (ConnectionError, TimeoutError):
            pass
        code = await ends
        # The kernel may throw the close frame away with what the flooder never reads (RST).
        assert code in {"continuations": (1008, 1006), "acks": (4010, 1006), "pings": (4010, 1006)}[kind], code
        await socket.end()

    await bystander_sees(hub, flood)


async def test_the_silent_and_the_slow_are_hung_up_on_and_nobody_else_notices(hub):
    """Slowloris: no request, half a request, a header line each second, an upgrade without hello, half a frame."""

    async def attack() -> None:
        started = time.monotonic()
        silent, half, drip = [await RawSocket.connect(hub) for _ in range(3)]
        mute, frame = [await RawSocket.upgraded(hub) for _ in range(2)]
        half.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        drip.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        frame.write(b"\x81\xfe")

        async def dripping() -> None:
            try:
                for number in range(60):
                    drip.write(f"X-{number}: y\r\n".encode())
                    await drip.writer.drain()
                    await asyncio.sleep(0.5)
            except ConnectionError:
                pass

        drops = asyncio.create_task(dripping())
        for socket in (silent, half, drip):
            try:
                assert await asyncio.wait_for(socket.reader.read(), 30) == b""
            except ConnectionError:
                pass
        assert await mute.closed() == 4002
        assert await frame.closed() in (4002, 1006)
        drops.cancel()
        print(f"held sockets were free after {time.monotonic() - started:.1f} s")
        for socket in (silent, half, drip, mute, frame):
            await socket.end()

    await bystander_sees(hub, attack)


async def test_above_its_sockets_the_hub_answers_503_and_keeps_those_it_has(hub_with):
    hub = hub_with("--sessions-max", "2", "--connections-max", "4")
    keeper = HubClient(hub.ws, "Keeper")
    await keeper.connect()
    held = [await RawSocket.upgraded(hub) for _ in range(3)]
    extra = await RawSocket.connect(hub)
    answer, headers = await extra.request("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert answer == 503 and headers["retry-after"]
    frames = len(keeper.frame_ticks)
    await keeper.until(lambda: len(keeper.frame_ticks) > frames + 5, "frames")
    for socket in held:
        await socket.end()
    await keeper.leave()


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "//metrics", "/metrics/", "/%6detrics", "/./metrics"])
async def test_the_public_port_never_shows_what_is_the_operators(hub, path):
    for host in (f"{hub.host}:{hub.port}", f"{hub.host}:{hub.admin_port}"):
        socket = await RawSocket.connect(hub)
        code, _ = await socket.request(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        body = await socket.reader.read()
        assert code in (400, 404) and b"hub_sessions" not in body and b"ready" not in body, (path, host, code)
        await socket.end()


async def test_the_operators_port_takes_no_participants(hub):
    socket = await asyncio.open_connection(hub.host, hub.admin_port)
    raw = RawSocket(*socket)
    assert (await raw.upgrade(hub))[0] in (0, 404)
    await raw.end()


async def test_nothing_secret_and_nobody_is_in_the_log_and_no_line_can_be_forged(hub_with, tmp_path):
    hub = hub_with("--log-level", "trace", "--ticket-key", str(tmp_path / "t.key"), HUB_MODERATOR_KEY=KEY)
    one = HubClient(hub.ws, "Zephyrine")
    await one.connect(key=KEY)
    assert one.welcome["role"] == "moderator"
    await one.send("chat", to="space", text="ein-geheimer-satz", ref=1)
    await one.expect("chat", ref=1)
    wrong = HubClient(hub.ws, "Mallory")
    await wrong.connect(key="wrong-key-0123456789", resume=one.ticket[:-1])
    forged = "\nlevel=info event=forged\r\x1b[31mred\u202e"
    await wrong.send("chat", to=forged, text=forged, ref=2)
    await wrong.expect("error")
    await wrong.send(forged, ref=3)
    await wrong.expect("error", code="unknown-type")
    for request in (
        b"GET /%0alevel=info%20event=forged HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /\x1b[31m HTTP/1.1\r\nHost: \x1b[31m\r\nUser-Agent: a\x0blevel=info event=forged\r\n\r\n",
        b"\x16\x03\x01\x00\xa5 event=forged\r\n\r\n",
        b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: \x1b]0;x\x07\r\n\r\n",
    ):
        socket = await RawSocket.connect(hub)
        await socket.request(request)
        await socket.end()
    ticket = one.ticket
    await one.leave()
    await wrong.leave()
    stop_hub(hub)
    text = "\n".join(hub.output)
    key = (tmp_path / "t.key").read_text().strip()
    for secret in (KEY, "wrong-key", ticket, ticket[:40], key, "Zephyrine", "Mallory", "ein-geheimer-satz", one.person):
        assert secret not in text, secret
    for line in hub.output:
        assert line.startswith("hub ready ") or re.match(r"time=\S+Z level=\w+ event=", line), line
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]", line), ascii(line)
        assert "event=forged" not in line.split('"')[0], line
