"""Pictures made byte by byte, and how one gets into a hub."""

from __future__ import annotations

import asyncio
import hashlib
import struct
import zlib

from rawsocket import RawSocket


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 8, height: int = 6, colour: tuple[int, int, int] = (200, 30, 30), *extra: bytes) -> bytes:
    """A plain picture; `extra` are chunks before its data."""
    rows = (b"\0" + bytes(colour) * width) * height
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def offered(client, data: bytes, media_type: str = "image/png", **change) -> str:
    """Asks for leave to upload; the address to send it to."""
    await client.send("upload", **{"mediaType": media_type, "bytes": len(data), "sha256": digest(data), "ref": 90, **change})
    return (await client.expect("upload", ref=90))["url"]


async def put(hub, url: str, data: bytes, method: str = "PUT", **headers: str) -> tuple[int, str]:
    """Sends a body; the status and the word of the answer."""
    socket = await RawSocket.connect(hub)
    lines = [f"{method} {url} HTTP/1.1", f"Host: {hub.host}:{hub.port}", f"Content-Length: {len(data)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    try:
        status, answer = await socket.request(("\r\n".join(lines) + "\r\n\r\n").encode() + data)
        body = await asyncio.wait_for(socket.reader.readexactly(int(answer.get("content-length", 0))), 8)
    finally:
        await socket.end()
    return status, body.decode().strip()


async def uploaded(hub, client, data: bytes, media_type: str = "image/png") -> str:
    """Uploads a picture that is taken; its name."""
    status, word = await put(hub, await offered(client, data, media_type), data)
    assert (status, word) == (201, digest(data)), (status, word)
    return digest(data)
