#!/usr/bin/env python3
"""Writes seed inputs for the fuzzers from the golden vectors: corpus.py VECTORS OUTPUT."""
import json
import pathlib
import sys

vectors, output = map(pathlib.Path, sys.argv[1:3])


def save(folder, name, data):
    target = output / folder
    target.mkdir(parents=True, exist_ok=True)
    (target / name).write_bytes(data)


def with_length(frame):
    return len(frame).to_bytes(2, "little") + frame


for scenario in json.loads((vectors / "replica.json").read_text())["scenarios"]:
    frames = [bytes.fromhex(step["hex"]) for step in scenario["steps"]]
    save("FuzzFrames", scenario["name"], b"".join(map(with_length, frames)))
    for number, frame in enumerate(frames):
        save("FuzzFrames", f"{scenario['name']}-{number}", with_length(frame))
messages = json.loads((vectors / "client-messages.json").read_text())
for number, message in enumerate(messages["valid"] + messages["invalid"]):
    save("FuzzClientMessages", str(number), bytes.fromhex(message["hex"]))
hellos = [
    '{"t":"hello","protocol":1,"name":"Aylin","lang":"de","space":"foyer","view":"list","events":false,"client":"x",'
    '"resume":"AbT3","key":"k","profile":{"name":"A","languages":["de"],"role":"r","interests":["i"],"visibility":"space"}}',
    '{"t":"profile","name":"\\u0007"}', '{"t":"goto","space":"a","area":"b","ref":1}', '{"t":"ping","n":1e999}',
    '{"t":"chat","to":"space","text":"\\ud83d\\ude00","ref":-9223372036854775808}', '{"t":"view","mode":"hidden","events":true}',
    '{"t":"lock","area":"a","locked":true,"ref":2}', '{"t":"interact","node":"d","action":"open"}', "[" * 200, '{"t":"bye"}',
]
for number, text in enumerate(hellos):
    save("FuzzHello", str(number), text.encode())
texts = ["p1", "Aylin", "foyer", "seat-1", "a", "i", "busy", "space", "host"]
ticket = bytes([1]) + bytes(range(16)) + (7).to_bytes(4, "little") + (1795000000000).to_bytes(8, "little") + bytes(12 + 2 + 4) + b"\1"
ticket += b"".join(bytes([len(text)]) + text.encode() for text in texts) + b"\x02\x01a\x01b"
save("FuzzTickets", "host", ticket)
save("FuzzTickets", "cut", ticket[:50])
