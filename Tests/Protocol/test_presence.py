"""Joining, places, people, chat, directory: the control lane of PROTOCOL.md sections 2 and 3."""

from __future__ import annotations

import pytest
import asyncio
import re

from worldfile import area_of, farthest_area, node_of, quiet_door_of


def listed(client, other) -> dict:
    """What `client` has been told about `other`, by entity id."""
    return client.people.get(other.id, {})


async def met(*clients) -> None:
    """Waits until everybody has been told everybody's name."""
    for client in clients:
        for other in clients:
            if other is not client:
                await client.until(lambda: listed(client, other).get("name") == other.name, f"{other.name} in people")


# -- Joining and leaving


async def test_a_hello_is_answered_with_welcome_space_places_in_this_order(join, world):
    client = await join("Aylin", lang="de")
    kinds = [m.body["t"] for m in client.log]
    assert kinds[:2] == ["welcome", "space"]
    welcome = client.welcome
    assert welcome["protocol"] == 1 and welcome["role"] == "guest" and welcome["resumed"] is False
    assert 0 <= welcome["id"] <= 0xFFFF and welcome["person"] and "resume" not in welcome
    assert welcome["serverMs"] // 50 in (welcome["tick"], welcome["tick"] + 1)
    assert client.space["space"] == world["start"]["space"] and client.space["reason"] == "join"
    places = await client.expect("places")
    named = {place["space"] for place in places["list"] if "overflowOf" not in place}
    assert named == {space["id"] for space in world["spaces"]}


async def test_a_hello_may_name_its_space(join):
    client = await join("Jonas", space="living-lab")
    assert client.space["space"] == "living-lab"


async def test_those_in_a_space_are_told_of_each_other(join):
    one = await join("Ada", profile={"role": "Forscherin", "languages": ["de", "en"], "interests": ["mobility data"]})
    two = await join("Ben")
    await met(one, two)
    entry = listed(two, one)
    assert entry["person"] == one.person and entry["status"] == "available"
    assert entry["role"] == "Forscherin" and entry["languages"] == ["de", "en"] and entry["interests"] == ["mobility data"]


async def test_who_says_bye_is_gone_at_once_and_the_hub_closes_1000(join):
    one, two = await join("Stays"), await join("Leaves")
    await met(one, two)
    await two.send("bye")
    gone = await one.expect("gone", where=lambda m: two.id in m["ids"])
    assert gone["reason"] == "left"
    assert await two.closed() == 1000
    frames = len(one.frame_ticks)
    await one.until(lambda: len(one.frame_ticks) > frames + 2, "further frames")
    assert two.id not in one.replica.entities


async def test_ids_rest_after_gone(join):
    one = await join("First")
    await one.send("bye")
    await one.closed()
    others = [await join(f"Next {n}") for n in range(3)]
    assert one.id not in {other.id for other in others}


async def test_a_profile_changes_what_others_see(join):
    one, two = await join("Cem"), await join("Dora")
    await met(one, two)
    await one.send("profile", name="Cem Ö.", role="Mentor", languages=["tr"])
    await two.until(lambda: listed(two, one).get("name") == "Cem Ö.", "the new name")
    assert listed(two, one)["role"] == "Mentor" and listed(two, one)["languages"] == ["tr"]


async def test_a_status_is_seen_and_told(join):
    one, two = await join("Emil"), await join("Fida")
    await met(one, two)
    for status in ("busy", "dnd", "away", "available"):
        await one.send("status", status=status)
        await two.until(lambda: listed(two, one).get("status") == status, status)


async def test_the_invisible_keep_a_body_without_a_name(join):
    one, two = await join("Gundula Geheim"), await join("Henk")
    await met(one, two)
    await one.send("profile", visibility="invisible")
    await two.until(lambda: listed(two, one).get("anonymous"), "an anonymous entry")
    assert "name" not in listed(two, one)
    await two.until(lambda: one.id in two.replica.entities, "the body")
    await two.send("directory", query="Gundula Geheim", ref=5)
    assert (await two.expect("directory", ref=5))["total"] == 0
    late = await join("Ivo")
    await late.until(lambda: late.people.get(two.id, {}).get("name") == "Henk", "Henk in people")
    assert "name" not in listed(late, one)


async def test_places_count_heads(join):
    one = await join("Jule", space="living-lab")
    before = (await one.until(lambda: one.places.get("living-lab"), "places"))["people"]
    await join("Kai", space="living-lab")
    await one.until(lambda: one.places["living-lab"]["people"] == before + 1, "one head more")


# -- The directory


async def test_the_directory_finds_by_all_words_without_case_or_accents(join):
    one = await join("Zoë Übermut", profile={"interests": ["Mobilitätsdaten"], "languages": ["pt"]}, space="living-lab")
    two = await join("Lou")
    for ref, query in enumerate(["zoe ubermut", "MOBILITATSDATEN", "übermut mobilitäts", "ZOE reallabor"], start=1):
        await two.send("directory", query=query, ref=ref)
        answer = await two.expect("directory", ref=ref)
        assert [p["person"] for p in answer["list"]] == [one.person], query
        assert answer["total"] == 1
        assert answer["list"][0]["space"] == "living-lab" and answer["list"][0]["status"] == "available"
    await two.send("directory", query="zoe unterwelt", ref=9)
    assert (await two.expect("directory", ref=9))["list"] == []


async def test_only_in_this_space_is_not_in_the_directory_of_others(join):
    near, far = await join("Near", space="living-lab"), await join("Far")
    shy = await join("Shyanne", space="living-lab", profile={"visibility": "space"})
    for client, total in ((near, 1), (far, 0)):
        await client.send("directory", query="shyanne", ref=1)
        assert (await client.expect("directory", ref=1))["total"] == total
    await met(near, shy)


async def test_the_directory_lists_no_more_than_asked_and_counts_all(join):
    for n in range(3):
        await join(f"Quirin Q{n}")
    asker = await join("Mia")
    await asker.send("directory", query="quirin", limit=2, ref=3)
    answer = await asker.expect("directory", ref=3)
    assert answer["total"] == 3 and len(answer["list"]) == 2


# -- Chat


async def test_chat_in_a_space_reaches_its_people_and_nobody_else(join):
    one, two, far = await join("Nora"), await join("Ole"), await join("Pia", space="living-lab")
    await one.send("chat", to="space", text="Hallo <b>alle</b>!", ref=7)
    mine = await one.expect("chat", text="Hallo <b>alle</b>!")
    theirs = await two.expect("chat", text="Hallo <b>alle</b>!")
    assert mine["ref"] == 7 and "ref" not in theirs
    assert theirs["id"] == mine["id"] and theirs["person"] == one.person and theirs["name"] == "Nora"
    assert theirs["to"] == "space" and theirs["space"] == one.space["space"] and theirs["at"] > 1_700_000_000_000
    await far.sync()
    assert not far.received("chat")


async def test_chat_loses_controls_and_bidirectional_overrides(join):
    one = await join("Rosa")
    await one.send("chat", to="space", text="ab\u202ec\u2069d\u0007e\u0301 \U0001f44d", ref=1)
    assert (await one.expect("chat", ref=1))["text"] in ("abcde\u0301 \U0001f44d", "abcd\u00e9 \U0001f44d")


async def test_a_thousand_scalars_are_a_message_whatever_their_bytes(join):
    one = await join("Sven")
    await one.send("chat", to="space", text="\U0001f44d" * 600, ref=1)
    assert (await one.expect("chat", ref=1))["text"] == "\U0001f44d" * 600
    await one.send("chat", to="space", text="ä" * 1000, ref=2)
    assert (await one.expect("chat", ref=2))["text"] == "ä" * 1000


async def test_a_direct_message_reaches_one_person_in_any_space(join):
    one, two, three = await join("Tara"), await join("Udo", space="living-lab"), await join("Vera")
    await one.send("chat", to="person", person=two.person, text="nur du", ref=1)
    got, mine = await two.expect("chat", text="nur du"), await one.expect("chat", ref=1)
    assert got["to"] == "person" and got["person"] == one.person and got["recipient"] == two.person
    assert mine["id"] == got["id"] and mine["recipient"] == two.person
    await three.sync()
    assert not three.received("chat", text="nur du")


async def test_chat_in_an_area_reaches_those_in_it(join, world):
    space, area = area_of(world, "stage", "voice", "bookable", "quiet")
    one, two, three = [await join(n, space=space) for n in ("Wim", "Xenia", "Yuri")]
    for client in (one, two):
        await client.send("goto", area=area, ref=1)
        await client.until(lambda: one.people.get(client.id, {}).get("area") == area, f"in {area}")
    await one.send("chat", to="area", text="unter uns", ref=2)
    mine, theirs = await one.expect("chat", ref=2), await two.expect("chat", text="unter uns")
    assert theirs["to"] == "area" and theirs["area"] == area and theirs["space"] == space
    await three.sync()
    assert not three.received("chat", text="unter uns")
    await three.send("goto", area=area)
    history = await three.expect("history", area=area)
    assert mine["id"] in [m["id"] for m in history["list"]]


async def test_who_is_on_dnd_is_told_to_keep_quiet(join):
    one, two = await join("Zita"), await join("Anton")
    await two.send("status", status="dnd")
    await one.until(lambda: listed(one, two).get("status") == "dnd", "dnd")
    await one.send("chat", to="person", person=two.person, text="psst")
    assert (await two.expect("chat", text="psst"))["quiet"] is True


async def test_those_who_arrive_get_recent_messages_oldest_first(join):
    one = await join("Berta", space="living-lab")
    for n in range(3):
        await one.send("chat", to="space", text=f"Nr. {n}", ref=n)
        await one.expect("chat", ref=n)
    late = await join("Carl", space="living-lab")
    history = await late.expect("history", to="space", space="living-lab")
    assert len(history["list"]) <= 50
    assert [m["text"] for m in history["list"]][-3:] == ["Nr. 0", "Nr. 1", "Nr. 2"]
    assert history["list"][-1]["person"] == one.person and history["list"][-1]["name"] == "Berta"


async def test_one_deletes_ones_own_message_and_no_other(join):
    one, two = await join("Doris"), await join("Erik")
    await one.send("chat", to="space", text="ups", ref=1)
    message = (await one.expect("chat", ref=1))["id"]
    await two.expect("chat", id=message)
    await two.send("delete", id=message, ref=2)
    assert (await two.expect("error", ref=2))["code"] == "not-allowed"
    await one.send("delete", id=message, ref=3)
    await one.expect("deleted", id=message)
    await two.expect("deleted", id=message)
    late = await join("Fritz")
    await late.sync()
    assert all(m["id"] != message for h in late.received("history") for m in h["list"])


# -- Goto, follow, seats, gestures, doors


async def test_goto_a_person_stands_near_and_faces_them(join):
    one, two = await join("Gesa", space="living-lab"), await join("Hans")
    await two.send("goto", person=one.person, ref=1)
    space = await two.expect("space", reason="goto")
    assert space["space"] == "living-lab"
    await two.until(lambda: one.id in two.replica.entities, "the person")
    assert 0.3 <= two.distance_to(one.id) <= 3.0
    assert two.heading_to(one.id) < 10


async def test_goto_in_the_same_space_is_a_correction(join, world):
    space, area = area_of(world, "voice", "bookable", "quiet", "stage")
    one = await join("Ines", space=space)
    await one.send("goto", area=area, ref=1)
    moved = await one.expect("correct")
    assert moved["reason"] == "goto"
    assert (moved["epoch"] - one.space["epoch"]) & 0xFF == 1


async def test_a_seat_is_for_one(join, world):
    space, seat = area_of(world, "seat")
    one, two = await join("Jens", space=space), await join("Kira", space=space)
    await one.send("goto", area=seat, ref=1)
    assert (await one.expect("correct"))["reason"] in ("seat", "goto")
    await two.send("goto", area=seat, ref=2)
    error = await two.expect("error", ref=2)
    assert (error["code"], error["retry"]) == ("occupied", "later")
    await one.send("goto", space=space)
    await one.expect("correct")
    await two.send("goto", area=seat, ref=3)
    assert (await two.expect("correct"))["reason"] in ("seat", "goto")


async def test_following_walks_behind_and_through_to_another_space(join):
    leader, follower = await join("Lena"), await join("Moritz")
    await follower.send("follow", person=leader.person, ref=1)
    assert (await follower.expect("following"))["person"] == leader.person
    await leader.send("goto", space="living-lab")
    await leader.expect("space", reason="goto")
    there = await follower.expect("space", timeout=20)
    assert (there["space"], there["reason"]) == ("living-lab", "follow")
    await follower.send("unfollow")
    assert (await follower.expect("following", person=None))["t"] == "following"


async def test_following_ends_when_the_person_is_gone(join):
    leader, follower = await join("Nils"), await join("Olga")
    await follower.send("follow", person=leader.person)
    await follower.expect("following", person=leader.person)
    await leader.send("bye")
    await follower.expect("following", person=None)


async def test_hand_and_emote_are_events(join):
    one, two = await join("Paul"), await join("Rike")
    await met(one, two)
    await one.send("gesture", hand=True)
    event = await two.expect("event", kind="hand")
    assert event["person"] == one.person and event["name"] == "Paul"
    await one.send("gesture", hand=False)
    await two.expect("event", kind="handDown", person=one.person)
    await one.send("gesture", emote="wave")
    assert (await two.expect("event", kind="emote", person=one.person))["emote"] == "wave"


async def test_events_can_be_declined(join):
    deaf, hears, one = await join("Sina", events=False), await join("Till"), await join("Uwe")
    await one.send("gesture", emote="clap")
    await hears.expect("event", kind="emote", person=one.person)
    await deaf.sync()
    assert not deaf.received("event")


async def test_a_door_opens_and_is_told(join, world):
    space, door = quiet_door_of(world)
    one = await join("Vico", space=space, view="list")


    async def state(wanted: str) -> None:
        await one.until(lambda: any(n["node"] == door and n.get("state") == wanted for n in one.nodes.values()), wanted)

    await state("closed")
    await one.send("interact", node=door, action="open", ref=1)
    await state("open")
    await one.expect("event", kind="opened", node=door)


async def test_a_door_is_out_of_reach_from_afar(join, world):
    space, door = node_of(world, lambda n: n.get("components", {}).get("dynamic", {}).get("motion") == "door")
    one = await join("Wilma", space=space)
    await one.send("goto", area=farthest_area(world, space, door))
    await one.expect("correct")
    await one.send("interact", node=door, action="open", ref=1)
    error = await one.expect("error", ref=1)
    assert (error["code"], error["retry"]) == ("too-far", "now")


async def test_a_moderators_word_needs_the_role(join, world):
    space, area = area_of(world, "bookable", "voice", "quiet", "stage")
    one = await join("Xaver", space=space, key="guessed")
    assert one.welcome["role"] == "guest"
    await one.send("lock", area=area, locked=True, ref=1)
    assert (await one.expect("error", ref=1))["code"] == "not-allowed"


# -- Rates


async def test_chat_above_its_rate_is_dropped_with_a_time_to_wait(join):
    one = await join("Yves", space="living-lab")
    for n in range(7):
        await one.send("chat", to="space", text=f"{n}", ref=n)
    error = await one.expect("error", code="rate-limited")
    assert error["retry"] == "later" and 0 < error["retryAfterMs"] <= 1000 and error["ref"] in (5, 6)
    assert len(one.received("chat")) == 5


async def test_a_flood_closes_with_4010(join):
    one = await join("Zoltan")
    for n in range(160):
        await one.send("ping", n=n)
    assert await one.closed() == 4010


async def test_pong_gives_the_hubs_clock(join):
    one = await join("Amir")
    await one.send("ping", n=2**31)
    first = await one.expect("pong", n=2**31)
    await asyncio.sleep(0.3)
    await one.send("ping", n=-1)
    second = await one.expect("pong", n=-1)
    assert 250 <= second["serverMs"] - first["serverMs"] < 5000
    frame = await one.until(lambda: one.frame_ticks and one.frame_ticks[-1], "a frame")
    assert abs(((frame - round(one.clock.now() / 0.05) + 0x8000) & 0xFFFF) - 0x8000) <= 10
    assert re.fullmatch(r"[A-Za-z0-9_-]+", one.person)
