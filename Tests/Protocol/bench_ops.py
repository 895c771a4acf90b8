"""What ops cost, measured on a machine that is otherwise silent: `make bench-ops`. Prints; asserts nothing but that the hub lived.

1. One editor: time from a wish to its acknowledgement, with fsync.
2. 200 editors in one space, each with one wish on its way: ops a second, and the time to each acknowledgement.
3. A walker in that space, in a process of its own: time from a MOVE to the first frame that holds it, with no ops, with those ops, and with a disk
   whose every fsync takes 500 ms longer.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from conftest import REPOSITORY, start_hub, stop_hub
from hubclient import HubClient
from notehub import BOARD, SPACE
from replica import encode_ack

EDITORS = int(os.environ.get("HUB_EDITORS", "200"))
SECONDS = float(os.environ.get("HUB_BENCH_SECONDS", "15"))
# A session may send ten messages a second; acknowledgements of frames have no rate.
GAP = 0.125


def quantiles(values: list[float]) -> str:
    ordered = sorted(values)
    if not ordered:
        return "none"
    at = lambda q: ordered[min(len(ordered) - 1, int(q * len(ordered)))]
    return f"p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, max {ordered[-1]:.1f} ms ({len(ordered)} samples)"


class Editor(asyncio.Protocol):
    """A participant that reads no more than it must: 200 of them share a core with nothing else."""

    def __init__(self, name: str, host: str) -> None:
        self.name, self.host, self.buffer = name, host, bytearray()
        self.ready, self.upgraded, self.acked, self.told = asyncio.Event(), False, 0.0, 0
        self.ref, self.sent, self.ack_ms, self.refused, self.note, self.rev = 0, None, [], 0, None, 0
        self.is_counting, self.running, self.lost = False, True, False

    def connection_made(self, transport) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write((f"GET /ws HTTP/1.1\r\nHost: {self.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                         f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: hub.v1\r\n\r\n").encode())

    def connection_lost(self, error) -> None:
        self.lost = True
        self.ready.set()

    def frame(self, opcode: int, payload: bytes) -> None:
        # A mask of zeros is a mask.
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        self.transport.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)

    def send(self, **message) -> None:
        self.frame(1, json.dumps(message).encode())

    def data_received(self, data: bytes) -> None:
        buffer = self.buffer
        buffer += data
        if not self.upgraded:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            del buffer[:end + 4]
            self.upgraded = True
            self.send(t="hello", protocol=1, name=self.name, space=SPACE, view="list", events=False)
        at, size = 0, len(buffer)
        while size - at >= 2:
            length, head = buffer[at + 1], 2
            if length == 126:
                if size - at < 4:
                    break
                length, head = buffer[at + 2] << 8 | buffer[at + 3], 4
            elif length == 127:
                if size - at < 10:
                    break
                length, head = int.from_bytes(buffer[at + 2:at + 10], "big"), 10
            if size - at < head + length:
                break
            opcode, begin = buffer[at] & 15, at + head
            at = begin + length
            if opcode == 2:
                # Acknowledged within 250 ms, or the hub takes it for silent; not each one, to be cheap.
                if time.perf_counter() - self.acked > 0.12:
                    self.acked = time.perf_counter()
                    self.frame(2, encode_ack(buffer[begin + 1] | buffer[begin + 2] << 8))
            elif opcode == 9:
                self.frame(10, bytes(buffer[begin:at]))
            elif opcode == 1:
                # Others' ops carry no ref; all texts but the answers are only counted.
                self.told += 1
                if not self.ready.is_set() or buffer.find(b'"ref":', begin, at) >= 0:
                    self.text(json.loads(buffer[begin:at]))
        del buffer[:at]

    def text(self, message: dict) -> None:
        if message["t"] == "space":
            self.ready.set()
        if message.get("ref") != self.ref or self.sent is None:
            return
        if message["t"] == "note":
            self.note, self.rev = message["note"]["id"], message["note"]["rev"]
            if self.is_counting:
                self.ack_ms.append((time.perf_counter() - self.sent) * 1000)
        else:
            self.refused += 1
        self.sent = None

    def wish(self) -> None:
        self.ref += 1
        self.sent = time.perf_counter()
        if self.note is None:
            self.send(t="note", op="create", board=BOARD, text=self.name, ref=self.ref)
        else:
            self.send(t="note", op="change", note=self.note, rev=self.rev, text=f"{self.name} {self.ref}", ref=self.ref)

    async def work(self, delay: float) -> None:
        """One wish on its way at a time, none sooner than the rate allows."""
        await asyncio.sleep(delay)
        while self.running and not self.lost:
            if self.sent is None:
                self.wish()
            await asyncio.sleep(GAP)


class Walker(HubClient):
    """Notes how long each MOVE took to come back as the hub's truth. A process of its own: it must not wait for the editors' texts."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "Walker")
        self.pending: dict[int, float] = {}
        self.move_ms: list[float] = []

    async def _take_frame(self, data: bytes) -> None:
        if (sent := self.pending.pop(data[5], None)) is not None:
            self.move_ms.append((time.perf_counter() - sent) * 1000)
        await super()._take_frame(data)

    async def stroll(self) -> None:
        step = 0
        while True:
            step += 1
            pose = self.pose
            pose = replace(pose, yaw=(step * 4000) & 0xFFFF)
            seq = await self.move(pose)
            self.pending[seq] = time.perf_counter()
            await asyncio.sleep(0.07)


    def _take_text(self, message: dict) -> None:
        # Two hundred people's notes a tick: of no interest here.
        if message["t"] not in ("note", "notes"):
            super()._take_text(message)


async def walk(url: str) -> None:
    """For each line of standard input, a number of seconds: how the MOVEs of that time fared."""
    walker = Walker(url)
    await walker.connect(space=SPACE, view="scene", events=False)
    stroll = asyncio.create_task(walker.stroll())
    while line := await asyncio.to_thread(sys.stdin.readline):
        walker.move_ms = []
        await asyncio.sleep(float(line))
        print(quantiles(walker.move_ms), flush=True)
    stroll.cancel()
    await walker.drop()


async def measure() -> None:
    scratch = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    shim, weather = scratch / "disk_faults.so", scratch / "weather"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", shim, REPOSITORY / "Tests/Faults/disk_faults.c", "-ldl"], check=True)
    weather.write_text("none")
    # The same world with room for the editors and the walker.
    world = json.loads((REPOSITORY / "worlds/innovation-hub.json").read_text())
    for space in world["spaces"]:
        if space["id"] == SPACE:
            space["capacity"] = EDITORS + 20
    (scratch / "worlds").mkdir()
    (scratch / "worlds" / "innovation-hub.json").write_text(json.dumps(world))
    (scratch / "assets-manifest").symlink_to(REPOSITORY / "assets-manifest")
    os.environ["HUB_WORLD"] = str(scratch / "worlds" / "innovation-hub.json")
    import conftest
    conftest.WORLD = os.environ["HUB_WORLD"]
    hub = start_hub(scratch, "--data", str(scratch / "data"), environment={"LD_PRELOAD": str(shim), "HUB_DISK_FAULTS": str(weather)})
    loop = asyncio.get_running_loop()
    editors: list[Editor] = []

    async def enter(name: str) -> Editor:
        _, editor = await loop.create_connection(lambda: Editor(name, f"{hub.host}:{hub.port}"), hub.host, hub.port)
        await asyncio.wait_for(editor.ready.wait(), 30)
        assert not editor.lost, "the hub closed on an editor"
        return editor

    def busy() -> float:
        used = Path(f"/proc/{hub.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")

    walker = await asyncio.create_subprocess_exec(
        sys.executable, __file__, hub.ws, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)

    async def walked(seconds: float) -> str:
        walker.stdin.write(f"{seconds}\n".encode())
        return (await walker.stdout.readline()).decode().strip()

    try:
        first = await enter("first")
        editors.append(first)
        first.is_counting = True
        tasks = [asyncio.create_task(first.work(0))]
        await asyncio.sleep(SECONDS)
        print(f"one editor: ack {quantiles(first.ack_ms)}", flush=True)
        first.running = False
        await asyncio.gather(*tasks)
        for number in range(1, EDITORS):
            editors.append(await enter(f"editor {number}"))
        print(f"MOVE to frame, {EDITORS} people who do nothing: {await walked(SECONDS)}", flush=True)
        first.running, first.ack_ms = True, []
        tasks = [asyncio.create_task(editor.work(GAP * index / EDITORS)) for index, editor in enumerate(editors)]
        await asyncio.sleep(3)
        for editor in editors:
            editor.is_counting = True
        began, hub_before, own_before = time.perf_counter(), busy(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        told = sum(editor.told for editor in editors)
        moved = await walked(SECONDS)
        seconds = time.perf_counter() - began
        acks = [ms for editor in editors for ms in editor.ack_ms]
        told = sum(editor.told for editor in editors) - told
        hub_share, own_share = (busy() - hub_before) / seconds, (sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - own_before) / seconds
        print(f"{EDITORS} editors: {len(acks) / seconds:.0f} ops/s, ack {quantiles(acks)}; {told / seconds:.0f} messages/s told; "
              f"{sum(e.refused for e in editors)} refused, {sum(e.lost for e in editors)} closed; CPU hub {hub_share:.0%}, tester {own_share:.0%} of a core", flush=True)
        print(f"MOVE to frame, meanwhile: {moved}", flush=True)
        weather.write_text("slow 500")
        await asyncio.sleep(1)
        for editor in editors:
            editor.ack_ms = []
        moved = await walked(SECONDS)
        acks = [ms for editor in editors for ms in editor.ack_ms]
        print(f"every fsync 500 ms longer: {len(acks) / SECONDS:.0f} ops/s, ack {quantiles(acks)}", flush=True)
        print(f"MOVE to frame, meanwhile: {moved}", flush=True)
        weather.write_text("none")
        for editor in editors:
            editor.running = False
        await asyncio.gather(*tasks)
    finally:
        for editor in editors:
            editor.transport.abort()
        walker.stdin.close()
        await walker.wait()
        code = stop_hub(hub)
        shutil.rmtree(scratch, ignore_errors=True)
    assert code == 0, f"the hub ended with {code}"


if __name__ == "__main__":
    asyncio.run(walk(sys.argv[1]) if len(sys.argv) > 1 else measure())
