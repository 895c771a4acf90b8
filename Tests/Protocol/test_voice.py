"""Voice over the wire: links, relay between the two of a link and nobody else, floods. docs/PROTOCOL.md, section 5, Voice."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time

from conftest import start_hub, stop_hub
from hubclient import HubClient

OFFER = "\r\n".join([
    "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:x", "a=ice-pwd:y", "a=fingerprint:sha-256 AA:BB", "a=setup:actpass", "a=mid:0", "a=sendrecv",
    "a=rtpmap:111 opus/48000/2", ""])
# Each test in an area of its own: who was cut off keeps their place there for half a minute.
SPACE = "innovation-lab"


async def speaker(join, name: str, area: str | None):
    client = await join(name, view="list", space=SPACE)
    if area:
        await client.send("goto", area=area)
        await client.expect("correct", reason="goto")
    await client.send("voice", op="join")
    await client.expect("voice", op="room")
    return client


async def linked(a, b) -> int:
    mine = await a.expect("voice", op="peer+", id=b.id)
    theirs = await b.expect("voice", op="peer+", id=a.id)
    assert mine["epoch"] == theirs["epoch"] and mine["polite"] != theirs["polite"]
    return mine["epoch"]


async def test_a_description_reaches_the_one_it_is_for_with_its_true_sender(join):
    a, b = await speaker(join, "A", "project-1"), await speaker(join, "B", "project-1")
    epoch = await linked(a, b)
    assert (await a.expect("voice", op="ice"))["servers"] == []
    await a.send("voice", op="desc", to=b.id, epoch=epoch, type="offer", sdp=OFFER, **{"from": 4711})
    got = await b.expect("voice", op="desc")
    assert got["from"] == a.id and got["sdp"] == OFFER and got["epoch"] == epoch


async def test_strangers_old_epochs_and_bad_descriptions_reach_nobody(join):
    a, b = await speaker(join, "A", "project-2"), await speaker(join, "B", "project-2")
    epoch = await linked(a, b)
    stranger = await speaker(join, "C", area=None)
    for sender, to, at in ((stranger, b, epoch), (a, b, epoch + 1), (a, stranger, epoch)):
        await sender.send("voice", op="desc", to=to.id, epoch=at, type="offer", sdp=OFFER, ref=1)
        await sender.expect("error", code="not-linked", ref=1)
    for bad in ("", "v=0", OFFER.replace("audio", "video"), OFFER.replace("sha-256", "md5"), "v=0\r\na=" + "x" * 7000):
        await a.send("voice", op="desc", to=b.id, epoch=epoch, type="offer", sdp=bad, ref=2)
        await a.expect("error", code="bad-value", ref=2)
    await a.send("voice", op="cand", to=b.id, epoch=epoch, cand="candidate:1 1 udp 1 example.org 9 typ host", ref=3)
    await a.expect("error", code="bad-value", ref=3)
    # Out of the room: the link is gone for both, and so is its epoch.
    await b.send("goto", area="vr-talk")
    await a.expect("voice", op="peer-", id=b.id, epoch=epoch)
    await a.send("voice", op="desc", to=b.id, epoch=epoch, type="offer", sdp=OFFER, ref=4)
    await a.expect("error", code="not-linked", ref=4)
    assert not b.received("voice", op="desc") and not stranger.received("voice", op="desc")


async def test_a_flood_is_cut_and_its_room_goes_on(join):
    a, b = await speaker(join, "A", "project-3"), await speaker(join, "B", "project-3")
    third = await speaker(join, "C", "project-3")
    epoch, other = await linked(a, b), await linked(b, third)
    frames = len(b.frame_ticks)

    async def flood():
        for _ in range(10_000):
            await a.send("voice", op="cand", to=b.id, epoch=epoch, cand="candidate:1 1 udp 1 127.0.0.1 9 typ host", mid="0")

    sending = asyncio.ensure_future(flood())
    # Where the flood is still in the pipe, the system may drop the close frame with it.
    assert await a.closed(30) in (4010, 1006)
    await asyncio.gather(sending, return_exceptions=True)
    await third.send("voice", op="desc", to=b.id, epoch=other, type="offer", sdp=OFFER)
    await b.expect("voice", op="desc", **{"from": third.id})
    await b.until(lambda: len(b.frame_ticks) > frames + 10, "frames go on")
    assert len(b.received("voice", op="cand")) <= 200


async def test_a_description_of_65_kib_ends_the_connection(join):
    a, b = await speaker(join, "A", "printer-talk"), await speaker(join, "B", "printer-talk")
    epoch = await linked(a, b)
    await a.send("voice", op="desc", to=b.id, epoch=epoch, type="offer", sdp="a=x\r\n" * 13_108)
    assert await a.closed() == 1009
    assert not b.received("voice", op="desc")


async def test_five_in_a_room_are_told_who_has_no_sound_and_read_each_other(join):
    people = [await speaker(join, name, "board-wall") for name in "ABCDE"]
    last = people[-1]
    await last.until(lambda: any(len(room["beyond"]) == 4 for room in last.received("voice", op="room")), "four beyond")
    assert not last.received("voice", op="peer+")
    await last.send("voice", op="caption", text="Hallo zusammen")
    for client in people[:-1]:
        assert (await client.expect("voice", op="caption"))["text"] == "Hallo zusammen"
    await people[0].send("voice", op="leave")
    await last.expect("voice", op="peer+")


async def test_relay_passwords_live_ten_minutes_and_follow_the_secret_in_the_file(tmp_path):
    def signed(name: str, secret: str) -> str:
        return base64.b64encode(hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()).decode()

    file = tmp_path / "secret"
    file.write_text("the-first-secret-of-all\nan-older-one-still-taken\n")
    hub = await asyncio.to_thread(
        start_hub, tmp_path, "--turn-url", "turn:relay.example.org:3478", "--turn-secret-file", str(file))
    client = HubClient(hub.ws, "A")
    try:
        await client.connect(view="list")
        await client.send("voice", op="join")
        [server] = (await client.expect("voice", op="ice"))["servers"]
        ends, session = server["username"].split(":")
        assert server["urls"] == ["turn:relay.example.org:3478"]
        assert 590 <= int(ends) - time.time() <= 610 and session.isdigit() and client.person not in server["username"]
        assert server["credential"] == signed(server["username"], "the-first-secret-of-all")
        file.write_text("a-new-secret-that-follows\n")
        for _ in range(30):
            await asyncio.sleep(1)
            await client.send("voice", op="ice")
            [server] = (await client.expect("voice", op="ice"))["servers"]
            if server["credential"] == signed(server["username"], "a-new-secret-that-follows"):
                break
            assert server["credential"] == signed(server["username"], "the-first-secret-of-all")
        else:
            raise AssertionError("the new secret was never used")
        assert not any("secret" in line and "first" in line for line in hub.output)
    finally:
        await client.leave()
        await asyncio.to_thread(stop_hub, hub)
