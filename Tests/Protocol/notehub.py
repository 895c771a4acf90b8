"""Boards and their notes for tests, and rounds of a hub that is killed while people write."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from conftest import Hub, start_hub, stop_hub
from hubclient import HubClient

SPACE = "innovation-lab"
BOARD = "board-2-notes"
KEY = "a key for the tests only"


@dataclass
class Tally:
    """What was promised and what was kept, over all rounds."""

    rounds: int = 0
    acked: int = 0
    lost: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    def start(self, quantile: float) -> float:
        ordered = sorted(self.starts)
        return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]


async def notes_of(client: HubClient) -> tuple[int, dict[str, dict]]:
    """The snapshot a client got on arrival: its sequence and the notes by id."""
    first = await client.expect("notes", first=True)
    await client.sync(1)
    notes = {}
    for message in client.received("notes"):
        notes.update({note["id"]: note for note in message["list"]})
    return first["sequence"], notes


async def writer(hub: Hub, name: str, stop: asyncio.Event, acked: dict[int, dict], dice: random.Random) -> None:
    """Puts up, changes and takes down notes until the hub dies; keeps each ack by its sequence."""
    client = HubClient(hub.ws, name)
    own: dict[str, int] = {}
    ref = 0
    try:
        await client.connect(space=SPACE, view="list", events=False)
        while not stop.is_set():
            ref += 1
            if own and dice.random() < 0.5:
                note, rev = dice.choice(list(own.items()))
                if dice.random() < 0.6:
                    await client.send("note", op="delete", note=note, rev=rev, ref=ref)
                else:
                    await client.send("note", op="change", note=note, rev=rev, text=f"{name} {ref}", ref=ref)
            else:
                await client.send("note", op="create", board=BOARD, text=f"{name} {ref}", x=dice.randrange(1001), y=500, ref=ref)
            answer = await client.expect("note", where=lambda body: body.get("ref") == ref, timeout=5)
            acked[answer["sequence"]] = answer
            if answer["op"] == "delete":
                own.pop(answer["note"]["id"], None)
            else:
                own[answer["note"]["id"]] = answer["note"]["rev"]
            await asyncio.sleep(dice.uniform(0, 0.12))
    except (ConnectionClosed, TimeoutError, AssertionError, OSError):
        if not stop.is_set():
            raise
    finally:
        if client.socket is not None:
            await client.drop()


async def kill_rounds(scratch: Path, rounds: int, writers: int = 4, seed: int = 20261123) -> Tally:
    """Rounds of: start on the same folder, compare with all acks so far, write, SIGKILL at a random moment."""
    dice = random.Random(seed)
    tally = Tally()
    acks: dict[int, dict] = {}
    data = scratch / "data"
    key = scratch / "key"
    key.write_text(KEY)
    for number in range(rounds + 1):
        began = time.monotonic()
        hub = await asyncio.to_thread(start_hub, scratch, "--data", str(data), "--moderator-key-file", str(key))
        tally.starts.append(time.monotonic() - began)
        try:
            reader = HubClient(hub.ws, "Reader")
            await reader.connect(space=SPACE, view="list", events=False, key=KEY)
            sequence, notes = await notes_of(reader)
            tally.lost += missing(acks, sequence, notes)
            if number == rounds:
                await reader.leave()
                break
            stop = asyncio.Event()
            tasks = [
                asyncio.create_task(writer(hub, f"w{number}-{index}", stop, acks, random.Random(dice.random())))
                for index in range(writers)
            ]
            before = len(acks)
            # The authors of former rounds are gone: a moderator keeps the boards from filling up.
            for id in list(notes)[: max(0, min(30, len(notes) - 60))]:
                await reader.send("note", op="delete", note=id, rev=notes[id]["rev"])
            await asyncio.sleep(dice.uniform(0.4, 1.2))
            stop.set()
            hub.process.send_signal(signal.SIGKILL)
            hub.process.wait()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result
            await reader.drop()
            # An op may be durable without its ack having arrived: others heard of it, or nobody did.
            for message in reader.received("note"):
                acks.setdefault(message["sequence"], message)
            tally.acked += len(acks) - before
            tally.rounds += 1
        finally:
            if hub.process.poll() is None:
                stop_hub(hub)
    return tally


def missing(acks: dict[int, dict], sequence: int, notes: dict[str, dict]) -> list[str]:
    """What was acknowledged and is not there, or there in another state than the last ack left it in."""
    wrong = [f"sequence {number} of {sequence}" for number in acks if number > sequence]
    newest: dict[str, tuple[int, dict]] = {}
    for number, ack in acks.items():
        id = ack["note"]["id"]
        if id not in newest or number > newest[id][0]:
            newest[id] = (number, ack)
    for id, (number, ack) in newest.items():
        there = notes.get(id)
        if ack["op"] == "delete":
            if there is not None:
                wrong.append(f"{id} is back")
        elif there is None:
            # Only an op whose ack never arrived may have taken it down: that has a sequence nobody was told.
            if all(other in acks for other in range(number + 1, sequence + 1)):
                wrong.append(f"{id} is gone")
        elif there["rev"] < ack["note"]["rev"] or (there["rev"] == ack["note"]["rev"] and there["text"] != ack["note"]["text"]):
            wrong.append(f"{id} is at revision {there['rev']}, acknowledged was {ack['note']['rev']}")
    return wrong
