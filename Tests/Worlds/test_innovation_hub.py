"""The demo world keeps its promises: everything can be reached on foot, passages lead both ways, everything that means
something is told in two languages, and the files are what their generators write."""
import functools
import hashlib
import json
import math
import struct
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from walking import RADIUS, Box, Ground, flatten  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
WORLD = json.loads((ROOT / "worlds/innovation-hub.json").read_text(encoding="utf-8"))
MANIFEST = json.loads((ROOT / "assets-manifest/manifest.json").read_text(encoding="utf-8"))
SPACES = {space["id"]: space for space in WORLD["spaces"]}
MEANING = ("area", "sign", "exhibit", "board", "dynamic")
STEP_METERS = 0.2

every_space = pytest.mark.parametrize("space_id", SPACES)


def having(space, component):
    return [(node, frame) for node, frame, _ in flatten(space) if component in node.get("components", {})]


def areas(space, *purposes):
    for node, frame in having(space, "area"):
        area = node["components"]["area"]
        if area["purpose"] in purposes:
            yield node, area, Box(frame, area["size"])


@functools.cache
def walk(space_id):
    """The ground, and all cells reached from the first spawn."""
    space = SPACES[space_id]
    ground = Ground(space, STEP_METERS)
    _, (x, y, z, _, _) = having(space, "spawn")[0]
    return ground, ground.flood(x, z, y)


def cells_in(ground, reached, box, margin=0.0, lift=0.3):
    """Reached cells whose body stands in a box or up to `margin` metres beside it."""
    rx, rz = box.reach()
    step = ground.step
    for i in range(math.ceil((box.x - rx - margin) / step), math.floor((box.x + rx + margin) / step) + 1):
        for k in range(math.ceil((box.z - rz - margin) / step), math.floor((box.z + rz + margin) / step) + 1):
            y = reached.get((i, k))
            if y is not None and box.distance(i * step, k * step) <= margin and box.y - lift <= y <= box.y + box.height:
                yield i, k


@every_space
def test_every_place_is_reached_on_foot(space_id):
    space = SPACES[space_id]
    ground, reached = walk(space_id)
    missed = []
    for node, area, box in areas(space, "portal", "stage", "bookable", "voice", "quiet"):
        found = any(True for _ in cells_in(ground, reached, box, lift=1e-6))
        if area.get("locked"):
            assert not found, f"{node['id']} is locked, but one can walk into it"
        elif not found:
            missed.append(node["id"])
    for node, _, box in areas(space, "seat"):
        if not any(True for _ in cells_in(ground, reached, box, margin=0.6, lift=0.8)):
            missed.append(node["id"])
    assert not missed


@every_space
def test_from_every_arrival_one_gets_everywhere(space_id):
    space = SPACES[space_id]
    ground, _ = walk(space_id)
    spawns = having(space, "spawn")
    _, (x0, _, z0, _, _) = spawns[0]
    home = (round(x0 / STEP_METERS), round(z0 / STEP_METERS))
    for node, (x, y, z, _, _) in spawns:
        assert home in ground.flood(x, z, y, until=home), f"no way from {node['id']} to {spawns[0][0]['id']}"


@every_space
def test_arrivals_are_free_clear_of_portals_and_face_the_room(space_id):
    space = SPACES[space_id]
    ground, reached = walk(space_id)
    portals = [(node, box) for node, _, box in areas(space, "portal")]
    for node, (x, y, z, yaw, _) in having(space, "spawn"):
        radius = node["components"]["spawn"]["radius"]
        for portal, box in portals:
            assert box.distance(x, z) > radius, f"{node['id']} reaches into {portal['id']}"
        # Two thirds of the disc and more have room; and three metres ahead the way is open.
        step = ground.step
        disc = [(i, k) for i in range(round((x - radius) / step), round((x + radius) / step) + 1)
                for k in range(round((z - radius) / step), round((z + radius) / step) + 1)
                if math.hypot(i * step - x, k * step - z) <= radius]
        assert sum(cell in reached for cell in disc) >= len(disc) * 2 / 3, node["id"]
        for metres in (1, 2, 3):
            ahead = (x - math.sin(yaw) * metres, z - math.cos(yaw) * metres)
            assert ground.is_free(*(ahead[0], y, ahead[1])), f"{node['id']} looks at an obstacle {metres} m away"


def test_passages_lead_both_ways():
    ways = {}
    for space in SPACES.values():
        for node, area, box in areas(space, "portal"):
            ways[space["id"], area["to"]["space"]] = (area["to"]["spawn"], box)
    for (here, there), (spawn, _) in ways.items():
        assert (there, here) in ways, f"no way back from {there} to {here}"
        arrival = {node["id"]: frame for node, frame in having(SPACES[there], "spawn")}[spawn]
        back = ways[there, here][1]
        assert back.distance(arrival[0], arrival[2]) < 6, f"who comes from {here} arrives far from the way back"
    assert {there for here, there in ways if here == "foyer"} == set(SPACES) - {"foyer"}


@every_space
def test_what_means_something_is_told_in_both_languages(space_id):
    space = SPACES[space_id]
    names = []
    for node, _, _ in flatten(space):
        names.append(node["id"])
        components = node.get("components", {})
        texts = [node[key] for key in ("title", "alt") if key in node]
        texts += [components[key]["text"] for key in ("sign", "exhibit") if key in components]
        if any(key in components for key in MEANING):
            assert "alt" in node, node["id"]
        if any(key in components for key in ("area", "exhibit", "board", "dynamic")):
            assert "title" in node, node["id"]
        for words in texts:
            assert set(words) == {"de", "en"} and all(value.strip() for value in words.values()), node["id"]
        if "alt" in node:
            # A text alternative says more than one word, and the two are not copies of each other.
            assert all(" " in value for value in node["alt"].values()), node["id"]
            assert node["alt"]["de"] != node["alt"]["en"], node["id"]
    assert len(names) == len(set(names))


@every_space
def test_seats_of_a_space_have_names_of_their_own(space_id):
    titles = [node["title"]["de"] for node, _, _ in areas(SPACES[space_id], "seat", "bookable", "portal")]
    assert len(titles) == len(set(titles))


def test_the_event_hall_holds_two_thousand_on_forty_by_forty_metres():
    hall = SPACES["event-hall"]
    assert hall["capacity"] == 2000
    ground, reached = walk("event-hall")
    open_floor = sum(1 for (i, k), y in reached.items()
                     if abs(i * STEP_METERS) <= 20 and -18 <= k * STEP_METERS <= 22 and y == 0) * STEP_METERS ** 2
    # A crowd stands at up to 2 people a square metre.
    assert open_floor > 1000
    [(_, _, stage)] = areas(hall, "stage")
    assert stage.y == pytest.approx(0.6)
    on_stage = [cell for cell in cells_in(ground, reached, stage, lift=1e-6)]
    assert len(on_stage) * STEP_METERS ** 2 > 60


def test_the_building_has_what_was_promised():
    purposes = {space_id: {area["purpose"] for _, area, _ in areas(space, "voice", "stage", "bookable", "quiet", "seat", "portal")}
                for space_id, space in SPACES.items()}
    assert set(SPACES) >= {"foyer", "shared-office", "showroom", "innovation-lab", "event-hall", "training-1", "training-2",
                           "training-3", "living-lab"}
    assert set.union(*purposes.values()) == {"voice", "stage", "bookable", "quiet", "seat", "portal"}
    for room in ("training-1", "training-2", "training-3"):
        assert {"bookable", "seat"} <= purposes[room]
    assert SPACES["living-lab"]["environment"]["kind"] == "outdoor"
    motions = {node["components"]["dynamic"]["motion"] for space in SPACES.values() for node, _ in having(space, "dynamic")}
    assert motions == {"door", "turntable", "path"}
    locked = [node["id"] for space in SPACES.values() for node, area, _ in areas(space, "bookable") if area.get("locked")]
    assert locked


def test_a_body_is_stopped_where_the_world_says_so():
    """The walker itself: a wall holds, a step of 0.4 m does not, one of 0.41 m does, a ramp leads up. Ledges are not jumped off."""
    def space(*nodes):
        return {"bounds": {"min": [-4, -1, -4], "max": [4, 9, 4]}, "nodes": list(nodes)}

    def bar(height, kind, depth=8):
        return {"id": "bar", "components": {"collider": {"kind": kind, "size": [1, height, depth]}}}

    def crosses(*nodes):
        return any(i * 0.2 > 1.5 for i, _ in Ground(space(*nodes), 0.2).flood(-3, 0))

    assert not crosses(bar(2, "solid"))
    assert crosses(bar(2, "solid", 6))
    assert crosses(bar(0.4, "floor"))
    assert not crosses(bar(0.41, "floor"))
    ramps = [{"id": f"ramp-{yaw}", "position": [x, 0, 0], "yawDegrees": yaw,
              "components": {"collider": {"kind": "ramp", "size": [2, 0.8, 2]}}} for x, yaw in ((-1.5, -90), (1.5, 90))]
    assert crosses(bar(0.8, "floor"), *ramps)
    # A crack of 0.1 m before the second step swallows the first.
    step = {"id": "step", "components": {"collider": {"kind": "floor", "size": [1, 0.4, 8]}}}
    stairs = [dict(step, position=[-1.1, 0, 0]), bar(0.8, "floor"), ramps[1]]
    assert not crosses(*stairs)
    assert crosses(dict(step, position=[-1, 0, 0]), *stairs[1:])
    assert RADIUS == 0.3


def test_models_and_pictures_are_in_the_manifest():
    kinds = {asset["id"]: asset["mediaType"] for asset in MANIFEST["assets"]}
    used = set()
    for space in SPACES.values():
        for node, _, _ in flatten(space):
            components = node.get("components", {})
            if "model" in components:
                used.add(components["model"]["asset"])
                assert kinds[components["model"]["asset"]] == "model/gltf-binary"
            image = components.get("exhibit", {}).get("image")
            if image:
                used.add(image)
                assert kinds[image].startswith("image/")
    assert used == set(kinds), "assets that nobody uses"


@pytest.mark.parametrize("asset", MANIFEST["assets"], ids=lambda asset: asset["id"])
def test_an_asset_is_what_the_manifest_says(asset):
    data = (ROOT / "assets-manifest" / asset["path"]).read_bytes()
    assert len(data) == asset["bytes"] and hashlib.sha256(data).hexdigest() == asset["sha256"]
    assert len(data) < 120_000
    if asset["mediaType"] == "model/gltf-binary":
        check_glb(data)


def check_glb(data):
    """glTF 2.0, sections 3.6 and 4.4: chunks, alignment, accessors within their views, true bounds, unit normals."""
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    json_length, json_type = struct.unpack_from("<I4s", data, 12)
    assert json_type == b"JSON" and json_length % 4 == 0
    document = json.loads(data[20:20 + json_length])
    binary_length, binary_type = struct.unpack_from("<I4s", data, 20 + json_length)
    binary = data[28 + json_length:]
    assert binary_type == b"BIN\0" and binary_length == len(binary) == document["buffers"][0]["byteLength"]

    def values(index):
        accessor = document["accessors"][index]
        view = document["bufferViews"][accessor["bufferView"]]
        code, size = {5126: ("f", 4), 5123: ("H", 2)}[accessor["componentType"]]
        width = {"SCALAR": 1, "VEC3": 3}[accessor["type"]]
        assert view["byteOffset"] % 4 == 0 and view["byteOffset"] + view["byteLength"] <= len(binary)
        assert accessor["count"] * width * size == view["byteLength"]
        flat = struct.unpack_from(f"<{accessor['count'] * width}{code}", binary, view["byteOffset"])
        return accessor, [flat[i:i + width] for i in range(0, len(flat), width)]

    for primitive in document["meshes"][0]["primitives"]:
        accessor, positions = values(primitive["attributes"]["POSITION"])
        for axis in range(3):
            assert accessor["min"][axis] == min(p[axis] for p in positions)
            assert accessor["max"][axis] == max(p[axis] for p in positions)
        _, normals = values(primitive["attributes"]["NORMAL"])
        assert len(normals) == len(positions)
        assert all(abs(math.sqrt(sum(v * v for v in n)) - 1) < 1e-3 for n in normals)
        _, indices = values(primitive["indices"])
        assert len(indices) % 3 == 0 and max(indices)[0] < len(positions)
        assert primitive["material"] < len(document["materials"])


@pytest.mark.parametrize("script", ["worlds/build_innovation_hub.py", "assets-manifest/generate.py"])
def test_files_are_what_their_generator_writes(script):
    run = subprocess.run([sys.executable, str(ROOT / script), "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
