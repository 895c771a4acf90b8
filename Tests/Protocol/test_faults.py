"""Bad lines: what one participant's network does to them, and that it does nothing to the others."""

from __future__ import annotations

import asyncio
import json
import random
import re
import urllib.request

import pytest

from faultproxy import FaultProxy
from hubclient import HubClient

SEED = 20261123


def metric(hub, name: str) -> float:
    with urllib.request.urlopen(hub.admin + "/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.M))


async def test_a_slow_reader_slows_nobody_and_costs_no_memory(hub):
    """Row 6: one line at 1 kB/s in a space where people move."""
    watcher, walker = HubClient(hub.ws, "Watcher"), HubClient(hub.ws, "Walker")
    await watcher.connect()
    await walker.connect()
    before = metric(hub, "process_resident_memory_bytes")
    async with FaultProxy(hub.port) as proxy:
        slow = HubClient(proxy.ws, "Slow")
        await slow.connect()
        proxy.bytes_per_second["down"] = 1000
        frames = len(watcher.frame_ticks)
        await walker.wander(6, random.Random(SEED))
        ticks = watcher.frame_ticks[frames:]
        assert len(ticks) > 20
        # What the watcher shows is never older than the protocol's 250 ms between frames, give or take a tick.
        assert max(b - a for a, b in zip(ticks, ticks[1:])) <= 10
        assert metric(hub, "process_resident_memory_bytes") - before < 16 << 20
        await slow.drop()
    await watcher.leave()
    await walker.leave()


@pytest.mark.parametrize("ways", [{"up"}, {"down"}, {"up", "down"}], ids=["nothing-up", "nothing-down", "dead"])
async def test_whoever_vanishes_without_a_word_is_shown_as_lost_and_comes_back(hub, ways):
    """Rows 7 and 9: the line is there, and nothing passes; then a new line, and the same person."""
    watcher = HubClient(hub.ws, "Watcher")
    await watcher.connect()
    async with FaultProxy(hub.port) as proxy:
        one = HubClient(proxy.ws, "Aylin")
        await one.connect()
        await watcher.until(lambda: one.id in watcher.people, "Aylin in people")
        proxy.silent |= ways
        await watcher.until(lambda: watcher.people[one.id].get("lost"), "Aylin shown as lost", timeout=20)
        proxy.heal()
        again = HubClient(proxy.ws, "Aylin")
        await again.connect(resume=one.ticket)
        assert again.welcome["resumed"] is True and again.id == one.id
        await watcher.until(lambda: not watcher.people[one.id].get("lost"), "Aylin back")
        await again.leave()
        await one.drop()
    assert not [g for g in watcher.received("gone") if one.id in g["ids"] and g["reason"] == "lost"]
    await watcher.leave()


async def test_cut_at_any_byte_a_session_goes_on_without_gap_or_duplicate(hub, capsys):
    """Row 9: the line breaks after some random number of bytes either way; the chat of the space is told once each."""
    dice = random.Random(SEED)
    talker = HubClient(hub.ws, "Talker")
    await talker.connect(space="training-3")
    resumes = 0
    async with FaultProxy(hub.port) as proxy:
        one = HubClient(proxy.ws, "Aylin")
        await one.connect(space="training-3")
        person, ticket = one.person, one.ticket
        for number in range(12):
            way = dice.choice(["up", "down"])
            line = proxy.lines[-1]
            proxy.cut_after[way] = line.passed[way] + dice.randint(1, 3000)
            await talker.send("chat", to="space", text=f"{number}", ref=1)
            await talker.expect("chat", ref=1)
            await asyncio.sleep(1.05)
            if one.close_code is None:
                line.reset()
            await one.closed(20)
            ticket = one.ticket or ticket
            proxy.heal()
            one = HubClient(proxy.ws, "Aylin")
            await one.connect(resume=ticket)
            assert one.welcome["resumed"] is True and one.person == person
            resumes += 1
            history = (await one.expect("history"))["list"]
            told = [entry["text"] for entry in history]
            said = [f"{n}" for n in range(number + 1)]
            assert told[-len(said) :] == said, "no gap, no duplicate, in order"
        assert sum(1 for p in talker.people.values() if p.get("person") == person) == 1
        await one.leave()
    await talker.leave()
    with capsys.disabled():
        print(f"\ncuts: {resumes} resumes, 0 gaps, 0 duplicates (seed {SEED})")


async def test_not_a_byte_of_one_space_reaches_another(hub, world, capsys):
    """Row 15: ids, names and words of space A in nothing that somebody in B receives, except where B asks the hub."""
    dice = random.Random(SEED)
    spaces = ["innovation-lab", "training-1"]
    people = [[HubClient(hub.ws, f"{space}-{n}-Quittenmus") for n in range(3)] for space in spaces]
    for space, group in zip(spaces, people):
        for client in group:
            await client.connect(space=space, profile={"visibility": "space"}, view="scene")
            client.raw = []
    groups = {client.id: index for index, group in enumerate(people) for client in group}
    for index, group in enumerate(people):
        for number, client in enumerate(group):
            await client.send("chat", to="space", text=f"satz-{index}-{number}-quitte", ref=1)
            await client.expect("chat", ref=1)
    await asyncio.gather(*(c.wander(3, random.Random(dice.random())) for group in people for c in group))
    # Whatever they try, by guessed ids and names, they get nothing of the other side.
    for index, group in enumerate(people):
        for client in group:
            other = dice.choice(people[1 - index])
            await client.send("directory", query="Quittenmus", ref=5)
            answer = await client.expect("directory", ref=5)
            assert {entry["person"] for entry in answer["list"]} <= {c.person for c in group}
            for number, (kind, keys) in enumerate([
                ("follow", {"person": other.person}), ("goto", {"person": other.person}),
                ("chat", {"to": "person", "person": other.person, "text": "?"}), ("delete", {"chat": "c1", "id": "c1"}),
            ]):
                await client.send(kind, **keys, ref=10 + number)
                error = await client.expect("error", ref=10 + number)
                assert error["code"] in ("unknown-person", "unknown-chat", "not-allowed"), error
    messages = leaks = 0
    for index, group in enumerate(people):
        foreign = {c.id for c in people[1 - index]}
        for client in group:
            assert client.space["space"] == spaces[index]
            seen = set(client.replica.entities)
            assert not seen & foreign, f"bodies of the other space: {seen & foreign}"
            for message in client.log:
                text = json.dumps(message.body)
                messages += 1
                for other in people[1 - index]:
                    if other.person in text or other.name in text:
                        leaks += 1
                if f"satz-{1 - index}-" in text:
                    leaks += 1
            messages += len(client.frame_ticks)
    with capsys.disabled():
        print(f"\nisolation: {messages} messages and frames read, {leaks} leaks")
    assert leaks == 0 and messages > 300 and len(groups) == 6
    for group in people:
        for client in group:
            await client.leave()
