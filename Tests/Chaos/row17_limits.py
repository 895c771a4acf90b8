#!/usr/bin/env python3
"""Row 17: no descriptors left. The hub refuses to start with too few, and keeps whom it has when they run out later."""

import asyncio
import resource
import subprocess
import urllib.request

from edge_common import BINARY, REPOSITORY, WORLD, HubClient, run, start_hub, stop_hub
from rawsocket import RawSocket


async def main(scratch) -> None:
    too_few = subprocess.run(
        ["prlimit", "--nofile=200:200", BINARY, "serve", "--world", WORLD, "--port", "0", "--admin", "127.0.0.1:0"],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert too_few.returncode == 1 and "file descriptors" in too_few.stderr, too_few
    hub = start_hub(scratch)
    try:
        keepers = [HubClient(hub.ws, f"K{n}") for n in range(10)]
        for client in keepers:
            await client.connect()
        with urllib.request.urlopen(hub.admin + "/metrics", timeout=10) as answer:
            answer.read()
        used = len(list((scratch.__class__("/proc") / str(hub.process.pid) / "fd").iterdir()))
        resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE, (used + 5, used + 5))
        answers = {"in": 0, "refused": 0}
        held = []
        for _ in range(60):
            socket = await RawSocket.connect(hub)
            held.append(socket)
            status, _ = await socket.upgrade(hub)
            answers["in" if status == 101 else "refused"] += 1
            assert status in (101, 503, 0), status
        frames = [len(client.frame_ticks) for client in keepers]
        await asyncio.gather(*(client.wander(3) for client in keepers))
        for client, before in zip(keepers, frames):
            assert client.close_code is None and len(client.frame_ticks) - before > 10
        for socket in held:
            await socket.end()
        await asyncio.sleep(1)
        late = HubClient(hub.ws, "Late")
        await late.connect()
        assert answers["refused"] >= 50, answers
        print(f"row 17: {answers['refused']} of 60 refused without descriptors, {len(keepers)} of {len(keepers)} "
              "sessions kept, room again afterwards")
        for client in [*keepers, late]:
            await client.leave()
    finally:
        stop_hub(hub)


run(main)
