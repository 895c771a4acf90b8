"""Sticky notes: PROTOCOL.md `note` and `notes`, and what is left of them after the hub was killed."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess

from conftest import BINARY, start_hub, stop_hub
from hubclient import HubClient
from notehub import BOARD, SPACE, kill_rounds, notes_of


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(BINARY), *arguments], capture_output=True, text=True, timeout=60)


async def test_a_note_reaches_everybody_in_the_space_and_those_who_come_later(join):
    one = await join("Aylin", space=SPACE)
    two = await join("Ben", space=SPACE)
    other = await join("Cem", space="foyer")
    await one.send("note", op="create", board=BOARD, text="<b>Idee</b>\n\n\n\u202eX", color="green", x=100, y=900, ref=5)
    ack = await one.expect("note", ref=5)
    note = ack["note"]
    assert note["text"] == "<b>Idee</b>\n\nX" and note["color"] == "green" and (note["x"], note["y"]) == (100, 900)
    told = await two.expect("note", sequence=ack["sequence"])
    assert told["note"] == note and told["name"] == "Aylin" and "ref" not in told
    late = await join("Dora", space=SPACE)
    sequence, notes = await notes_of(late)
    assert notes[note["id"]] == note and sequence >= ack["sequence"]
    await two.send("note", op="move", note=note["id"], rev=1, x=5, y=6, ref=1)
    await one.expect("note", op="move")
    await one.send("note", op="change", note=note["id"], rev=1, text="late", ref=6)
    assert (await one.expect("error", ref=6))["code"] == "conflict"
    await two.send("note", op="delete", note=note["id"], rev=2, ref=2)
    assert (await two.expect("error", ref=2))["code"] == "not-allowed"
    await one.send("note", op="delete", note=note["id"], rev=2, ref=7)
    gone = await late.expect("note", op="delete")
    assert gone["note"] == {"id": note["id"]}
    await other.sync()
    assert not other.received("note") and not other.received("notes")


async def test_a_wrong_type_in_a_note_is_a_bad_message(join):
    client = await join("Aylin", space=SPACE)
    await client.send("note", op="create", board=BOARD, text=7)
    assert (await client.expect("error"))["code"] == "bad-message"


async def test_acknowledged_notes_survive_kill_9(tmp_path):
    rounds = int(os.environ.get("HUB_KILL_ROUNDS", "5"))
    tally = await kill_rounds(tmp_path, rounds)
    print(
        f"kill -9: {tally.rounds} rounds, {tally.acked} acked, {len(tally.lost)} lost, "
        f"start p50 {tally.start(0.5):.2f} s, p99 {tally.start(0.99):.2f} s"
    )
    assert tally.lost == []
    assert tally.rounds == rounds and tally.acked > rounds
    said = run("verify", str(tmp_path / "data"))
    assert said.returncode == 0 and said.stdout.endswith("sound\n"), said.stderr
    assert chain_of_file(tmp_path / "data" / "hub.sqlite") > 0


def chain_of_file(path) -> int:
    """Checks the chain of every space without the hub (docs/RELIABILITY.md, "The log"); returns how many records it ran over."""
    count = 0
    with sqlite3.connect(path) as base:
        for space, sequence, base_sequence, chain, start in base.execute("SELECT id, sequence, baseSequence, chain, baseChain FROM space"):
            reached = base_sequence
            for number, epoch, digest, linked, payload in base.execute(
                    "SELECT sequence, epoch, digest, chain, payload FROM op WHERE space = ? ORDER BY sequence", (space,)):
                assert number == reached + 1
                assert payload is None or hashlib.sha256(payload).digest() == digest
                start = hashlib.sha256(start + number.to_bytes(8, "little") + epoch.to_bytes(8, "little") + digest).digest()
                assert start == linked
                reached = number
                count += 1
            assert reached == sequence and start == chain
    return count


async def test_backup_beside_a_running_hub_restores_into_another_folder(tmp_path):
    data, backup, other = (str(tmp_path / name) for name in ("data", "backup.sqlite", "other"))
    hub = start_hub(tmp_path, "--data", data)
    client = HubClient(hub.ws, "Aylin")
    try:
        await client.connect(space=SPACE)
        await client.send("note", op="create", board=BOARD, text="keep", ref=1)
        note = (await client.expect("note", ref=1))["note"]
        assert run("backup", data, backup).returncode == 0
        second = run("serve", "--data", data, "--port", "0", "--admin", "127.0.0.1:0")
        assert second.returncode == 1 and "another hub" in second.stderr
        assert run("restore", backup, data).returncode == 1
        assert run("restore", backup, other).returncode == 0
        await client.leave()
    finally:
        stop_hub(hub)
    with open(f"{data}/hub.sqlite", "rb") as file:
        assert b"Aylin" not in file.read()
    again = start_hub(tmp_path, "--data", other)
    client = HubClient(again.ws, "Ben")
    try:
        await client.connect(space=SPACE)
        _, notes = await notes_of(client)
        assert notes == {note["id"]: note}
        await client.leave()
    finally:
        stop_hub(again)


def test_a_damaged_file_keeps_the_hub_from_starting_and_is_named(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "hub.sqlite").write_bytes(b"SQLite format 3\0" + bytes(8000))
    refused = run("serve", "--data", str(data), "--port", "0", "--admin", "127.0.0.1:0")
    assert refused.returncode == 1 and "damaged" in refused.stderr
    assert run("verify", str(data)).returncode == 1
