"""A disk that is full, fails or stalls (Tests/Faults/disk_faults.c, preloaded): no false acknowledgement, everything else goes on."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from conftest import BINARY, REPOSITORY, start_hub, stop_hub
from hubclient import HubClient
from notehub import BOARD, SPACE, notes_of

# More in `make chaos`.
OPS = int(os.environ.get("HUB_FAULT_OPS", "6"))
REPLIES = ("note", "error")


@pytest.fixture(scope="session")
def shim(tmp_path_factory) -> Path:
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    assert compiler, "no C compiler: the toolchain brings clang"
    built = tmp_path_factory.mktemp("shim") / "disk_faults.so"
    source = REPOSITORY / "Tests" / "Faults" / "disk_faults.c"
    subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(built), str(source), "-ldl"], check=True)
    return built


class Weather:
    """A hub on a disk that does what it is told."""

    def __init__(self, scratch: Path, shim: Path) -> None:
        self.file, self.data = scratch / "weather", scratch / "data"
        self.set("none")
        self.hub = start_hub(
            scratch, "--data", str(self.data), LD_PRELOAD=str(shim), HUB_DISK_FAULTS=str(self.file))

    def set(self, what: str) -> None:
        partial = self.file.with_suffix(".new")
        partial.write_text(what)
        partial.replace(self.file)


async def put_up(client: HubClient, ref: int) -> dict:
    """The hub's answer, whichever it is."""
    await client.send("note", op="create", board=BOARD, text=f"note {ref}", ref=ref)
    answer = await client.until(
        lambda: next((m.body for m in client.log if m.body.get("t") in REPLIES and m.body.get("ref") == ref), None), f"an answer to {ref}", 30)
    await asyncio.sleep(0.11)  # Ten messages a second are allowed.
    return answer


async def what_is_left(scratch: Path, data: Path) -> set[str]:
    said = subprocess.run([str(BINARY), "verify", str(data)], capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    hub = start_hub(scratch, "--data", str(data))
    reader = HubClient(hub.ws, "Reader")
    try:
        await reader.connect(space=SPACE)
        _, notes = await notes_of(reader)
        await reader.leave()
    finally:
        stop_hub(hub)
    return {note["text"] for note in notes.values()}


@pytest.mark.parametrize("fault", ["full", "sync-error", "write-error", "log-sync-error"])
async def test_what_the_disk_refuses_is_never_acknowledged(tmp_path, shim, fault):
    weather = Weather(tmp_path, shim)
    client, other = HubClient(weather.hub.ws, "Aylin"), HubClient(weather.hub.ws, "Ben")
    acked, refused = set(), []
    try:
        await client.connect(space=SPACE)
        await other.connect(space=SPACE)
        assert (await put_up(client, 1))["t"] == "note"
        acked.add("note 1")
        weather.set(fault)
        for ref in range(2, 2 + OPS // 2):
            answer = await put_up(client, ref)
            # Where the disk would not even keep that it was refused, nobody says more than is known.
            expected = "maybe-stored" if ref == 2 and fault in ("sync-error", "write-error") else "not-stored"
            assert answer["t"] == "error" and answer["code"] == expected, answer
            refused.append(f"note {ref}")
        # People go on talking meanwhile, and nobody has heard of what was refused.
        await client.send("chat", to="space", text="still here")
        await other.expect("chat", text="still here")
        assert {m["note"]["text"] for m in other.received("note")} == acked
        weather.set("none")
        for ref in range(50, 50 + OPS // 2):
            answer = await put_up(client, ref)
            if fault == "full":
                assert answer["t"] == "note", answer
                acked.add(f"note {ref}")
            else:
                # A disk that failed once says nothing about what it holds: no more from this handle.
                assert answer["t"] == "error" and answer["code"] == "not-stored", answer
        # Killed: a hub that ends by itself has SQLite tidy up.
        weather.hub.process.kill()
        weather.hub.process.wait()
        await client.drop()
        await other.drop()
    finally:
        stop_hub(weather.hub)
    mark = weather.data / "hub.sqlite-refused"
    assert mark.exists() == (fault == "log-sync-error")
    if mark.exists():
        # So that this test can fail: without the mark, what was refused comes back.
        unmarked = tmp_path / "unmarked"
        shutil.copytree(weather.data, unmarked)
        (unmarked / mark.name).unlink()
        assert await what_is_left(tmp_path, unmarked) == acked | {"note 2"}
        copy = tmp_path / "copy.sqlite"
        assert subprocess.run([str(BINARY), "backup", str(weather.data), str(copy)], timeout=60).returncode == 0
        subprocess.run([str(BINARY), "restore", str(copy), str(tmp_path / "restored")], check=True, timeout=60)
        assert await what_is_left(tmp_path, tmp_path / "restored") == acked
    left = await what_is_left(tmp_path, weather.data)
    print(f"disk {fault}: {len(acked)} acked, {len(refused)} refused meanwhile, {len(acked - left)} lost, 0 acked falsely")
    assert acked <= left
    assert left <= acked | {"note 2"}
    if fault in ("full", "log-sync-error"):
        assert left == acked and not mark.exists()


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


async def test_a_disk_that_stalls_delays_notes_and_nothing_else(tmp_path, shim):
    weather = Weather(tmp_path, shim)
    client, other = HubClient(weather.hub.ws, "Aylin"), HubClient(weather.hub.ws, "Ben")
    try:
        await client.connect(space=SPACE)
        await other.connect(space=SPACE)
        figures = {}
        note = (await put_up(client, 100))["note"]
        number = 100
        for what in ("none", "slow 500"):
            weather.set(what)
            ack_ms, reply_ms, answered = [], [], []
            for _ in range(OPS):
                number += 1
                began = time.monotonic()
                await client.send("note", op="change", note=note["id"], rev=note["rev"], text=f"note {number}", ref=number)
                was_slow = what != "none"
                stored = asyncio.create_task(client.expect("note", ref=number, timeout=30))
                within = 0
                while not stored.done():
                    asked = time.monotonic()
                    await other.send("ping", n=number * 1000 + within)
                    await other.expect("pong", n=number * 1000 + within)
                    reply_ms.append((time.monotonic() - asked) * 1000)
                    within += not stored.done()
                    await asyncio.sleep(0.11)
                assert not was_slow or time.monotonic() - began >= 0.5, "the disk did not stall"
                note = (await stored)["note"]
                ack_ms.append((time.monotonic() - began) * 1000)
                answered.append(within)
            figures[what] = (quantile(ack_ms, 0.5), quantile(ack_ms, 0.99), quantile(reply_ms, 0.99), min(answered), quantile(reply_ms, 0.5))
        for what, (p50, p99, replies, least, _) in figures.items():
            print(f"disk {what}: ack p50 {p50:.0f} ms, p99 {p99:.0f} ms; replies meanwhile p99 {replies:.1f} ms, at least {least} per op")
        # While each op waited for the disk, others were answered again and again, in a fraction of the stall. Had the hub waited along,
        # no more than the question that was on its way would have been answered.
        assert figures["slow 500"][3] >= 2
        assert figures["slow 500"][4] < 250
        await client.leave()
        await other.leave()
    finally:
        stop_hub(weather.hub)
