"""Bad input gets its documented code (PROTOCOL.md sections 1, 6 and 7), and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import struct

import pytest

from rawsocket import BINARY, CONTINUATION, PING, TEXT, RawSocket
from worldfile import node_of

# The hub sends a frame every 250 ms at least. A loaded machine is late at times; who hears nothing for 3 s counts as lost.
LONGEST_GAP_TICKS = 60
HELLO = {"t": "hello", "protocol": 1, "name": "Mallory"}


def text(**keys) -> bytes:
    return json.dumps(keys).encode()


async def first_word(hub, payload: bytes, opcode: int = TEXT) -> tuple[str | None, int]:
    """Says one thing on a new connection; returns the code of the `error` that came, if any, and the close code."""
    socket = await RawSocket.upgraded(hub)
    socket.frame(opcode, payload)
    code = None
    while True:
        opcode, answer = await socket.receive()
        if opcode == TEXT and (body := json.loads(answer))["t"] == "error":
            code = body["code"]
        elif opcode == 8:
            await socket.end()
            return code, struct.unpack(">H", answer[:2])[0]
        elif opcode == -1:
            await socket.end()
            return code, 1006


@pytest.fixture
def undisturbed(join):
    """Somebody in the same space, whose frames must go on and who must be told nothing odd while the test runs."""

    class Bystander:
        async def __aenter__(self):
            self.client = await join("Bystander")

        async def __aexit__(self, kind, *_):
            if kind is not None:
                return
            client = self.client
            await client.sync()
            frames = len(client.frame_ticks)
            await client.until(lambda: len(client.frame_ticks) > frames, "a further frame")
            ticks = client.frame_ticks
            gaps = [(after - before) & 0xFFFF for before, after in zip(ticks, ticks[1:])]
            assert max(gaps, default=0) <= LONGEST_GAP_TICKS, f"frames came {gaps} ticks apart"
            assert client.close_code is None
            assert not client.received("error") and not client.received("correct")

    return Bystander()


# -- Before the hello


BAD_FIRST_WORDS = {
    "other than hello": (text(t="chat", to="space", text="hi"), TEXT, None, 4000),
    "unknown type": (text(t="teapot"), TEXT, None, 4000),
    "binary": (bytes(14), BINARY, None, 4000),
    "empty binary": (b"", BINARY, None, 4000),
    "empty text": (b"", TEXT, None, 4000),
    "malformed": (b'{"t":"hello"', TEXT, None, 4000),
    "not an object": (b'["hello"]', TEXT, None, 4000),
    "invalid UTF-8": (b'{"t":"hello","name":"\xff\xfe"}', TEXT, None, 1007),
    "too big": (text(**HELLO, client="x" * 4096), TEXT, None, 1009),
    "10 kB name": (text(**{**HELLO, "name": "x" * 10_240}), TEXT, None, 1009),
    "version 2": (text(**{**HELLO, "protocol": 2}), TEXT, "bad-value", 4003),
    "no version": (text(t="hello", name="Mallory"), TEXT, None, 4000),
    "version as text": (text(**{**HELLO, "protocol": "1"}), TEXT, None, 4000),
    "no name": (text(t="hello", protocol=1), TEXT, None, 4000),
    "name as number": (text(**{**HELLO, "name": 7}), TEXT, None, 4000),
    "empty name": (text(**{**HELLO, "name": ""}), TEXT, "bad-name", 4004),
    "name of blanks": (text(**{**HELLO, "name": " \t\n "}), TEXT, "bad-name", 4004),
    "name of controls": (text(**{**HELLO, "name": "\u0001\u202e\u2066\u0007"}), TEXT, "bad-name", 4004),
    "long name": (text(**{**HELLO, "name": "x" * 41}), TEXT, "bad-name", 4004),
    "3 kB name": (text(**{**HELLO, "name": "x" * 3_000}), TEXT, "bad-name", 4004),
    "unknown space": (text(**HELLO, space="atlantis"), TEXT, "unknown-space", 4004),
    "path as space": (text(**HELLO, space="../../etc/passwd"), TEXT, "unknown-space", 4004),
    "unknown view": (text(**HELLO, view="stereo"), TEXT, "bad-value", 4004),
    "profile as text": (text(**HELLO, profile="me"), TEXT, None, 4000),
}


@pytest.mark.parametrize("case", BAD_FIRST_WORDS)
async def test_a_bad_first_word_is_refused_with_its_code(hub, undisturbed, case):
    payload, opcode, error, close = BAD_FIRST_WORDS[case]
    async with undisturbed:
        assert await first_word(hub, payload, opcode) == (error, close)


async def test_a_hello_that_never_comes_closes_with_4002(hub, undisturbed):
    async with undisturbed:
        silent, pinging = await RawSocket.upgraded(hub), await RawSocket.upgraded(hub)
        pinging.frame(PING, b"still here")
        assert await asyncio.gather(silent.closed(), pinging.closed()) == [4002, 4002]
        await silent.end(), await pinging.end()


async def test_a_name_loses_controls_and_bidirectional_overrides(join):
    seer = await join("Seer")
    await join("Mal\u0001lo\u202ery\u2069\u200f\u0085 \u0007X")
    told = await seer.expect("people", where=lambda m: any("lory" in p.get("name", "") for p in m["list"]))
    names = [p["name"] for p in told["list"] if "lory" in p.get("name", "")]
    assert names == ["Mallory X"]


# -- Within a session


BAD_MESSAGES = {
    "malformed": (b'{"t":"ping","n":1', "bad-message"),
    "trailing rubbish": (b'{"t":"ping","n":1} x', "bad-message"),
    "two objects": (b'{"t":"ping","n":1}{"t":"ping","n":2}', "bad-message"),
    "empty": (b"", "bad-message"),
    "null": (b"null", "bad-message"),
    "array": (b'[{"t":"ping","n":1}]', "bad-message"),
    "no type": (b'{"n":1}', "bad-message"),
    "type as number": (b'{"t":7}', "bad-message"),
    "duplicate keys": (b'{"t":"ping","n":1,"n":2}', "bad-message"),
    "duplicate type": (b'{"t":"bye","t":"ping","n":2}', "bad-message"),
    "NaN": (b'{"t":"ping","n":NaN}', "bad-message"),
    "Infinity": (b'{"t":"ping","n":-Infinity}', "bad-message"),
    "number beyond doubles": (b'{"t":"ping","n":1e999}', "bad-message"),
    "number beyond 64 bits": (b'{"t":"ping","n":36893488147419103232}', "bad-message"),
    "fraction for an integer": (b'{"t":"ping","n":1.5}', "bad-message"),
    "text for an integer": (b'{"t":"ping","n":"1"}', "bad-message"),
    "bool for an integer": (b'{"t":"ping","n":true}', "bad-message"),
    "integer for a bool": (b'{"t":"gesture","hand":1}', "bad-message"),
    "deep arrays": (b'{"t":"ping","n":' + b"[" * 3900 + b"]" * 3900 + b"}", "bad-message"),
    "deep objects": (b'{"t":"ping","n":' + b'{"a":' * 1300 + b"1" + b"}" * 1300 + b"}", "bad-message"),
    "lone surrogate": (b'{"t":"chat","to":"space","text":"\\ud800"}', "bad-message"),
    "text with NUL": (b'{"t":"chat","to":"space","text":"a\\u0000b"}', "bad-message"),
    "unknown type": (text(t="teapot"), "unknown-type"),
    "type of the hub": (text(t="welcome"), "unknown-type"),
    "second hello": (text(**HELLO), "bad-message"),
    "unknown status": (text(t="status", status="asleep"), "bad-value"),
    "unknown view": (text(t="view", mode="stereo"), "bad-value"),
    "unknown emote": (text(t="gesture", emote="backflip"), "bad-value"),
    "unknown visibility": (text(t="profile", visibility="ghost"), "bad-value"),
    "long name": (text(t="profile", name="x" * 41), "bad-name"),
    "7 kB name": (text(t="profile", name="x" * 7_000), "bad-name"),
    "bidi name": (text(t="profile", name="\u202e\u2066"), "bad-name"),
    "long role": (text(t="profile", role="x" * 41), "bad-value"),
    "many languages": (text(t="profile", languages=["de"] * 6), "bad-value"),
    "bad language tag": (text(t="profile", languages=["not a tag!"]), "bad-value"),
    "many interests": (text(t="profile", interests=["x"] * 9), "bad-value"),
    "long interest": (text(t="profile", interests=["x" * 41]), "bad-value"),
    "unknown space": (text(t="goto", space="atlantis"), "unknown-space"),
    "unknown area": (text(t="goto", area="atlantis"), "unknown-area"),
    "unknown node": (text(t="goto", node="atlantis"), "unknown-node"),
    "unknown person": (text(t="goto", person="nobody"), "unknown-person"),
    "goto nowhere": (text(t="goto"), "bad-value"),
    "follow nobody": (text(t="follow", person="nobody"), "unknown-person"),
    "interact with nothing": (text(t="interact", node="atlantis", action="open"), "unknown-node"),
    "unknown action": (text(t="interact", node="DOOR", action="lick"), "bad-value"),
    "chat to nobody": (text(t="chat", to="person", person="nobody", text="hi"), "unknown-person"),
    "chat without person": (text(t="chat", to="person", text="hi"), "unknown-person"),
    "chat to the world": (text(t="chat", to="world", text="hi"), "bad-value"),
    "empty chat": (text(t="chat", to="space", text=""), "bad-value"),
    "chat of controls": (text(t="chat", to="space", text="\u0001\u202e"), "bad-value"),
    "long chat": (text(t="chat", to="space", text="x" * 1_001), "bad-value"),
    "delete nothing": (text(t="delete", id="nothing"), "unknown-chat"),
    "lock as a guest": (text(t="lock", area="atlantis", locked=True), "not-allowed"),
    "directory of none": (text(t="directory", limit=0), "bad-value"),
    "directory of all": (text(t="directory", limit=101), "bad-value"),
    "long reference": (text(t="goto", space="atlantis", ref=2**70), "bad-message"),
}


@pytest.mark.parametrize("case", BAD_MESSAGES)
async def test_a_bad_message_is_answered_with_its_code_and_the_session_stays(hub, world, undisturbed, case):
    payload, wanted = BAD_MESSAGES[case]
    _, door = node_of(world, lambda n: n.get("components", {}).get("dynamic", {}).get("motion") == "door")
    payload = payload.replace(b"DOOR", door.encode())
    async with undisturbed:
        socket = await RawSocket.upgraded(hub)
        socket.frame(TEXT, text(**HELLO))
        socket.frame(TEXT, payload)
        socket.frame(TEXT, text(t="ping", n=77))
        codes = []
        while True:
            opcode, answer = await socket.receive()
            assert opcode not in (8, -1), f"the hub closed: {answer!r}"
            if opcode != TEXT:
                continue
            body = json.loads(answer)
            if body["t"] == "error":
                codes.append(body["code"])
            elif body["t"] == "pong" and body["n"] == 77:
                break
        await socket.end()
        assert codes == ([wanted] if wanted else [])


async def test_the_ninth_bad_message_closes_with_4000(join):
    client = await join("Mallory")
    for _ in range(9):
        await client.socket.send("{")
    assert await client.closed() == 4000
    assert len(client.received("error", code="bad-message")) == 8


@pytest.mark.parametrize("length", [0, 1, 2, 3, 7, 13, 24, 25, 26, 64])
async def test_truncated_and_unknown_binary_frames_are_bad_messages(join, undisturbed, length):
    async with undisturbed:
        client = await join("Mallory")
        await client.socket.send(bytes([0xEE] * length))
        assert (await client.expect("error"))["code"] == "bad-message"
        await client.sync()


TOO_MUCH = {
    "text of 8,193 bytes": ([(TEXT, b'{"t":"ping","n":1,"x":"' + b"x" * 8168 + b'"}', True)], 1009),
    "text of 1 MB": ([(TEXT, b"x" * 1_000_000, True)], 1009),
    "binary of 65 bytes": ([(BINARY, bytes(65), True)], 1009),
    "binary of 8,193 bytes": ([(BINARY, bytes(8193), True)], 1009),
    "17 fragments": ([(TEXT, b'{"t":', False)] + [(CONTINUATION, b" ", False)] * 15 + [(CONTINUATION, b"0}", True)], 1008),
    "fragments without end": ([(TEXT, b"{", False)] + [(CONTINUATION, b"", False)] * 500, 1008),
    "invalid UTF-8": ([(TEXT, b'{"t":"chat","to":"space","text":"\xc3\x28"}', True)], 1007),
    "invalid UTF-8 across fragments": ([(TEXT, b'{"x":"\xe2', False), (CONTINUATION, b'\x28\xa1"}', True)], 1007),
    "overlong UTF-8": ([(TEXT, b'{"t":"chat","to":"space","text":"\xc0\xaf"}', True)], 1007),
    "surrogate in UTF-8": ([(TEXT, b'{"x":"\xed\xa0\x80"}', True)], 1007),
}


@pytest.mark.parametrize("case", TOO_MUCH)
async def test_too_much_and_not_utf8_close_with_the_websocket_codes(hub, undisturbed, case):
    frames, close = TOO_MUCH[case]
    async with undisturbed:
        socket = await RawSocket.upgraded(hub)
        socket.frame(TEXT, text(**HELLO))
        for opcode, payload, fin in frames:
            socket.frame(opcode, payload, fin)
        assert await socket.closed() == close
        await socket.end()


async def test_a_message_in_sixteen_fragments_and_within_a_character_is_one_message(hub):
    socket = await RawSocket.upgraded(hub)
    socket.frame(TEXT, text(**HELLO))
    payload = '{"t":"chat","text":"Grüße","to":"space"}'.encode()
    pieces = [payload[i : i + 1] for i in range(len(payload))]
    cut = payload.index(b"\xc3") + 1
    parts = [b"".join(pieces[:cut]), *pieces[cut : cut + 14], b"".join(pieces[cut + 14 :])]
    assert len(parts) == 16 and all(parts)
    for i, part in enumerate(parts):
        socket.frame(TEXT if i == 0 else CONTINUATION, part, fin=i == 15)
    while True:
        opcode, answer = await socket.receive()
        assert opcode not in (8, -1), answer
        if opcode == TEXT and (body := json.loads(answer))["t"] == "chat":
            assert body["text"] == "Grüße"
            break
    await socket.end()


ILL_FRAMES = {
    "reserved bits": lambda s: s.frame(TEXT, text(t="ping", n=1), reserved=4),
    "unknown opcode": lambda s: s.frame(3, b"x"),
    "continuation of nothing": lambda s: s.frame(CONTINUATION, b"x"),
    "fragmented ping": lambda s: s.frame(PING, b"x", fin=False),
    "ping of 126 bytes": lambda s: s.frame(PING, bytes(126)),
    "text within text": lambda s: (s.frame(TEXT, b"{", fin=False), s.frame(TEXT, b"}")),
    "length of 2^63": lambda s: s.write(b"\x81\xff" + b"\xff" * 8 + b"mask"),
}


@pytest.mark.parametrize("case", ILL_FRAMES)
async def test_frames_against_rfc_6455_end_the_connection(hub, undisturbed, case):
    async with undisturbed:
        socket = await RawSocket.upgraded(hub)
        socket.frame(TEXT, text(**HELLO))
        ILL_FRAMES[case](socket)
        assert await socket.closed() in (1002, 1006, 1009)
        await socket.end()


async def test_a_frame_that_never_ends_does_not_hold_anybody_up(hub, undisturbed):
    async with undisturbed:
        socket = await RawSocket.upgraded(hub)
        socket.frame(TEXT, text(**HELLO))
        socket.write(b"\x81\xfe\x10\x00mask" + b"x" * 100)
        await asyncio.sleep(1)
        await socket.end()
