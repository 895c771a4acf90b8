"""A client of the hub, written from docs/PROTOCOL.md and docs/protocol-binary.md alone.

It shares no code with the hub or the web client: where it and they agree, the documents say enough.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SUBPROTOCOL = "hub.v1"
TICK_SECONDS = 0.05
WAIT_SECONDS = 8.0


class Clock:
    """The hub's clock, from the ping with the smallest round trip among the last eight (section 1)."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=8)

    def add(self, sent: float, received: float, server_ms: float) -> None:
        """One ping: the hub read its clock, we assume, in the middle of the round trip."""
        self._samples.append((received - sent, server_ms / 1000 - (sent + received) / 2))

    @property
    def known(self) -> bool:
        return bool(self._samples)

    def now(self) -> float:
        """The hub's clock in seconds since its tick 0."""
        return time.monotonic() + min(self._samples)[1]


@dataclass
class Message:
    """A text message from the hub, and whether a test has already asked for it."""

    body: dict
    taken: bool = False


class HubClient:
    """One participant. `connect` joins; a task then reads, acknowledges frames and keeps what the hub told."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.name = name
        self.socket: ClientConnection | None = None
        self.log: list[Message] = []
        self.welcome: dict = {}
        self.space: dict = {}
        self.people: dict[int, dict] = {}
        self.nodes: dict[int, dict] = {}
        self.places: dict[str, dict] = {}
        self.clock = Clock()
        self.close_code: int | None = None
        self.failure: BaseException | None = None
        self._pings: dict[int, float] = {}
        self._arrived = asyncio.Condition()
        self._reader: asyncio.Task | None = None

    # -- Joining and leaving

    async def open(self, **options) -> None:
        """Opens the connection without a word: tests of bad input go on from here."""
        self.socket = await connect(
            self.url, subprotocols=[SUBPROTOCOL], compression=None, proxy=None, close_timeout=2, **options
        )
        self._reader = asyncio.create_task(self._read())

    async def connect(self, **hello) -> None:
        """Joins and waits until the hub has said where the avatar stands and what time it is."""
        await self.open()
        await self.send("hello", protocol=1, name=self.name, **hello)
        await self.expect("space")
        await self.sync()

    async def sync(self, samples: int = 3) -> None:
        for n in range(samples):
            self._pings[n] = time.monotonic()
            await self.send("ping", n=n)
            await self.expect("pong", n=n)

    async def send(self, kind: str, **keys) -> None:
        await self.socket.send(json.dumps({"t": kind, **keys}))

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close()
        if self._reader is not None:
            await self._reader

    async def vanish(self) -> None:
        """Falls silent as a lost line does: no close frame, no acknowledgement, no answer to anything."""
        self._reader.cancel()
        self.socket.transport.pause_reading()

    def raise_failure(self) -> None:
        """An error in reading what the hub sent is a failed test, not a quiet end of the reader."""
        if self.failure is not None:
            raise self.failure

    # -- Waiting for messages

    async def expect(self, kind: str, where=None, timeout: float = WAIT_SECONDS, **keys) -> dict:
        """The next message of this kind, not yet taken, whose keys have these values."""

        def found() -> Message | None:
            for message in self.log:
                body = message.body
                if message.taken or body.get("t") != kind:
                    continue
                if any(body.get(key) != value for key, value in keys.items()):
                    continue
                if where is None or where(body):
                    return message
            return None

        message = await self._wait(found, f"{kind} {keys}", timeout)
        message.taken = True
        return message.body

    async def until(self, condition, what: str = "the condition", timeout: float = WAIT_SECONDS):
        """Waits until `condition()` is true after some message or frame; returns what it returned."""
        return await self._wait(condition, what, timeout)

    async def _wait(self, condition, what: str, timeout: float):
        async def wait():
            async with self._arrived:
                while True:
                    self.raise_failure()
                    if (result := condition()) or self.close_code is not None:
                        return result
                    await self._arrived.wait()

        try:
            result = await asyncio.wait_for(wait(), timeout)
        except TimeoutError:
            result = None
        if not result:
            last = [m.body for m in self.log[-8:]]
            raise AssertionError(
                f"{self.name} waited {timeout} s in vain for {what}; closed: {self.close_code}; last: {last}"
            )
        return result

    async def closed(self, timeout: float = WAIT_SECONDS) -> int:
        """Waits until the hub closes and returns the close code."""
        await asyncio.wait_for(asyncio.shield(self._reader), timeout)
        return self.close_code

    def received(self, kind: str, **keys) -> list[dict]:
        """All messages of this kind so far, taken or not."""
        bodies = [m.body for m in self.log if m.body.get("t") == kind]
        return [b for b in bodies if all(b.get(k) == v for k, v in keys.items())]

    # -- Reading

    async def _read(self) -> None:
        try:
            async for data in self.socket:
                if isinstance(data, str):
                    self._take_text(json.loads(data))
                else:
                    await self._take_frame(data)
                async with self._arrived:
                    self._arrived.notify_all()
        except ConnectionClosed:
            pass
        except Exception as error:
            self.failure = error
        self.close_code = self.socket.close_code or 1006
        async with self._arrived:
            self._arrived.notify_all()

    def _take_text(self, message: dict) -> None:
        """Keeps what the hub told (section 3); a message of an unknown type is kept for tests, and ignored."""
        self.log.append(Message(message))
        match message["t"]:
            case "welcome":
                self.welcome = message
            case "space":
                self.space = message
                self.people.clear()
                self.nodes.clear()
                self._stand(message)
            case "correct":
                self._stand(message)
            case "people":
                self.people.update((person["id"], person) for person in message["list"])
            case "nodes":
                self.nodes.update((node["id"], node) for node in message["list"])
            case "gone":
                for entity in message["ids"]:
                    self.people.pop(entity, None)
                    self.nodes.pop(entity, None)
            case "places":
                self.places.update((place["space"], place) for place in message["list"])
            case "pong":
                if (sent := self._pings.pop(message["n"], None)) is not None:
                    self.clock.add(sent, time.monotonic(), message["serverMs"])
