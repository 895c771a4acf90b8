"""A client of the hub, written from docs/PROTOCOL.md and docs/protocol-binary.md alone.

It shares no code with the hub or the web client: where it and they agree, the documents say enough.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections import deque
from dataclasses import dataclass, replace

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from replica import STEPS_PER_METRE, STEPS_PER_MPS, Grid, Pose, Predictor, Replica, encode_ack, encode_move

SUBPROTOCOL = "hub.v1"
TICK_SECONDS = 0.05
WAIT_SECONDS = 8.0
# The hub extrapolates a MOVE for a second at most.
EXTRAPOLATED_TICKS = 20
# The hub carries the pose of a MOVE on from its `atMs` if that is at most so far back.
CARRIED_MS = 250


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


@dataclass(frozen=True)
class Applied:
    """A MOVE of ours that the hub took into the truth, at one of the ticks after `after` up to `by`."""

    after: int
    by: int
    pose: Pose
    at_ms: float

    def at(self, tick: int) -> list[tuple[float, float, float]]:
        """Where the hub then had us at a tick, for each tick at which it may have taken the MOVE."""
        places = []
        for base in range(self.after + 1, min(self.by, tick) + 1):
            late = (base * 50 - self.at_ms + 0x8000) % 0x10000 - 0x8000
            true_since = base - late / 50 if 0 < late <= CARRIED_MS else base
            places.append(Predictor(self.pose, true_since).at(float(min(tick, base + EXTRAPOLATED_TICKS))))
        return places


class HubClient:
    """One participant. `connect` joins; a task then reads, acknowledges frames and keeps what the hub told."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.name = name
        self.socket: ClientConnection | None = None
        self.log: list[Message] = []
        self.welcome: dict = {}
        # Goes on with this session over another connection, once.
        self.ticket = ""
        self.space: dict = {}
        self.people: dict[int, dict] = {}
        self.nodes: dict[int, dict] = {}
        self.places: dict[str, dict] = {}
        self.clock = Clock()
        self.close_code: int | None = None
        self.failure: BaseException | None = None
        self.replica: Replica | None = None
        self.frame_ticks: list[int] = []
        self.acknowledges = True
        self.pose = Pose()
        self.epoch = 0
        self.truth: list[Applied] = []
        self.corrected: list[int] = []
        self.spaces: list[tuple[int, str]] = []
        self.seq = 0
        self._moves: dict[int, Pose] = {}
        self._sent: tuple[float, Pose] | None = None
        self._acknowledged: int | None = None
        self._pings: dict[int, float] = {}
        self._arrived = asyncio.Condition()
        self._reader: asyncio.Task | None = None

    # -- Joining and leaving

    async def open(self, **options) -> None:
        """Opens the connection without a word. The hub's pings find dead lines, so ours need none."""
        options = {"ping_interval": None, "compression": None, "proxy": None, "close_timeout": 2, **options}
        self.socket = await connect(self.url, subprotocols=[SUBPROTOCOL], **options)
        self._reader = asyncio.create_task(self._read())

    async def connect(self, **hello) -> None:
        """Joins and waits until the hub has said where the avatar stands and what time it is."""
        await self.open()
        await self.send("hello", protocol=1, name=self.name, **hello)
        await self.expect("space")
        await self.expect("ticket")
        await self.sync()

    async def sync(self, samples: int = 3) -> None:
        for n in range(samples):
            self._pings[n] = time.monotonic()
            await self.send("ping", n=n)
            await self.expect("pong", n=n)

    async def send(self, kind: str, /, **keys) -> None:
        await self.socket.send(json.dumps({"t": kind, **keys}))

    async def leave(self) -> None:
        """Says bye and waits for the hub's close; tears the line off where that no longer works."""
        if self.socket is None:
            return
        try:
            async with asyncio.timeout(5):
                await self.send("bye")
                await self._reader
        except (ConnectionClosed, TimeoutError):
            await self.drop()

    async def drop(self) -> None:
        """Tears the connection off without a close frame."""
        self.socket.transport.abort()
        await self._reader

    @property
    def id(self) -> int:
        return self.welcome["id"]

    @property
    def person(self) -> str:
        return self.welcome["person"]

    def raise_failure(self) -> None:
        """An error in reading what the hub sent is a failed test, not a quiet end of the reader."""
        if self.failure is not None:
            raise self.failure

    # -- Waiting for messages

    async def expect(self, kind: str, /, where=None, timeout: float = WAIT_SECONDS, **keys) -> dict:
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
        result = None
        try:
            async with asyncio.timeout(timeout), self._arrived:
                while True:
                    self.raise_failure()
                    if (result := condition()) or self.close_code is not None:
                        break
                    await self._arrived.wait()
        except TimeoutError:
            pass
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

    def received(self, kind: str, /, **keys) -> list[dict]:
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
            case "ticket":
                self.ticket = message["resume"]
            case "space":
                self.space = message
                self.people.clear()
                self.nodes.clear()
                self._stand(message)
            case "correct":
                self._stand(message)
            case "people":
                self.people.update((person["id"], person) for person in message["list"])
            case "changed":
                for change in message["list"]:
                    news = {key: value for key, value in change.items() if key != "ids"}
                    for entity in change["ids"]:
                        if entity in self.people:
                            self.people[entity] = {**self.people[entity], **news}
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

    async def _take_frame(self, data: bytes) -> None:
        """Applies a frame and acknowledges it at once, here, where no timer of the page is needed."""
        if self.replica is None or not self.replica.apply(data):
            return
        tick, seq = self.replica.tick, self.replica.acked_input
        if seq in self._moves:
            after = self.frame_ticks[-1] if self.frame_ticks else tick - 1
            # Those before it may have been the truth of ticks between; newer ones are still on their way.
            for older in list(self._moves):
                self.truth.append(Applied(after, tick, *self._moves.pop(older)))
                if older == seq:
                    break
        self.frame_ticks.append(tick)
        if self.acknowledges:
            await self.acknowledge()

    async def acknowledge(self) -> None:
        if self.replica.tick != self._acknowledged:
            self._acknowledged = self.replica.tick
            await self.socket.send(encode_ack(self.replica.tick))

    # -- Moving

    def _stand(self, message: dict) -> None:
        """The hub says where the avatar stands: `space` and `correct`."""
        self.pose = Pose(**message["pose"])
        self.epoch = message["epoch"]
        self._sent = None
        self._moves.clear()
        hint = self.replica.tick if self.replica and self.replica.tick is not None else self.welcome["tick"]
        if message["t"] == "space":
            self.replica = Replica(Grid.read(message["grid"]), hint, self.id)
            self.spaces.append((hint, message["space"]))
        else:
            self.corrected.append(hint)

    def truths(self, tick: int) -> list[tuple[float, float, float]]:
        """Where the hub must have had us at a tick, as far as `ackedInput` tells: usually one place, or a few."""
        places = []
        for applied in reversed(self.truth):
            places += applied.at(tick)
            if applied.by <= tick:
                break
        return places

    async def move(self, pose: Pose, epoch: int | None = None) -> int:
        """Sends MOVE whatever the uplink rule says; returns its seq."""
        self.pose = pose
        self.seq = (self.seq + 1) & 0xFF
        # Without a clock yet: half the range away, so that the pose counts from the tick that takes it.
        at_ms = round(self.clock.now() * 1000) if self.clock.known else (self.replica.tick or 0) * 50 + 0x8000
        self._moves[self.seq] = pose, at_ms
        tick = self.replica.tick if self.acknowledges else self._acknowledged
        self._acknowledged = tick
        self._sent = (time.monotonic(), pose)
        await self.socket.send(encode_move(self.seq, tick or 0, self.epoch if epoch is None else epoch, pose, at_ms))
        return self.seq

    async def steer(self, pose: Pose) -> None:
        """Takes this pose and sends it if the hub's extrapolation of the last MOVE would be wrong (section 4)."""
        self.pose = pose
        if self._sent is not None:
            at, sent = self._sent
            age = time.monotonic() - at
            steps = STEPS_PER_METRE / STEPS_PER_MPS * min(age, 1.0)
            off = math.dist((sent.x + sent.vx * steps, sent.y, sent.z + sent.vz * steps), (pose.x, pose.y, pose.z))
            turned = abs((pose.yaw - sent.yaw + 0x8000 & 0xFFFF) - 0x8000)
            same = (pose.animation, pose.flags) == (sent.animation, sent.flags)
            fresh = age < (0.5 if sent.vx or sent.vz else 1.0)
            if off <= 0.01 * STEPS_PER_METRE and turned <= 65536 * 3 / 360 and same and fresh:
                return
        await self.move(pose)

    async def walk(self, heading: float, metres: float, speed: float = 1.4) -> dict | None:
        """Walks straight on, 20 steps a second; returns the `correct` or `space` that ended it early, or None.

        `heading` is a yaw in radians: 0 along -z, growing to the left.
        """
        vx, vz = (round(v * speed * STEPS_PER_MPS) for v in (-math.sin(heading), -math.cos(heading)))
        yaw = round(heading / math.tau * 65536) & 0xFFFF
        started, told = time.monotonic(), len(self.log)
        x, z = self.pose.x, self.pose.z
        arrived = False
        while not arrived:
            await asyncio.sleep(TICK_SECONDS)
            for message in self.log[told:]:
                if message.body["t"] in ("correct", "space"):
                    await self.move(self.pose)
                    return message.body
            if self.close_code is not None:
                return None
            seconds = min(time.monotonic() - started, metres / speed)
            arrived = seconds == metres / speed
            steps = STEPS_PER_METRE / STEPS_PER_MPS * seconds
            where = replace(self.pose, x=round(x + vx * steps), z=round(z + vz * steps), yaw=yaw)
            if arrived:
                await self.move(replace(where, vx=0, vz=0, animation=0))
            else:
                await self.steer(replace(where, vx=vx, vz=vz, animation=1))
        return None

    async def walk_to(self, x: float, z: float, speed: float = 1.4) -> dict | None:
        """Walks straight to a place given in metres."""
        dx, dz = x - self.pose.x / STEPS_PER_METRE, z - self.pose.z / STEPS_PER_METRE
        return await self.walk(math.atan2(-dx, -dz), math.hypot(dx, dz), speed)

    async def wander(self, seconds: float, dice: random.Random | None = None) -> None:
        """Walks to and fro for a while; turns where the hub lets it go no further."""
        dice = dice or random.Random(self.id)
        end = time.monotonic() + seconds
        heading = dice.uniform(0, math.tau)
        while time.monotonic() < end and self.close_code is None:
            ended = await self.walk(heading, dice.uniform(0.5, 3.0))
            heading += math.pi + dice.uniform(-0.8, 0.8) if ended else dice.uniform(-1.5, 1.5)
            if dice.random() < 0.2:
                await asyncio.sleep(dice.uniform(0, 0.6))

    def heading_to(self, id: int) -> float:
        """Degrees between where this avatar looks and where that one stands."""
        x, _, z = self.replica.entities[id].at(self.replica.tick)
        wanted = math.degrees(math.atan2(-(x - self.pose.x), -(z - self.pose.z)))
        return abs((wanted - self.pose.yaw * 360 / 65536 + 180) % 360 - 180)

    def distance_to(self, id: int) -> float:
        """Metres from this avatar to that one, as the replica has it."""
        x, y, z = self.replica.entities[id].at(self.replica.tick)
        return math.dist((x, y, z), (self.pose.x, self.pose.y, self.pose.z)) / STEPS_PER_METRE
