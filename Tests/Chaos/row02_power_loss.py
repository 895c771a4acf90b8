#!/usr/bin/env python3
"""Row 2: power fails before every write of the log (Tests/Faults/disk_record.c): whatever of the unsynced is lost or torn,
every acknowledged note is there, the chain of records is whole, and the file is sound.

row02_power_loss.py [NOTES [SEED]]
"""

import asyncio
import random
import sqlite3
import struct
import subprocess
import sys
import time

from edge_common import REPOSITORY, HubClient, run, start_hub, stop_hub
from notehub import BOARD, SPACE
from test_notes import chain_of_file

NOTES = int(sys.argv[1]) if len(sys.argv) > 1 else 60
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 2
ENTRY = struct.Struct("<QcBHIq")
SECTOR = 512


def diary(path) -> list[tuple[float, str, int, bytes, int]]:
    """(seconds, kind, file, bytes, offset) of every entry."""
    data, at, entries = path.read_bytes(), 0, []
    while at < len(data):
        nanoseconds, kind, file, _, length, offset = ENTRY.unpack_from(data, at)
        at += ENTRY.size
        entries.append((nanoseconds / 1e9, kind.decode(), file, data[at:at + length], offset))
        at += length
    return entries


def apply(image: bytearray, kind: str, data: bytes, offset: int) -> None:
    if kind == "T":
        del image[offset:]
        image.extend(bytes(offset - len(image)))
    else:
        image.extend(bytes(max(0, offset + len(data) - len(image))))
        image[offset:offset + len(data)] = data


class Disk:
    """What has reached the plates, and what has not been synced yet, of both files."""

    def __init__(self) -> None:
        self.synced: list[bytearray] = [bytearray(), bytearray()]
        self.pending: list[list[tuple[str, bytes, int]]] = [[], []]

    def take(self, kind: str, file: int, data: bytes, offset: int, lies: bool = False) -> None:
        if kind == "U":
            self.synced[file], self.pending[file] = bytearray(), []
        elif kind != "S":
            self.pending[file].append((kind, data, offset))
        elif not lies:
            for change in self.pending[file]:
                apply(self.synced[file], *change)
            self.pending[file] = []

    def after_power_loss(self, how: str, dice: random.Random) -> list[bytearray]:
        images = [bytearray(image) for image in self.synced]
        for file, changes in enumerate(self.pending):
            for index, (kind, data, offset) in enumerate(changes):
                last = index == len(changes) - 1
                if how == "none" or how == "some" and dice.random() < 0.5:
                    continue
                if how == "torn" and last and kind == "W":
                    data = data[:len(data) // 2 // SECTOR * SECTOR or len(data) // 2]
                apply(images[file], kind, data, offset)
        return images


def found(folder, images: list[bytearray]) -> tuple[set[str], int]:
    """The notes in those files, as SQLite opens them, and how many records were checked."""
    folder.mkdir(exist_ok=True)
    path = folder / "hub.sqlite"
    for old in folder.iterdir():
        old.unlink()
    path.write_bytes(images[0])
    if images[1]:
        (folder / "hub.sqlite-wal").write_bytes(images[1])
    base = sqlite3.connect(path)
    try:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'op'").fetchall():
            return set(), 0
        payloads = b"".join(row[0] for row in base.execute("SELECT payload FROM op WHERE payload IS NOT NULL"))
    finally:
        base.close()
    records = chain_of_file(path)
    return {text for n in range(2 * NOTES) if (text := f"cut-{n:05d}.").encode() in payloads}, records


async def main(scratch) -> None:
    library, record, data = scratch / "disk_record.so", scratch / "record", scratch / "data"
    source = REPOSITORY / "Tests" / "Faults" / "disk_record.c"
    subprocess.run(["clang", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    acks: list[tuple[float, str]] = []
    # Two lives: the second begins with a log that the first has left.
    for life in range(2):
        hub = start_hub(scratch, "--data", str(data), LD_PRELOAD=str(library), HUB_DISK_RECORD=str(record))
        try:
            writers = [HubClient(hub.ws, f"W{n}") for n in range(4)]
            for client in writers:
                await client.connect(space=SPACE)

            async def write(client: HubClient, numbers: range) -> None:
                for number in numbers:
                    text = f"cut-{number:05d}."
                    await client.send("note", op="create", board=BOARD, text=text, ref=number)
                    await client.expect("note", ref=number)
                    acks.append((time.monotonic(), text))
                    await asyncio.sleep(0.11)

            await asyncio.gather(*(
                write(client, range(life * NOTES + n, (life + 1) * NOTES, len(writers))) for n, client in enumerate(writers)))
            ended = time.monotonic()
            for client in writers:
                await client.leave()
        finally:
            stop_hub(hub)
    entries = diary(record)
    dice, disk, liar, folder = random.Random(SEED), Disk(), Disk(), scratch / "cut"
    cuts = states = lost = records = 0
    for seconds, kind, file, change, offset in [*entries, (float("inf"), "S", 0, b"", 0)]:
        if kind != "S" or seconds == float("inf"):
            acked = {text for at, text in acks if at < seconds}
            cuts += 1
            for how in ("none", "all", "some", "torn"):
                images = disk.after_power_loss(how, dice)
                kept, checked = found(folder, images)
                states, records = states + 1, records + checked
                missing = acked - kept
                if missing:
                    print(f"row 2: cut {cuts}, unsynced {how}: {len(missing)} of {len(acked)} lost")
                lost += len(missing)
        disk.take(kind, file, change, offset)
        if seconds < ended:
            liar.take(kind, file, change, offset, lies=file == 1)
    # So that this can fail: the diary is complete, and a disk whose log is never synced loses what was acknowledged.
    for file, name in enumerate(("hub.sqlite", "hub.sqlite-wal")):
        there = data / name
        assert (there.read_bytes() if there.exists() else b"") == disk.after_power_loss("all", dice)[file], f"{name} differs"
    kept, _ = found(folder, liar.after_power_loss("none", dice))
    lies = len({text for _, text in acks} - kept)
    assert lies > NOTES // 2, "a lying disk should have lost notes"
    print(f"row 2: {cuts} cut points tried, {states} states, {records} records checked, {len(acks)} acked, lost {lost}; "
          f"a disk that lies about syncs lost {lies} (seed {SEED})")
    assert lost == 0 and len(acks) == 2 * NOTES and cuts > NOTES


run(main)
