"""A TCP line to the hub that can be made bad: slow, late, cut at a byte, dead without a word, dead one way.

The kernel of a container rarely has `tc netem`, so faults are made in between. All faults of a `FaultProxy` act on
every connection through it, from the moment they are set; bytes already under way are not called back.
"""

from __future__ import annotations

import asyncio
import socket
import struct


class Line:
    """One connection through the proxy: two pumps, client to hub ("up") and hub to client ("down")."""

    def __init__(self, up: asyncio.StreamWriter, down: asyncio.StreamWriter) -> None:
        self.up, self.down = up, down
        self.passed = {"up": 0, "down": 0}

    def reset(self) -> None:
        """Ends both sides with RST, as a crashed router would."""
        for writer in (self.up, self.down):
            raw = writer.get_extra_info("socket")
            if raw is not None and raw.fileno() >= 0:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


class FaultProxy:
    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._target = (host, port)
        self.lines: list[Line] = []
        self.delay = 0.0
        """Seconds each piece is late."""
        self.bytes_per_second: dict[str, float | None] = {"up": None, "down": None}
        self.silent: set[str] = set()
        """Directions in which nothing passes any more; neither side is told."""
        self.cut_after: dict[str, int | None] = {"up": None, "down": None}
        """The line is reset when this many bytes of that direction have passed."""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_) -> None:
        self._server.close()
        for line in self.lines:
            line.reset()
        for task in self._tasks:
            task.cancel()

    @property
    def port(self) -> int:
        return self._server.sockets[0].getsockname()[1]

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def heal(self) -> None:
        """New connections pass as through a wire."""
        self.delay = 0.0
        self.silent.clear()
        self.bytes_per_second = {"up": None, "down": None}
        self.cut_after = {"up": None, "down": None}

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            hub_reader, hub_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        line = Line(up=hub_writer, down=writer)
        self.lines.append(line)
        for task in (
            asyncio.create_task(self._pump(line, "up", reader, hub_writer)),
            asyncio.create_task(self._pump(line, "down", hub_reader, writer)),
        ):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, line: Line, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                rate = self.bytes_per_second[way]
                # A slow line takes little at a time, so that what waits fills the sender's own buffers.
                data = await reader.read(65536 if rate is None else max(1, int(rate / 10)))
                if rate is not None:
                    await asyncio.sleep(len(data) / rate)
                if self.delay:
                    await asyncio.sleep(self.delay)
                while way in self.silent:
                    await asyncio.sleep(3600)
                limit = self.cut_after[way]
                if limit is not None and line.passed[way] + len(data) >= limit:
                    writer.write(data[: max(0, limit - line.passed[way])])
                    await asyncio.sleep(0)
                    line.reset()
                    return
                if not data:
                    writer.close()
                    return
                line.passed[way] += len(data)
                writer.write(data)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            line.reset()
