"""The golden vectors of Tests/Vectors, read by the third decoder; their README says what each field means."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import astuple
from pathlib import Path

import pytest

from replica import (
    ACK,
    BITS,
    FIELDS,
    FOCUS_PAGE,
    WORD_BYTES,
    Grid,
    Pose,
    Predictor,
    Refused,
    Replica,
    code,
    decode,
    encode_ack,
    encode_move,
    read_word,
    write_word,
)

VECTORS = Path(__file__).resolve().parents[1] / "Vectors"
WORDS = json.loads((VECTORS / "words.json").read_text())
MESSAGES = json.loads((VECTORS / "client-messages.json").read_text())
SCENARIOS = {scenario["name"]: scenario for scenario in json.loads((VECTORS / "replica.json").read_text())["scenarios"]}


def test_the_layouts_are_those_of_the_chapter():
    assert [(one["tier"], one["bytes"]) for one in WORDS["layouts"]] == list(enumerate(WORD_BYTES))
    for one in WORDS["layouts"]:
        assert list(one["bits"].items()) == list(zip(FIELDS, BITS[one["tier"]]))


def test_words_are_coded_packed_and_read_as_in_the_vectors():
    assert WORDS["cases"]
    for case in WORDS["cases"]:
        tier, origin = case["tier"], tuple(case["origin"])
        assert code(tier, case["word"]["slot"], Pose(**case["pose"]), origin) == case["word"]
        assert write_word(tier, case["word"]).hex() == case["hex"]
        assert read_word(tier, bytes.fromhex(case["hex"])) == case["word"]
        assert decode(tier, case["word"], origin) == Pose(**case["decoded"])


def test_client_messages_are_written_as_in_the_vectors():
    assert MESSAGES["valid"]
    for one in MESSAGES["valid"]:
        if one["message"] == "MOVE":
            written = encode_move(one["seq"], one["ackTick"], one["epoch"], Pose(**one["pose"]), one["atMs"])
        else:
            written = encode_ack(one["ackTick"])
            assert written[0] == ACK
        assert written.hex() == one["hex"]


def flat(predictor: Predictor) -> list[int]:
    pose = predictor.pose
    return [pose.x, pose.y, pose.z, pose.vx, pose.vz, pose.yaw, pose.animation, pose.flags, predictor.base]


def state(replica: Replica) -> dict:
    """A replica in the form of the vectors."""
    shown = replica.entities
    focused = {one.id for one in replica.focus.values()}
    return {
        "tick": replica.tick,
        "pages": [
            {
                "page": page,
                "tier": replica.tiers[page],
                "slots": [[slot, one.id, flat(one.predictor)] for slot, one in sorted(replica.pages[page].items())],
            }
            for page in sorted(replica.pages)
        ],
        "focus": [[slot, one.id, one.page, flat(one.predictor)] for slot, one in sorted(replica.focus.items())],
        "digests": [
            [coarse, *astuple(replica.digests[coarse]), replica.impostors(coarse)] for coarse in sorted(replica.digests)
        ],
        "shown": [
            {
                "id": id,
                "tier": replica.tier_of(id),
                "focus": id in focused,
                "now": list(shown[id].at(replica.tick)),
                "in7Ticks": list(shown[id].at(replica.tick + 7)),
            }
            for id in sorted(shown)
        ],
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_played_as_in_the_vectors(name):
    scenario = SCENARIOS[name]
    replica = Replica(Grid.read(scenario["grid"]), scenario["tickHint"], scenario["ownID"])
    replica.nodes.update(scenario["nodes"])
    for step in scenario["steps"]:
        if step["error"] is None:
            assert replica.apply(bytes.fromhex(step["hex"]))
        elif step["error"] == "unknownType":
            assert not replica.apply(bytes.fromhex(step["hex"])), "messages of an unknown type are ignored"
        else:
            with pytest.raises(Refused):
                replica.apply(bytes.fromhex(step["hex"]))
        assert state(replica) == step["state"], step["why"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_frame_cut_short_or_changed_is_refused_or_applied_but_never_half(name):
    scenario = SCENARIOS[name]
    dice = random.Random(20)
    replica = Replica(Grid.read(scenario["grid"]), scenario["tickHint"], scenario["ownID"])
    replica.nodes.update(scenario["nodes"])
    for step in scenario["steps"][:40]:
        frame = bytearray.fromhex(step["hex"])
        for _ in range(20):
            broken = bytearray(frame[: dice.randint(0, len(frame))]) if dice.random() < 0.5 else bytearray(frame)
            if broken and dice.random() < 0.7:
                broken[dice.randrange(len(broken))] = dice.randrange(256)
            trial = Replica(replica.grid, replica.tick_hint, replica.own_id)
            trial.__dict__.update({k: (v.copy() if hasattr(v, "copy") else v) for k, v in replica.__dict__.items()})
            trial.pages = {page: slots.copy() for page, slots in replica.pages.items()}
            before = state(trial)
            try:
                trial.apply(bytes(broken))
            except Refused:
                assert state(trial) == before
            assert FOCUS_PAGE not in trial.pages
        if step["error"] is None:
            replica.apply(bytes(frame))


def test_the_logs_chain_is_sha256_of_what_the_document_says():
    """docs/RELIABILITY.md, "The log": anybody can check a log without the hub."""
    text = (VECTORS / "log-records.json").read_text()
    file = json.loads(text)
    # The digest is over the payload's bytes as written: taken from the text, not written anew.
    payloads = [line[len('{"payload":'):line.index(',"digest":')] for line in text.splitlines() if line.startswith('{"payload":')]
    assert len(payloads) == len(file["records"]) == 10
    chain = hashlib.sha256(b"hub.log.1/" + file["space"].encode()).digest()
    assert chain.hex() == file["start"]
    for sequence, (record, payload) in enumerate(zip(file["records"], payloads), 1):
        digest = hashlib.sha256(payload.encode()).digest()
        assert digest.hex() == record["digest"]
        number = lambda value: value.to_bytes(8, "little")
        chain = hashlib.sha256(chain + number(sequence) + number(file["epoch"]) + digest).digest()
        assert chain.hex() == record["chain"]
