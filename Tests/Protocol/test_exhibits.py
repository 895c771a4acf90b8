"""Exhibits: PROTOCOL.md `exhibit` and `exhibits`, and what is left of them after the hub was killed."""

from __future__ import annotations

import pytest

from conftest import start_hub, stop_hub
from hubclient import HubClient
from notehub import KEY

SPACE = "showroom"
WORDS = {"title": {"de": "Wärmenetz", "en": "Heat grid"}, "text": {"de": "So heizt die Stadt.\n<b>Bald</b>"}, "alt": {"de": "Ein Modell mit roten Rohren"}}


@pytest.fixture
def keyed(tmp_path):
    """A hub with a moderators' key and a folder; `again()` kills it and starts another on the same folder."""
    (tmp_path / "key").write_text(KEY)
    options = ("--data", str(tmp_path / "data"), "--moderator-key-file", str(tmp_path / "key"))
    running = [start_hub(tmp_path, *options)]

    def again():
        running[-1].process.kill()
        running[-1].process.wait()
        running.append(start_hub(tmp_path, *options))
        return running[-1]

    yield running[0], again
    stop_hub(running[-1])


async def test_an_exhibit_is_for_everybody_in_the_space_and_survives_kill_9(keyed, world):
    hub, again = keyed
    space = SPACE if any(entry["id"] == SPACE for entry in world["spaces"]) else world["spaces"][0]["id"]
    host, guest, other = (HubClient(hub.ws, name) for name in ("Hanna", "Gerd", "Olga"))
    await host.connect(space=space, key=KEY)
    await guest.connect(space=space)
    await other.connect(space=next(entry["id"] for entry in world["spaces"] if entry["id"] != space))
    await host.send("exhibit", op="create", **WORDS, link="https://example.org/a", x=100, z=-100, ref=1)
    ack = await host.expect("exhibit", ref=1)
    told = await guest.expect("exhibit", sequence=ack["sequence"])
    assert told["exhibit"] == ack["exhibit"] and told["name"] == "Hanna" and "ref" not in told
    exhibit = ack["exhibit"]
    assert {key: exhibit[key] for key in WORDS} == WORDS and (exhibit["x"], exhibit["z"]) == (100, -100)
    # Two wishes on one revision: the first is taken, the second is told what stands there.
    await host.send("exhibit", op="move", exhibit=exhibit["id"], rev=1, x=200, z=0, ref=2)
    await host.send("exhibit", op="change", exhibit=exhibit["id"], rev=1, title={"en": "late"}, ref=3)
    assert (await host.expect("error", ref=3))["code"] == "conflict"
    moved = (await host.expect("exhibit", ref=2))["exhibit"]
    for op in ({"op": "create", **WORDS, "x": 0, "z": 0}, {"op": "delete", "exhibit": exhibit["id"], "rev": 2}):
        await guest.send("exhibit", **op, ref=4)
        error = await guest.expect("error", ref=4)
        assert (error["code"], error["verb"], error["needs"]) == ("not-allowed", "exhibit", "host")
        guest.log.clear()
    await other.sync()
    assert not other.received("exhibit") and not other.received("exhibits")
    for client in (host, guest, other):
        await client.drop()
    hub = again()
    late = HubClient(hub.ws, "Lena")
    await late.connect(space=space)
    first = await late.expect("exhibits", first=True)
    assert first["list"] == [moved]
    await late.leave()


@pytest.mark.parametrize("change", [
    {"alt": None}, {"alt": {}}, {"alt": {"de": " "}}, {"title": {"en": "x" * 81}}, {"text": {"de": "x" * 2001}}, {"link": "http://example.org"},
    {"link": "javascript:alert(1)"}, {"x": 10_000_000}, {"x": None}, {"op": "vote"},
])
async def test_what_cannot_be_put_up_is_refused_and_said(keyed, change):
    hub, _ = keyed
    host = HubClient(hub.ws, "Hanna")
    await host.connect(key=KEY)
    wish = {"op": "create", **WORDS, "x": 0, "z": 0, **change}
    await host.send("exhibit", **{key: value for key, value in wish.items() if value is not None}, ref=1)
    assert (await host.expect("error", ref=1))["code"] == "bad-value"
    await host.leave()


async def test_a_wrong_type_in_an_exhibit_is_a_bad_message(join):
    client = await join("Aylin")
    await client.send("exhibit", op="create", title="no object")
    assert (await client.expect("error"))["code"] == "bad-message"
