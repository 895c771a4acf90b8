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
