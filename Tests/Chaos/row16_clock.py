#!/usr/bin/env python3
"""Row 16: the wall clock jumps an hour either way, and stands still. Needs Debian's `faketime`."""

import asyncio
import sys
from pathlib import Path

from edge_common import HubClient, run, start_hub, stop_hub

LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


async def main(scratch) -> None:
    if not Path(LIBRARY).exists():
        sys.exit("row 16: no libfaketime: apt-get install faketime")
    clock = scratch / "clock"
    clock.write_text("+0\n")
    hub = start_hub(
        scratch, "--ticket-key", str(scratch / "t.key"), LD_PRELOAD=LIBRARY, FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
    try:
        people = [HubClient(hub.ws, f"P{n}") for n in range(10)]
        for client in people:
            await client.connect()
        resumes = 0
        for jump in ["+3600s", "-3600s", "+0", "+400d", "+0"]:
            clock.write_text(jump + "\n")
            frames = [len(client.frame_ticks) for client in people]
            await asyncio.gather(*(client.wander(2) for client in people))
            for client, before in zip(people, frames):
                assert client.close_code is None, f"closed by the clock {jump}: {client.close_code}"
                assert len(client.frame_ticks) - before > 10, f"frames stopped at {jump}"
            # A session that the hub still has goes on whatever the date on its ticket.
            ticket = people[0].ticket
            clock.write_text("+7200s\n" if jump != "+400d" else "-7200s\n")
            await people[0].drop()
            people[0] = HubClient(hub.ws, "P0")
            await people[0].connect(resume=ticket)
            assert people[0].welcome["resumed"] is True, f"not resumed after {jump}"
            resumes += 1
        for client in people:
            await client.leave()
        print(f"row 16: 5 jumps of up to 400 days, 0 false closes, {resumes} of {resumes} resumed")
    finally:
        stop_hub(hub)


run(main)
