"""How a session ends and goes on: resume, replacement, lost lines (PROTOCOL.md sections 1, 2, 5 and 7)."""

from __future__ import annotations

import asyncio

import pytest


async def test_a_session_resumes_as_the_same_person_with_an_empty_replica(join):
    watcher, one = await join("Watcher"), await join("Aylin")
    await watcher.until(lambda: one.id in watcher.people, "Aylin in people")
    await one.until(lambda: watcher.id in one.replica.entities, "the watcher's body")
    await one.drop()
    again = await join("Aylin", resume=one.ticket)
    assert again.welcome["resumed"] is True
    assert (again.id, again.person) == (one.id, one.person)
    assert again.space["reason"] == "resume" and again.space["space"] == one.space["space"]
    await again.until(lambda: watcher.id in again.replica.entities, "the watcher's body again")
    await again.until(lambda: watcher.id in again.people, "the watcher's name again")
    await watcher.sync()
    assert not [g for g in watcher.received("gone") if one.id in g["ids"]]


async def test_a_resumed_session_replaces_the_connection_that_still_stands(join):
    one = await join("Jonas")
    again = await join("Jonas", resume=one.ticket)
    assert await one.closed() == 4008
    assert again.welcome["resumed"] is True and again.id == one.id
    await again.send("chat", to="space", text="noch da", ref=1)
    await again.expect("chat", ref=1)


@pytest.mark.parametrize("secret", ["unknown", "", "x" * 500])
async def test_an_unknown_resume_starts_a_new_session(join, secret):
    one = await join("Mia", resume=secret)
    assert one.welcome["resumed"] is False and one.space["reason"] == "join"


async def test_a_session_that_said_bye_cannot_be_resumed(join):
    one = await join("Leo")
    await one.send("bye")
    assert await one.closed() == 1000
    again = await join("Leo", resume=one.ticket)
    assert again.welcome["resumed"] is False and again.person != one.person


@pytest.mark.parametrize("code", [1000, 1001])
async def test_who_closes_on_purpose_is_gone_at_once(join, code):
    watcher, one = await join("Watcher"), await join("Geht")
    await watcher.until(lambda: one.id in watcher.people, "Geht in people")
    await one.socket.close(code)
    assert (await watcher.expect("gone", where=lambda m: one.id in m["ids"]))["reason"] == "left"


async def test_a_vanished_client_is_closed_after_10_marked_lost_after_3_and_gone_after_30_seconds(join):
    watcher, dropped, silent = await join("Watcher"), await join("Dropped"), await join("Silent")
    for other in (dropped, silent):
        await watcher.until(lambda: other.id in watcher.people, f"{other.name} in people")
    last_frame = watcher.replica.tick
    await dropped.drop()
    silent.acknowledges = False
    for other in (dropped, silent):
        event = await watcher.expect("event", kind="lost", person=other.person, timeout=10)
        assert event["name"] == other.name
        await watcher.until(lambda: watcher.people[other.id].get("lost") is True, "lost in people")
        assert other.id in watcher.replica.entities, "the body stays while the line may come back"
    seconds_to_lost = ticks_since(watcher, last_frame) * 0.05
    assert await silent.closed(timeout=15) == 4007
    gone = set()
    while not gone >= {dropped.id, silent.id}:
        message = await watcher.expect("gone", timeout=40)
        if not {dropped.id, silent.id} & set(message["ids"]):
            continue  # somebody else went
        assert message["reason"] == "lost"
        gone |= set(message["ids"])
    seconds_to_gone = ticks_since(watcher, last_frame) * 0.05
    assert 2.5 <= seconds_to_lost <= 6 and 28 <= seconds_to_gone <= 36
    await watcher.sync()
    assert not gone & set(watcher.replica.entities) and not gone & set(watcher.people)


def ticks_since(client, tick: int) -> int:
    return (client.replica.tick - tick) & 0xFFFF


async def test_a_lost_line_that_comes_back_is_told(join):
    watcher, one = await join("Watcher"), await join("Ruth")
    await watcher.until(lambda: one.id in watcher.people, "Ruth in people")
    one.acknowledges = False
    await watcher.expect("event", kind="lost", person=one.person)
    one.acknowledges = True
    await watcher.expect("event", kind="back", person=one.person)
    await watcher.until(lambda: not watcher.people[one.id].get("lost"), "no longer lost in people")


async def test_no_more_than_sixteen_frames_go_out_unacknowledged(join):
    one = await join("Stumm")
    one.acknowledges = False
    frames = len(one.frame_ticks)
    await asyncio.sleep(2)
    assert len(one.frame_ticks) - frames <= 16
    one.acknowledges = True
    await one.acknowledge()
    frames = len(one.frame_ticks)
    await one.until(lambda: len(one.frame_ticks) > frames + 3, "frames again")


@pytest.mark.parametrize("mode", ["list", "hidden"])
async def test_without_a_scene_come_no_poses_but_how_many_are_where(join, mode):
    walker, one = await join("Walker"), await join("Reader", view=mode)
    await walker.wander(2)
    assert len(one.frame_ticks) >= 2
    assert one.replica.entities == {} and one.replica.pages == {}
    await one.until(lambda: sum(digest.count for digest in one.replica.digests.values()) >= 2, "digests of both")
    await one.send("view", mode="scene")
    await one.until(lambda: walker.id in one.replica.entities, "the walker's body")
    await one.send("view", mode=mode)
    await one.until(lambda: not one.replica.entities, "an empty replica")


async def test_who_hides_the_page_is_shown_as_away(join):
    one, two = await join("Versteckt"), await join("Zuschauer")
    await two.until(lambda: two.people.get(one.id, {}).get("status") == "available", "available")
    await one.send("view", mode="hidden")
    await two.until(lambda: two.people[one.id]["status"] == "away", "away")
    await one.send("view", mode="scene")
    await two.until(lambda: two.people[one.id]["status"] == "available", "available again")
