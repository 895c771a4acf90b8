#!/usr/bin/env python3
"""Row 7: lines that die without a word. Seconds until the others hear "lost" (promised 3) and "gone" (promised 30)."""

import asyncio
import time

from edge_common import HubClient, quantiles, run, start_hub, stop_hub
from faultproxy import FaultProxy

PEOPLE = 10


async def main(scratch) -> None:
    hub = start_hub(scratch)
    try:
        watcher = HubClient(hub.ws, "Watcher")
        await watcher.connect()
        async with FaultProxy(hub.port) as proxy:
            people = [HubClient(proxy.ws, f"P{n}") for n in range(PEOPLE)]
            for client in people:
                await client.connect()
            await watcher.until(lambda: all(c.id in watcher.people for c in people), "everybody")
            proxy.silent |= {"up", "down"}
            began = time.monotonic()
            lost: dict[int, float] = {}
            gone: dict[int, float] = {}
            while len(gone) < PEOPLE and time.monotonic() - began < 60:
                await asyncio.sleep(0.02)
                for client in people:
                    if watcher.people.get(client.id, {}).get("lost"):
                        lost.setdefault(client.id, time.monotonic() - began)
                    if client.id not in watcher.people:
                        gone.setdefault(client.id, time.monotonic() - began)
            assert len(gone) == PEOPLE, f"only {len(gone)} of {PEOPLE} are gone after a minute"
            print(f"row 7: {PEOPLE} vanished; lost after {quantiles(list(lost.values()))}; "
                  f"gone after {quantiles(list(gone.values()))}")
            assert max(lost.values()) < 5 and max(gone.values()) < 33
        await watcher.leave()
    finally:
        stop_hub(hub)


run(main)
