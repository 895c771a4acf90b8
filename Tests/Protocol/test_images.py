"""Images of exhibits: PROTOCOL.md `upload`, what is refused on the way in, what is served, and what is left after kill -9."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import urllib.error
import urllib.request

from conftest import BINARY, REPOSITORY
from hubclient import HubClient
from notehub import KEY
from pictures import chunk, digest, offered, png, put, uploaded
from test_exhibits import WORDS, keyed  # noqa: F401


def get(hub, name: str) -> tuple[int, dict, bytes]:
    try:
        with urllib.request.urlopen(f"{hub.base}/images/{name}", timeout=8) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


async def put_up(client: HubClient, name: str, ref: int = 1) -> dict:
    await client.send("exhibit", op="create", **WORDS, x=0, z=0, image=name, ref=ref)
    return (await client.expect("exhibit", ref=ref))["exhibit"]


def run(*arguments) -> str:
    return subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=60, check=True, cwd=REPOSITORY).stdout


async def test_an_image_is_shown_with_its_exhibit_and_survives_kill_9_byte_for_byte(keyed, tmp_path):  # noqa: F811
    hub, again = keyed
    host, guest = HubClient(hub.ws, "Hanna"), HubClient(hub.ws, "Gerd")
    await host.connect(key=KEY)
    await guest.connect()
    # As large as it may be: its body comes in many reads.
    size = 384 * 1024
    noise = random.Random(7).randbytes(size - len(png()) - 12)
    picture = png(8, 6, (1, 2, 3), chunk(b"IDAT", noise))
    assert len(picture) == size
    name = await uploaded(hub, host, picture)
    # Nobody sees it before an exhibit has it.
    assert get(hub, name)[0] == 404
    exhibit = await put_up(host, name)
    assert exhibit["image"] == {"sha256": name, "mediaType": "image/png"}
    assert (await guest.expect("exhibit", op="create"))["exhibit"] == exhibit
    other = await uploaded(hub, host, png(9, 9))
    for client in (host, guest):
        await client.drop()
    hub = again()
    status, headers, body = get(hub, name)
    assert status == 200 and body == picture
    assert headers["Content-Type"] == "image/png" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin" and "immutable" in headers["Cache-Control"]
    late = HubClient(hub.ws, "Lena")
    await late.connect(key=KEY)
    assert (await late.expect("exhibits", first=True))["list"] == [exhibit]
    # What no exhibit names is gone after a start, from the file too.
    await late.send("exhibit", op="create", **WORDS, x=0, z=0, image=other, ref=1)
    assert (await late.expect("error", ref=1))["code"] == "unknown-image"
    with sqlite3.connect(tmp_path / "data" / "hub.sqlite") as base:
        assert base.execute("SELECT sha256, mediaType FROM image").fetchall() == [(name, "image/png")]
    # Backups hold it.
    run("backup", tmp_path / "data", tmp_path / "backup.sqlite")
    assert run("restore", tmp_path / "backup.sqlite", tmp_path / "copy").endswith("sound\n")
    with sqlite3.connect(tmp_path / "copy" / "hub.sqlite") as base:
        assert base.execute("SELECT bytes FROM image").fetchall() == [(picture,)]
    # Taken down, it is served to nobody any more; put up again (as undo does), it is there again.
    await late.send("exhibit", op="delete", exhibit=exhibit["id"], rev=1, ref=2)
    await late.expect("exhibit", ref=2)
    assert get(hub, name)[0] == 404
    again_up = await put_up(late, name, 3)
    assert get(hub, name)[0] == 200
    await late.send("exhibit", op="change", exhibit=again_up["id"], rev=1, image="", ref=4)
    assert "image" not in (await late.expect("exhibit", ref=4))["exhibit"]
    assert get(hub, name)[0] == 404
    await late.leave()


async def test_a_key_takes_one_body_and_only_the_one_announced(keyed):  # noqa: F811
    hub, _ = keyed
    host, guest = HubClient(hub.ws, "Hanna"), HubClient(hub.ws, "Gerd")
    await host.connect(key=KEY)
    await guest.connect()
    good = png()
    await guest.send("upload", mediaType="image/png", bytes=len(good), sha256=digest(good), ref=1)
    error = await guest.expect("error", ref=1)
    assert (error["code"], error["verb"], error["needs"]) == ("not-allowed", "exhibit", "host")
    for ref, change in enumerate([
        {"bytes": 0}, {"bytes": 384 * 1024 + 1}, {"mediaType": "image/svg+xml"}, {"mediaType": "text/html"},
        {"sha256": digest(good).upper()}, {"sha256": "ab"},
    ]):
        await host.send("upload", **{"mediaType": "image/png", "bytes": len(good), "sha256": digest(good), **change}, ref=ref)
        assert (await host.expect("error", ref=ref))["code"] == "bad-value"
    await host.send("exhibit", op="create", **WORDS, x=0, z=0, image=digest(good), ref=10)
    assert (await host.expect("error", ref=10))["code"] == "unknown-image"
    # Another method, page, length or content; each key is used up by the first body that was let in.
    url = await offered(host, good)
    assert (await put(hub, url, b"", method="GET"))[0] == 405
    assert (await put(hub, url, good + b"x"))[0] == 413
    assert (await put(hub, url, good[:-1]))[0] == 400
    assert (await put(hub, url, good, Origin="https://elsewhere.example"))[0] == 403
    assert (await put(hub, url, good))[0] == 409
    assert (await put(hub, "/uploads/unknown", good))[0] == 410
    await host.leave()
    host = HubClient(hub.ws, "Hanna")
    await host.connect(key=KEY)
    url = await offered(host, good)
    assert await put(hub, url, bytes(len(good))) == (422, "digest")
    assert (await put(hub, url, good))[0] == 410
    for data, media_type, answer in [
        (png(4, 4, (0, 0, 0), chunk(b"eXIf", b"II*\0 here and then")), "image/png", (422, "metadata")),
        (png(5000, 4), "image/png", (422, "size")),
        (good, "image/jpeg", (415, "media-type")),
    ]:
        assert await put(hub, await offered(host, data, media_type), data) == answer
    await host.leave()
    host = HubClient(hub.ws, "Hanna")
    await host.connect(key=KEY)
    page = b"<!doctype html><script>alert(1)</script>"
    assert await put(hub, await offered(host, page), page) == (415, "no-image")
    # What was refused counts no more: four may wait for an exhibit, no fifth.
    for colour in range(4):
        await uploaded(hub, host, png(8, 6, (colour, 0, 0)))
    await host.send("upload", mediaType="image/png", bytes=len(good), sha256=digest(good), ref=11)
    assert (await host.expect("error", ref=11))["code"] == "quota"
    await put_up(host, digest(png(8, 6, (0, 0, 0))), 12)
    await uploaded(hub, host, good)
    await host.leave()


async def test_the_data_of_a_person_holds_their_images(keyed, tmp_path):  # noqa: F811
    hub, again = keyed
    host = HubClient(hub.ws, "Hanna")
    await host.connect(key=KEY)
    picture = png(8, 6, (5, 5, 5))
    exhibit = await put_up(host, await uploaded(hub, host, picture))
    stray = await uploaded(hub, host, png(3, 3))
    await host.leave()
    hub.process.kill()
    hub.process.wait()
    lines = [json.loads(line) for line in run("export-person", tmp_path / "data", exhibit["author"]).splitlines()]
    assert lines[0]["exhibits"] == [exhibit]
    import base64
    assert [base64.b64decode(line["base64"]) for line in lines if line.get("image") == digest(picture)] == [picture]
    run("erase-person", tmp_path / "data", exhibit["author"])
    with sqlite3.connect(tmp_path / "data" / "hub.sqlite") as base:
        assert base.execute("SELECT sha256 FROM image").fetchall() == [(digest(picture),)], f"{stray} is named by nobody"
    hub = again()
    assert get(hub, digest(picture))[2] == picture
