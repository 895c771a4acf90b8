"""A hub of today takes over the data file of an earlier one, with everything that is in it, and so does one after kill -9."""

import sqlite3
import subprocess

import pytest

from conftest import BINARY, start_hub, stop_hub
from hubclient import HubClient
from notehub import BOARD, SPACE, notes_of

# What each version of the file has brought, newest first: tables by the migration that makes them.
BROUGHT = {"3-images": ["image"], "2-authors": ["author"]}


@pytest.mark.parametrize("back", range(1, len(BROUGHT) + 1), ids=["before images", "before authors"])
async def test_a_file_of_an_earlier_version_is_taken_over_whole(tmp_path, back):
    data = tmp_path / "data"
    hub = start_hub(tmp_path, "--data", str(data))
    client = HubClient(hub.ws, "Aylin")
    await client.connect(space=SPACE)
    for ref in range(1, 4):
        await client.send("note", op="create", board=BOARD, text=f"note {ref}", ref=ref)
        await client.expect("note", ref=ref)
    await client.leave()
    stop_hub(hub)
    with sqlite3.connect(data / "hub.sqlite") as base:
        known = {row[0] for row in base.execute("SELECT identifier FROM grdb_migrations")}
        assert known == {"1-log", *BROUGHT}, "a new version of the file belongs into BROUGHT"
        for migration in list(BROUGHT)[:back]:
            for table in BROUGHT[migration]:
                base.execute(f"DROP TABLE {table}")
            base.execute("DELETE FROM grdb_migrations WHERE identifier = ?", [migration])
    base.close()
    # The first start of the new hub is cut short; the next one finds all there is.
    hub = start_hub(tmp_path, "--data", str(data))
    hub.process.kill()
    hub.process.wait()
    hub = start_hub(tmp_path, "--data", str(data))
    try:
        client = HubClient(hub.ws, "Ben")
        await client.connect(space=SPACE)
        _, notes = await notes_of(client)
        assert sorted(note["text"] for note in notes.values()) == ["note 1", "note 2", "note 3"]
        await client.send("note", op="create", board=BOARD, text="later", ref=4)
        await client.expect("note", ref=4)
        await client.leave()
    finally:
        stop_hub(hub)
    assert subprocess.run([BINARY, "verify", data], capture_output=True, text=True).stdout.endswith("sound\n")
