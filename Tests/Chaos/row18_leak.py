#!/usr/bin/env python3
"""Row 18: people come, walk, write, put notes up, and go, politely or without a word, for HUB_SOAK_SECONDS (600). Memory and
descriptors after the warm-up (the first third) and at the end."""

import asyncio
import os
import random
import time
from pathlib import Path

from edge_common import HubClient, run, start_hub, stop_hub
from notehub import BOARD, SPACE

SECONDS = float(os.environ.get("HUB_SOAK_SECONDS", "600"))
PEOPLE = 20


def memory_kb(hub) -> int:
    status = (Path("/proc") / str(hub.process.pid) / "status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def descriptors(hub) -> int:
    return len(list((Path("/proc") / str(hub.process.pid) / "fd").iterdir()))


async def visit(hub, dice: random.Random) -> None:
    """One stay. Who vanishes is forgotten by the hub after thirty seconds."""
    client = HubClient(hub.ws, f"V{dice.randrange(10**9)}")
    await client.connect(space=SPACE)
    await client.send("chat", to="space", text="Hallo")
    await client.send("note", op="create", board=BOARD, text="eine Weile", ref=1)
    note = (await client.expect("note", ref=1))["note"]
    await client.send("note", op="delete", note=note["id"], rev=note["rev"], ref=2)
    await client.expect("note", ref=2)
    # Perhaps into another space.
    await client.wander(dice.uniform(1, 4), dice)
    if dice.random() < 0.5:
        await client.leave()
    else:
        await client.drop()


async def main(scratch) -> None:
    hub = start_hub(scratch, "--data", str(scratch / "data"))
    try:
        began = time.monotonic()
        samples: list[tuple[float, int]] = []
        visits = 0

        async def come_and_go(seed: int) -> None:
            nonlocal visits
            dice = random.Random(seed)
            while time.monotonic() - began < SECONDS:
                await visit(hub, dice)
                visits += 1

        async def watch() -> None:
            while time.monotonic() - began < SECONDS:
                await asyncio.sleep(1)
                samples.append((time.monotonic() - began, memory_kb(hub)))

        await asyncio.gather(watch(), *(come_and_go(seed) for seed in range(PEOPLE)))
        # The last of those who vanished are forgotten.
        await asyncio.sleep(35)

        def median(low: float, high: float) -> int:
            values = sorted(kb for at, kb in samples if low * SECONDS <= at < high * SECONDS)
            return values[len(values) // 2]

        middle, end = median(1 / 3, 2 / 3), median(2 / 3, 1)
        perhour = (end - middle) / 1024 / (SECONDS / 3 / 3600)
        print(f"row 18: {visits} visits in {SECONDS:.0f} s; memory {middle / 1024:.1f} MB in the middle third, {end / 1024:.1f} MB in the last "
              f"({perhour:+.1f} MB an hour), {descriptors(hub)} descriptors at the end")
        probe = HubClient(hub.ws, "Late")
        await probe.connect()
        open_ones = descriptors(hub)
        await probe.leave()
        assert open_ones < 40, f"{open_ones} descriptors are open with one person in the hub"
        # Noise of an allocator, not a leak of each visit.
        assert end - middle < max(4096, visits), "memory grows with the visits"
    finally:
        stop_hub(hub)


run(main)
