"""docs/DATA-PROTECTION.md against the files of a hub in use; what is kept of a person can be shown, erased, and ends by itself."""

from __future__ import annotations

import fnmatch
import json
import re
import sqlite3
import subprocess

from conftest import BINARY, REPOSITORY, WORLD, start_hub, stop_hub
from hubclient import HubClient
from notehub import BOARD, KEY, SPACE, notes_of
from pictures import png, uploaded

ACCOUNT = "planted.account@example.org"
NAME = "Plantednames"


def run(*arguments, check: bool = True) -> subprocess.CompletedProcess:
    return subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=60, check=check, cwd=REPOSITORY)


def documented() -> set[tuple[str, str, str]]:
    """(file, table or object, field) of the table; a row without fields names a file."""
    text = (REPOSITORY / "docs" / "DATA-PROTECTION.md").read_text()
    rows = set()
    for line in text.split("## On the disk")[1].split("## In memory")[0].splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        if not line.startswith("| ") or len(cells) != 6 or cells[0] == "file":
            continue
        for field in cells[2].split(", "):
            rows.add((cells[0], cells[1], field))
    assert len(rows) > 40, "the table was not read"
    return rows


class UsedHub:
    """A hub whose every kind of record has been written once, and then stopped."""

    def __init__(self, scratch) -> None:
        self.scratch, self.data, keys = scratch, scratch / "data", scratch / "keys.json"
        (scratch / "key").write_text(KEY)
        run("token", "key", "--out", keys)
        self.options = ("--data", str(self.data), "--token-keys", str(keys), "--moderator-key-file", str(scratch / "key"))
        self.token = run("token", "invite", "--keys", keys, "--world", WORLD, "--account", ACCOUNT, "--uses", "9", "--bare").stdout.strip()

    async def use(self) -> str:
        """Returns the author's id of the account."""
        hub = start_hub(self.scratch, *self.options)
        person, guest, moderator = (HubClient(hub.ws, name) for name in (NAME, NAME + "Guest", NAME + "Moderator"))
        try:
            await person.connect(space=SPACE, token=self.token)
            await guest.connect(space=SPACE)
            await moderator.connect(space=SPACE, key=KEY)
            author = await put_up(person, "planted text one", 1)
            await put_up(guest, "stays", 1)
            await person.send("note", op="vote", note="n2", on=True, ref=2)
            await person.expect("note", ref=2)
            await guest.send("note", op="vote", note="n1", on=True, ref=2)
            await guest.expect("note", ref=2)
            await person.send("chat", to="space", text="planted chat")
            await guest.expect("chat", text="planted chat")
            await moderator.send("exhibit", op="create", title={"de": "Modell"}, text={"de": "Text"}, alt={"de": "Ein Modell"},
                                 link="https://example.org", image=await uploaded(hub, moderator, png()), x=0, z=0, ref=2)
            await moderator.expect("exhibit", ref=2)
            await moderator.send("moderate", action="mute", person=person.welcome["person"], ref=1)
            await moderator.sync(2)
            for client in (person, guest, moderator):
                await client.leave()
        finally:
            # Killed, so that the write-ahead log is there to be looked at.
            hub.process.kill()
            hub.process.wait()
            stop_hub(hub)
        self.output = "\n".join(hub.output)
        return author


async def put_up(client: HubClient, text: str, ref: int) -> str:
    await client.send("note", op="create", board=BOARD, text=text, ref=ref)
    return (await client.expect("note", ref=ref))["note"]["author"]


def found(data) -> set[tuple[str, str, str]]:
    """Everything that is in the folder, in the words of the table."""
    seen = set()
    for path in data.iterdir():
        if path.name not in ("hub.sqlite", "administration.jsonl", "bookings.jsonl"):
            seen.add((path.name, "", ""))
    with sqlite3.connect(data / "hub.sqlite") as base:
        for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for column in base.execute(f"PRAGMA table_info({table})").fetchall():
                seen.add(("hub.sqlite", table, column[1]))
        payloads = [json.loads(row[0]) for row in base.execute("SELECT payload FROM op WHERE payload IS NOT NULL")]
        states = [json.loads(row[0]) for row in base.execute("SELECT state FROM space WHERE state IS NOT NULL")]
    for kind, objects in (("op", payloads), ("snapshot", states)):
        for value in objects:
            seen |= {("", kind, key) for key in value}
            for thing in ("note", "exhibit"):
                for entry in value.get(thing + "s", []) + ([value[thing]] if thing in value else []):
                    seen |= {("", thing, key) for key in entry}
    kinds = {"secret": "secret", "ban": "ban", "unban": "unban", "act": "act", "revoke": "revoke", "use": "use"}
    for line in (data / "administration.jsonl").read_text().splitlines():
        record = json.loads(line)
        seen |= {("administration.jsonl", kinds[record["t"]], key) for key in record}
    return seen


def holding(data, needle: str) -> list[str]:
    return [path.name for path in data.iterdir() if needle.encode() in path.read_bytes()]


async def test_what_is_on_the_disk_is_what_the_table_says(tmp_path):
    hub = UsedHub(tmp_path)
    await hub.use()
    table, seen = documented(), found(hub.data)
    undocumented = {row for row in seen if row not in table}
    assert not undocumented, "docs/DATA-PROTECTION.md does not name these"
    # The other way: every table and column it names is there (objects may have optional keys that this run had no use for).
    assert {row for row in table if row[0] == "hub.sqlite"} <= seen
    assert {row for row in table if row[0] == "" and row[1] in ("note", "exhibit")} <= seen
    for planted in (NAME, ACCOUNT, "127.0.0.1", "planted chat"):
        assert holding(hub.data, planted) == [], planted
        assert planted == "127.0.0.1" or planted not in hub.output
    assert (hub.data / "hub.sqlite").stat().st_mode & 0o077 == 0 or hub.data.stat().st_mode & 0o077 == 0


async def test_a_person_is_shown_what_is_kept_and_erased_from_every_file(tmp_path):
    hub = UsedHub(tmp_path)
    author = await hub.use()
    lines = run("export-person", hub.data, ACCOUNT).stdout.splitlines()
    notes = json.loads(lines[0])
    assert [note["text"] for note in notes["notes"]] == ["planted text one"] and notes["votedFor"] == ["n2"]
    acts = [json.loads(line) for line in lines[1:]]
    assert [act["verb"] for act in acts if act["t"] == "act"] == ["mute"]
    pseudonym = next(act["target"] for act in acts)
    # Rooms booked through the hub: two of the person, one of somebody's visit, and a last line that a crash tore.
    steps = [("b1", pseudonym, "intent"), ("b1", pseudonym, "booked"), ("b2", pseudonym, "booked"), ("b3", "p-of-a-visit", "booked")]
    (hub.data / "bookings.jsonl").write_text("".join(
        json.dumps({"id": id, "room": "room", "resource": f"{id}.ics", "start": 4_000_000_000, "end": 4_000_003_600, "owner": owner, "state": state}) + "\n"
        for id, owner, state in steps) + '{"id": "b4", "own')
    shown = [json.loads(line) for line in run("export-person", hub.data, ACCOUNT).stdout.splitlines()]
    assert [(line["id"], line["state"]) for line in shown if line.get("t") == "booking"] == [("b1", "booked"), ("b2", "booked")]
    assert run("export-person", hub.data, pseudonym).stdout.splitlines()[0] == lines[0]
    assert json.loads(run("export-person", hub.data, author).stdout.splitlines()[0]) == notes
    assert run("export-person", hub.data, "nobody@example.org").stdout == ""
    running = start_hub(tmp_path, *hub.options)
    refused = run("erase-person", hub.data, ACCOUNT, check=False)
    stop_hub(running)
    assert refused.returncode == 1 and "another process" in refused.stderr
    said = run("erase-person", hub.data, ACCOUNT).stdout
    assert said.startswith("2 notes and votes erased, 2 bookings disowned; 1 administrative records stay"), said
    assert run("verify", hub.data).stdout.endswith("sound\n")
    for planted in ("planted text one", author, ACCOUNT):
        assert holding(hub.data, planted) == [], planted
    assert holding(hub.data, pseudonym) == ["administration.jsonl"]
    left = {entry["id"]: entry["owner"] for entry in map(json.loads, (hub.data / "bookings.jsonl").read_text().splitlines())}
    assert left == {"b1": "", "b2": "", "b3": "p-of-a-visit"}
    assert all(json.loads(line)["t"] == "act" for line in run("export-person", hub.data, ACCOUNT).stdout.splitlines())
    # The hub starts on what is left, the others' notes are there, and the person comes back as a new author.
    again = start_hub(tmp_path, *hub.options)
    try:
        client = HubClient(again.ws, NAME)
        await client.connect(space=SPACE, token=hub.token)
        _, left = await notes_of(client)
        assert [(note["text"], note["votes"]) for note in left.values()] == [("stays", 0)]
        assert await put_up(client, "later", 1) != author
        await client.leave()
    finally:
        stop_hub(again)


async def test_authors_that_were_not_here_for_long_are_forgotten_by_themselves(tmp_path):
    hub = UsedHub(tmp_path)
    author = await hub.use()

    def known(change: str = "SELECT 1") -> list:
        with sqlite3.connect(hub.data / "hub.sqlite") as base:
            base.execute(change)
            return base.execute("SELECT id, seen FROM author").fetchall()

    ((id, today),) = known()
    assert id == author
    for days, left in ((364, [author]), (366, [])):
        known(f"UPDATE author SET seen = {today - days}")
        stop_hub(start_hub(tmp_path, *hub.options))
        assert [row[0] for row in known()] == left
    # What they wrote stays, and nothing leads to the account.
    assert not re.search("planted text", run("export-person", hub.data, ACCOUNT).stdout)
    assert run("verify", hub.data).returncode == 0


def test_the_table_names_every_kind_of_administrative_record():
    source = (REPOSITORY / "Sources/HubServer/Administration/RecordText.swift").read_text()
    members = source.split("private static func members")[1].split("/// Nil:")[0]
    kinds = set(re.findall(r'\.init\("t", \.string\("(\w+)"\)\)', members))
    table = {row[1] for row in documented() if fnmatch.fnmatch(row[0], "administration.jsonl")}
    assert kinds and kinds | {"secret"} == table
    keys = set(re.findall(r'(?:\.init|text)\("(\w+)"', members))
    assert keys - {row[2] for row in documented() if row[0] == "administration.jsonl"} == set()
