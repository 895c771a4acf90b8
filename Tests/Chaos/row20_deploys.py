#!/usr/bin/env python3
"""Row 20 (and 1, without ops): SIGTERM and kill -9 in turn under people who walk. What each round costs a participant.

row20_deploys.py [ROUNDS [PEOPLE]]
"""

import asyncio
import random
import signal
import sys
import time

from edge_common import HubClient, quantiles, run, start_hub, stop_hub

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 12
PEOPLE = int(sys.argv[2]) if len(sys.argv) > 2 else 60


async def back(old: HubClient, url: str, dice: random.Random) -> tuple[HubClient, float]:
    """Comes back by the rules of docs/PROTOCOL.md, section 7."""
    await old.closed(60)
    ended = time.monotonic()
    told = [message["retryAfterMs"] for message in old.received("closing")]
    delay, failures = (told[-1] / 1000 if told else dice.random()), 0
    while True:
        await asyncio.sleep(delay)
        again = HubClient(url, old.name)
        try:
            await again.connect(resume=old.ticket)
            return again, time.monotonic() - ended
        except (OSError, EOFError):
            failures += 1
            delay = min(30, 2 ** max(0, failures - 1)) * dice.uniform(0.5, 1.5)


async def main(scratch) -> None:
    dice = random.Random(20)
    key = str(scratch / "ticket.key")
    hub = start_hub(scratch, "--ticket-key", key)
    seconds: dict[str, list[float]] = {"SIGTERM": [], "SIGKILL": []}
    starts: list[float] = []
    meters: list[float] = []
    resumed = lost = 0
    try:
        people = [HubClient(hub.ws, f"P{n}") for n in range(PEOPLE)]
        for client in people:
            await client.connect(space=dice.choice(["foyer", "living-lab", "event-hall"]))
        for number in range(ROUNDS):
            how = signal.SIGTERM if number % 2 == 0 else signal.SIGKILL
            await asyncio.gather(*(client.wander(dice.uniform(2, 6), dice) for client in people))
            persons = [client.person for client in people]
            returns = [asyncio.create_task(back(client, hub.ws, dice)) for client in people]
            hub.process.send_signal(how)
            await asyncio.to_thread(hub.process.wait, 30)
            began = time.monotonic()
            hub = await asyncio.to_thread(start_hub, scratch, "--ticket-key", key, "--port", str(hub.port))
            starts.append(time.monotonic() - began)
            results = await asyncio.gather(*returns)
            for old, (again, took), person in zip(people, results, persons):
                same = again.welcome["resumed"] and again.person == person and again.space["space"] == old.space["space"]
                if not same:
                    print(f"row 20: {how.name}: {old.name} was {person} in {old.space['space']}, is "
                          f"{again.person} in {again.space['space']}, resumed {again.welcome['resumed']}")
                resumed, lost = resumed + bool(same), lost + (not same)
                seconds[how.name].append(took)
                if how == signal.SIGTERM:
                    meters.append(max(abs(again.space["pose"][a] - getattr(old.pose, a)) for a in "xz") / 400)
            people = [again for again, _ in results]
        for client in people:
            await client.leave()
    finally:
        stop_hub(hub)
    print(f"row 20: {ROUNDS} rounds with {PEOPLE} people: resumed {resumed}, lost {lost}; start {quantiles(starts)}; "
          f"deploy costs {quantiles(seconds['SIGTERM'])}; crash costs {quantiles(seconds['SIGKILL'])}; "
          f"after a deploy within {max(meters):.2f} m of where they stood")
    assert lost == 0


run(main)
