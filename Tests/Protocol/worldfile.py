"""Finding places in a world file: which space has an area of some purpose, where a node stands."""

from __future__ import annotations

import math


def nodes(space: dict):
    """All nodes of a space with the sum of their parents' positions (metres) and yaws (degrees)."""

    def below(items, origin, degrees):
        for node in items:
            x, y, z = node.get("position", [0, 0, 0])
            turn = math.radians(degrees)
            where = (
                origin[0] + x * math.cos(turn) + z * math.sin(turn),
                origin[1] + y,
                origin[2] - x * math.sin(turn) + z * math.cos(turn),
            )
            yaw = degrees + node.get("yawDegrees", 0)
            yield node, where, yaw
            yield from below(node.get("children", []), where, yaw)

    yield from below(space["nodes"], (0, 0, 0), 0)


def node_of(world: dict, wanted) -> tuple[str, str]:
    """The first space and node for which `wanted(node)` is true."""
    for space in world["spaces"]:
        for node, _, _ in nodes(space):
            if wanted(node):
                return space["id"], node["id"]
    raise AssertionError("the world has no such node")


def area_of(world: dict, *purposes: str) -> tuple[str, str]:
    """The first unlocked area of one of these purposes, in the order given: its space and id."""
    for purpose in purposes:
        for space in world["spaces"]:
            for node, _, _ in nodes(space):
                area = node.get("components", {}).get("area", {})
                if area.get("purpose") == purpose and not area.get("locked"):
                    return space["id"], node["id"]
    raise AssertionError(f"the world has no area for {purposes}")


def place(world: dict, space: str, node: str) -> tuple[tuple[float, float, float], float, dict]:
    """Where a node stands: position (metres), yaw (degrees) and the node."""
    for found, where, yaw in nodes(space_of(world, space)):
        if found["id"] == node:
            return where, yaw, found
    raise AssertionError(f"{space} has no node {node}")


def space_of(world: dict, space: str) -> dict:
    return next(s for s in world["spaces"] if s["id"] == space)


def farthest_area(world: dict, space: str, node: str) -> str:
    """The area of a space that lies farthest from a node."""
    origin, _, _ = place(world, space, node)
    areas = [
        (math.dist(where, origin), found["id"])
        for found, where, _ in nodes(space_of(world, space))
        if (area := found.get("components", {}).get("area"))
        and area["purpose"] not in ("portal", "seat")
        and not area.get("locked")
    ]
    return max(areas)[1]


def quiet_door_of(world: dict) -> tuple[str, str]:
    """A door that nobody's arrival opens, for it lies away from the spawns: its space and id."""
    for space in world["spaces"]:
        spawns = [where for node, where, _ in nodes(space) if "spawn" in node.get("components", {})]
        for node, where, _ in nodes(space):
            dynamic = node.get("components", {}).get("dynamic", {})
            if dynamic.get("motion") == "door" and not dynamic.get("locked"):
                if all(math.dist(where, spawn) > 2 * dynamic.get("sensorMeters", 2.5) for spawn in spawns):
                    return space["id"], node["id"]
    raise AssertionError("the world has no such door")
