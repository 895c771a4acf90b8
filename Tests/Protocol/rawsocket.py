"""A WebSocket connection by hand (RFC 6455), to send what a proper library refuses to."""

from __future__ import annotations

import asyncio
import base64
import os
import struct

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0


class RawSocket:
    """A TCP connection to the hub, upgraded or not; every read waits at most `seconds`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float = 8.0) -> None:
        self.reader, self.writer, self.seconds = reader, writer, seconds

    @classmethod
    async def connect(cls, hub) -> RawSocket:
        return cls(*await asyncio.open_connection(hub.host, hub.port))

    @classmethod
    async def upgraded(cls, hub) -> RawSocket:
        socket = await cls.connect(hub)
        status, _ = await socket.upgrade(hub)
        assert status == 101, f"the hub answered the handshake with {status}"
        return socket

    async def upgrade(self, hub, protocol: str | None = "hub.v1", path: str = "/ws", **headers: str) -> tuple[int, dict]:
        """Sends the opening handshake; returns the status and the headers of the answer (names in lower case)."""
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {hub.host}:{hub.port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        ]
        if protocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return await self.request("\r\n".join(lines) + "\r\n\r\n")

    async def request(self, text: str | bytes) -> tuple[int, dict]:
        """Sends any HTTP request; 0 as status means that the hub hung up without an answer."""
        self.write(text.encode() if isinstance(text, str) else text)
        try:
            head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), self.seconds)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, {}
        status, *rest = head.decode("latin-1").split("\r\n")
        pairs = (line.split(":", 1) for line in rest if ":" in line)
        return int(status.split()[1]), {name.strip().lower(): value.strip() for name, value in pairs}

    def write(self, data: bytes) -> None:
        self.writer.write(data)

    def frame(self, opcode: int, payload: bytes, fin: bool = True, masked: bool = True, reserved: int = 0) -> None:
        """Sends one frame of any shape."""
        head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
        flag = 0x80 if masked else 0
        if len(payload) < 126:
            head += bytes([flag | len(payload)])
        elif len(payload) < 65536:
            head += bytes([flag | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([flag | 127]) + struct.pack(">Q", len(payload))
        if masked:
            mask = os.urandom(4)
            head += mask
            key = (mask * (len(payload) // 4 + 1))[: len(payload)]
            masked_payload = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
            payload = masked_payload.to_bytes(len(payload), "big")
        self.write(head + payload)

    async def receive(self) -> tuple[int, bytes]:
        """The next frame of the hub: opcode and payload; opcode -1 when the connection ended without a close frame."""
        try:
            first, second = await asyncio.wait_for(self.reader.readexactly(2), self.seconds)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", await self.reader.readexactly(8))
            return first & 0x0F, await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return -1, b""

    async def closed(self) -> int:
        """Reads on until the hub closes; the close code, 1006 for an end without one."""
        while True:
            opcode, payload = await self.receive()
            if opcode == CLOSE:
                return struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
            if opcode == -1:
                return 1006

    async def end(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass
