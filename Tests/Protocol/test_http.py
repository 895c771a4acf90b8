"""What the hub serves over plain HTTP (PROTOCOL.md section 8), and what it must not."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from rawsocket import RawSocket


async def ask(hub, path: str, method: str = "GET", **headers: str) -> tuple[int, dict, bytes]:
    """One request with the path as it stands: no library tidies it up on the way."""
    socket = await RawSocket.connect(hub)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {hub.host}:{hub.port}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    status, answer = await socket.request("\r\n".join(lines) + "\r\n\r\n")
    body = b""
    if status and method != "HEAD" and status not in (204, 304):
        try:
            if "content-length" in answer:
                body = await asyncio.wait_for(socket.reader.readexactly(int(answer["content-length"])), 8)
            elif answer.get("transfer-encoding") == "chunked":
                body = await asyncio.wait_for(chunks(socket.reader), 8)
            else:
                body = await asyncio.wait_for(socket.reader.read(), 8)
        except asyncio.IncompleteReadError as error:
            body = error.partial
    elif method == "HEAD":
        body = await asyncio.wait_for(socket.reader.read(1), 8)
    await socket.end()
    return status, answer, body


async def chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while length := int((await reader.readline()).split(b";")[0], 16):
        body += (await reader.readexactly(length + 2))[:-2]
    return body


async def test_the_overview_names_the_world_and_its_spaces_before_entering(hub, join):
    await join("Counted", space="foyer")
    status, headers, body = await ask(hub, "/api/hub")
    assert status == 200 and headers["content-type"].startswith("application/json")
    overview = json.loads(body)
    assert overview["protocol"] == 1
    assert re.fullmatch(r"[0-9a-f]+", overview["hash"])
    assert overview["world"]["id"] == "innovation-hub"
    for words in (overview["world"]["title"], overview["world"]["description"]):
        assert words["de"] and words["en"]
    spaces = {space["id"]: space for space in overview["spaces"]}
    assert overview["start"] in spaces
    assert spaces["foyer"]["people"] >= 1
    assert all(space["capacity"] > 0 and space["title"]["de"] and space["title"]["en"] for space in spaces.values())


async def test_the_overview_is_never_kept_in_a_cache(hub):
    _, headers, _ = await ask(hub, "/api/hub")
    assert "no-store" in headers["cache-control"] or "no-cache" in headers["cache-control"]


async def test_the_welcome_and_the_overview_agree(hub, join):
    client = await join("Reader")
    overview = json.loads((await ask(hub, "/api/hub"))[2])
    assert client.welcome["hash"] == overview["hash"]
    assert client.welcome["world"] == {key: overview["world"][key] for key in ("id", "title", "url")}


async def test_the_world_comes_with_an_etag_and_is_not_sent_twice(hub):
    url = json.loads((await ask(hub, "/api/hub"))[2])["world"]["url"]
    assert re.fullmatch(r"/worlds/[^/]+\.json", url)
    status, headers, body = await ask(hub, url)
    assert status == 200 and headers["content-type"].startswith("application/json")
    assert json.loads(body)["format"] == 1
    tag = headers["etag"]
    assert re.fullmatch(r'(W/)?"[^"]+"', tag)
    status, headers, rest = await ask(hub, url, If_None_Match=tag)
    assert (status, rest) == (304, b"") and headers["etag"] == tag
    status, _, rest = await ask(hub, url, If_None_Match=f'"other", W/{tag.removeprefix("W/")}')
    assert (status, rest) == (304, b"")
    status, _, again = await ask(hub, url, If_None_Match='"other"')
    assert status == 200 and again == body


async def test_assets_are_those_of_the_manifest(hub, world):
    manifest_status, _, _ = await ask(hub, "/assets/")
    assert manifest_status == 404
    status, headers, body = await ask(hub, "/assets/manifest.json")
    assert status == 200
    for asset in json.loads(body)["assets"]:
        status, headers, body = await ask(hub, "/assets/" + asset["path"])
        assert status == 200 and "etag" in headers
        assert len(body) == asset["bytes"]
        assert headers["content-type"].split(";")[0] == asset["mediaType"]


async def test_the_page_is_served_with_a_strict_policy(hub):
    status, headers, body = await ask(hub, "/")
    assert status == 200 and headers["content-type"].startswith("text/html")
    policy = headers["content-security-policy"]
    assert "default-src" in policy and "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert b"<html" in body.lower()


@pytest.mark.parametrize("path", ["/", "/api/hub", "world"])
async def test_head_answers_as_get_without_a_body(hub, path):
    if path == "world":
        path = json.loads((await ask(hub, "/api/hub"))[2])["world"]["url"]
    get, head = await ask(hub, path), await ask(hub, path, method="HEAD")
    assert (head[0], head[2]) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head[1].get(name) == get[1].get(name)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/api/",
        "/api/hub/x",
        "/worlds/",
        "/worlds/nothing.json",
        "/worlds/world.schema.json.bak",
        "/assets/nothing.glb",
        "/ws/x",
        "/metrics",
        "/healthz",
    ],
)
async def test_unknown_paths_are_404(hub, path):
    assert (await ask(hub, path))[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../Package.swift",
        "/worlds/../Package.swift",
        "/worlds/%2e%2e/Package.swift",
        "/worlds/..%2fPackage.swift",
        "/worlds/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd",
        "/assets/../../../../../../etc/passwd",
        "/assets/..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/assets/%252e%252e%252fPackage.swift",
        "/assets/..\\..\\Package.swift",
        "/assets//etc/passwd",
        "/assets/./././../../Package.swift",
        "/assets/manifest.json%00.glb",
        "//etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/%",
        "/%zz",
        "/" + "a" * 3000,
        "http://example.org/etc/passwd",
    ],
)
async def test_paths_do_not_climb_out(hub, path):
    status, _, body = await ask(hub, path)
    assert status in (0, 400, 403, 404, 414), status
    assert b"root:" not in body and b"swift-tools-version" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
async def test_other_methods_change_nothing_and_are_refused(hub, method):
    status, _, _ = await ask(hub, "/api/hub", method=method, Content_Length="0")
    assert status in (0, 400, 403, 404, 405, 501)


# -- The opening handshake


async def test_the_right_handshake_is_answered_with_the_subprotocol_and_no_extension(hub):
    socket = await RawSocket.connect(hub)
    status, headers = await socket.upgrade(hub, **{"Sec-WebSocket-Extensions": "permessage-deflate"})
    assert status == 101 and headers["sec-websocket-protocol"] == "hub.v1"
    assert "sec-websocket-extensions" not in headers
    await socket.end()


@pytest.mark.parametrize("protocol", ["hub.v2", "chat", "http", None, "HUB.V1", "hub.v1x", "x" * 2000])
async def test_a_wrong_or_missing_subprotocol_is_not_upgraded(hub, protocol):
    socket = await RawSocket.connect(hub)
    status, _ = await socket.upgrade(hub, protocol=protocol)
    assert status in (0, 400, 403, 404), f"upgraded with {status}"
    await socket.end()


async def test_hub_v1_is_found_among_the_offered_subprotocols(hub):
    socket = await RawSocket.connect(hub)
    status, headers = await socket.upgrade(hub, protocol="hub.v9, hub.v1")
    assert (status, headers.get("sec-websocket-protocol")) == (101, "hub.v1")
    await socket.end()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", "garbage"]
)
async def test_a_foreign_origin_is_403(hub, origin):
    socket = await RawSocket.connect(hub)
    assert (await socket.upgrade(hub, Origin=origin))[0] == 403
    await socket.end()


async def test_the_hubs_own_origin_and_none_are_let_in(hub):
    for headers in ({"Origin": hub.base}, {}):
        socket = await RawSocket.connect(hub)
        assert (await socket.upgrade(hub, **headers))[0] == 101
        await socket.end()


@pytest.mark.parametrize("path", ["/", "/api/hub", "/ws2", "/assets/"])
async def test_only_ws_is_upgraded(hub, path):
    socket = await RawSocket.connect(hub)
    assert (await socket.upgrade(hub, path=path))[0] != 101
    await socket.end()


HALF_REQUESTS = {
    "nothing": b"",
    "half a line": b"GET /ws HT",
    "no end of headers": b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n",
    "body that does not come": b"POST /api/hub HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx",
    "rubbish": bytes(range(256)) * 8,
    "TLS to a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "headers without end": b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(2000)),
    "one endless header": b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000,
    "negative length": b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
}


async def test_half_requests_do_not_hold_anybody_up(hub, join):
    bystander = await join("Bystander")
    sockets = []
    for data in HALF_REQUESTS.values():
        socket = await RawSocket.connect(hub)
        socket.write(data)
        sockets.append(socket)
    before = len(bystander.frame_ticks)
    await bystander.until(lambda: len(bystander.frame_ticks) > before + 8, "further frames")
    assert (await ask(hub, "/api/hub"))[0] == 200
    ticks = bystander.frame_ticks
    assert max((b - a) & 0xFFFF for a, b in zip(ticks, ticks[1:])) <= 60, "nobody is held up for seconds"
    for socket in sockets:
        await socket.end()
