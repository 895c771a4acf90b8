#!/usr/bin/env python3
"""Row 16: the hub's wall clock jumps by an hour and by 400 days, either way (Tests/Faults/wall_clock.c, preloaded)."""

import asyncio
import re
import subprocess
import urllib.request

from edge_common import REPOSITORY, HubClient, run, start_hub, stop_hub

DAY = 86400


def built(scratch) -> str:
    library = scratch / "wall_clock.so"
    source = REPOSITORY / "Tests" / "Faults" / "wall_clock.c"
    subprocess.run(["clang", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source], check=True)
    return str(library)


async def main(scratch) -> None:
    clock = scratch / "clock"
    clock.write_text("0")
    key = str(scratch / "t.key")
    preload = {"LD_PRELOAD": built(scratch), "HUB_WALL_CLOCK": str(clock)}
    hub = start_hub(scratch, "--ticket-key", key, **preload)
    try:
        people = [HubClient(hub.ws, f"P{n}") for n in range(10)]
        for client in people:
            await client.connect()
        resumes = jumps = 0
        for jump in [3600, -3600, 400 * DAY, -400 * DAY, 0]:
            clock.write_text(str(jump))
            jumps += 1
            frames = [len(client.frame_ticks) for client in people]
            await asyncio.gather(*(client.wander(2) for client in people))
            for client, before in zip(people, frames):
                assert client.close_code is None, f"closed by the clock {jump}: {client.close_code}"
                assert len(client.frame_ticks) - before > 10, f"frames stopped at {jump}"
            # A session that the hub still has goes on whatever the date on its ticket.
            ticket = people[0].ticket
            clock.write_text(str(-jump or 7200))
            jumps += 1
            await people[0].drop()
            people[0] = HubClient(hub.ws, "P0")
            await people[0].connect(resume=ticket)
            assert people[0].welcome["resumed"] is True, f"not resumed after {jump}"
            resumes += 1
        # That the jumps reached the hub: one that has forgotten the session goes by the date.
        clock.write_text("0")
        await people[1].until(lambda seen=people[1].ticket: people[1].ticket != seen, "a ticket of today")
        ticket = people[1].ticket
        stop_hub(hub)
        clock.write_text("3600")
        hub = await asyncio.to_thread(start_hub, scratch, "--ticket-key", key, **preload)
        late = HubClient(hub.ws, "P1")
        await late.connect(resume=ticket)
        assert late.welcome["resumed"] is False, "the clock did not jump"
        with urllib.request.urlopen(hub.admin + "/metrics", timeout=10) as answer:
            assert re.search(r'hub_refusals_total\{reason="ticket-expired"\} 1\b', answer.read().decode())
        await late.leave()
        print(f"row 16: {jumps} jumps of up to 800 days, 0 false closes, {resumes} of {resumes} resumed")
    finally:
        stop_hub(hub)


run(main)
