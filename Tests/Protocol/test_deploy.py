"""What a deploy or a crash costs: the hub ends and begins anew, and everybody goes on where they were."""

from __future__ import annotations

import asyncio
import random
import signal
import time

import pytest
from websockets.exceptions import WebSocketException

from conftest import start_hub, stop_hub
from hubclient import HubClient

PEOPLE = 12


@pytest.fixture
def hubs(tmp_path):
    """`hubs()` starts a hub with the ticket key of this test; with a port, on that one."""
    running = []

    def begin(port: int = 0):
        hub = start_hub(tmp_path, "--ticket-key", str(tmp_path / "ticket.key"), "--port", str(port))
        running.append(hub)
        return hub

    yield begin
    for hub in running:
        stop_hub(hub)


async def crowd(hub) -> list[HubClient]:
    """People in three spaces, walked away from where they arrived, one of them on a seat."""
    people = []
    for number in range(PEOPLE):
        client = HubClient(hub.ws, f"P{number}")
        space = ["foyer", "living-lab", "showroom"][number % 3]
        await client.connect(space=space)
        people.append(client)
    await asyncio.gather(*(client.wander(1.5, random.Random(n)) for n, client in enumerate(people)))
    await asyncio.gather(*(client.sync(1) for client in people))
    return people


def stood(client: HubClient) -> tuple:
    return client.person, client.space["space"]


async def back(old: HubClient, url: str) -> tuple[HubClient, float, float]:
    """Comes back as the protocol says; returns the new client, the seconds since the end, and how far off it stands."""
    began = time.monotonic()
    told = [m["retryAfterMs"] for m in old.received("closing")]
    delay = told[-1] / 1000 if told else random.random()
    again = HubClient(url, old.name)
    for _ in range(20):
        await asyncio.sleep(delay)
        try:
            await again.connect(resume=old.ticket)
            break
        except OSError:
            delay = random.uniform(0.5, 1.5)
    took = time.monotonic() - began
    off = max(abs(again.space["pose"][axis] - getattr(old.pose, axis)) for axis in "xz") / 400
    return again, took, off


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["deploy", "crash"])
async def test_everybody_goes_on_where_they_were(hubs, how, record_property, capsys):
    hub = hubs()
    people = await crowd(hub)
    if how == signal.SIGKILL:
        # A ticket is 5 s old at most; nobody moves in that time, so that "the same place" is exact here too.
        tickets = [client.ticket for client in people]
        await asyncio.gather(*(
            client.until(lambda c=client, t=ticket: c.ticket != t, "a newer ticket")
            for client, ticket in zip(people, tickets)))
    hub.process.send_signal(how)
    ends = await asyncio.gather(*(client.closed(30) for client in people))
    assert set(ends) == {4009 if how == signal.SIGTERM else 1006}
    assert await asyncio.to_thread(hub.process.wait, 20) == (0 if how == signal.SIGTERM else -9)
    if how == signal.SIGTERM:
        waits = [client.received("closing")[-1]["retryAfterMs"] for client in people]
        assert all(1000 <= wait < 2000 for wait in waits) and len(set(waits)) > 1, waits
    began = time.monotonic()
    second = await asyncio.to_thread(hubs, hub.port)
    start = time.monotonic() - began
    results = await asyncio.gather(*(back(client, second.ws) for client in people))
    for client, (again, _, off) in zip(people, results):
        assert again.welcome["resumed"] is True and again.space["reason"] == "resume"
        assert stood(again) == stood(client)
        assert off < 0.5, f"{client.name} stands {off} m away"
    seconds = sorted(took for _, took, _ in results)
    with capsys.disabled():
        print(f"\n{how.name}: hub started in {start:.2f} s; {len(results)} people back after "
              f"p50 {seconds[len(seconds) // 2]:.2f} s, max {seconds[-1]:.2f} s; resumed {len(results)}, lost 0")
    # Nobody is there twice, and everybody sees everybody of their space again.
    watcher = results[0][0]
    here = {again.person for again, _, _ in results if again.space["space"] == watcher.space["space"]}
    await watcher.until(lambda: {p.get("person") for p in watcher.people.values()} == here, "the people of the space")
    for again, _, _ in results:
        await again.leave()


async def test_a_used_ticket_opens_nothing_not_even_in_the_next_process(hubs):
    hub = hubs()
    one = HubClient(hub.ws, "Aylin")
    await one.connect()
    used = one.ticket
    await one.drop()
    two = HubClient(hub.ws, "Aylin")
    await two.connect(resume=used)
    assert two.welcome["resumed"] is True
    hub.process.kill()
    await two.closed()
    second = await asyncio.to_thread(hubs, hub.port)
    thief, three = HubClient(second.ws, "Mallory"), HubClient(second.ws, "Aylin")
    await thief.connect(resume=used)
    assert thief.welcome["resumed"] is False and thief.person != one.person
    await three.connect(resume=two.ticket)
    assert three.welcome["resumed"] is True and three.person == one.person
    await thief.leave()
    await three.leave()


async def test_a_changed_ticket_begins_a_new_session(hubs):
    hub = hubs()
    one = HubClient(hub.ws, "Aylin")
    await one.connect()
    for number in range(0, len(one.ticket), 37):
        letter = "A" if one.ticket[number] != "A" else "B"
        forger = HubClient(hub.ws, "Mallory")
        await forger.connect(resume=one.ticket[:number] + letter + one.ticket[number + 1 :])
        assert forger.welcome["resumed"] is False and forger.person != one.person
        await forger.leave()
    assert one.close_code is None
    await one.leave()


async def test_whoever_said_bye_does_not_come_back_by_ticket_after_a_restart(hubs):
    hub = hubs()
    one = HubClient(hub.ws, "Leo")
    await one.connect()
    await one.send("bye")
    assert await one.closed() == 1000
    stop_hub(hub)
    second = await asyncio.to_thread(hubs, hub.port)
    again = HubClient(second.ws, "Leo")
    await again.connect(resume=one.ticket)
    assert again.welcome["resumed"] is False
    await again.leave()


async def test_while_it_drains_the_hub_lets_nobody_new_in(hubs):
    hub = hubs()
    one = HubClient(hub.ws, "Aylin")
    await one.connect()
    hub.process.send_signal(signal.SIGTERM)
    assert await one.closed() == 4009
    late = HubClient(hub.ws, "Late")
    with pytest.raises((OSError, WebSocketException)):
        await late.open()
    assert late.socket is None


async def test_the_disk_holds_no_presence(hubs, tmp_path):
    hub = hubs()
    one = HubClient(hub.ws, "Zephyrine Unverkennbar")
    await one.connect()
    await one.drop()
    two = HubClient(hub.ws, "Zephyrine Unverkennbar")
    await two.connect(resume=one.ticket)
    await two.leave()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"ticket.key", "ticket.key.used"}
    for path in files:
        content = path.read_bytes()
        for secret in (b"Zephyrine", one.person.encode(), one.ticket.encode(), b"foyer"):
            assert secret not in content
