"""Moving and seeing others move: MOVE, corrections, portals, frames (PROTOCOL.md 4 and 5, and the binary chapter)."""

from __future__ import annotations

import asyncio
import math
import random
from dataclasses import replace

import pytest

from replica import STEPS_PER_METRE, Predictor
from worldfile import nodes, place, space_of

# By tier: the bound of the binary chapter (4) in metres with half a centimetre for rounding, and every how many ticks
# the hub compares prediction and truth.
BOUND_METRES = (0.025 + 0.005, 0.10 + 0.005, 0.30 + 0.005)
BOUND_DEGREES = (7, 15, 30)
COMPARED_TICKS = (1, 2, 4)
# Our walkers don't know the walls. The hub's extrapolation of a MOVE stops at one some ticks before the next MOVE is
# refused or leads around it; for that time a walker's word about itself is not the truth.
BLIND_WALKERS = 0.01


async def seen(viewer, other) -> None:
    await viewer.until(lambda: viewer.replica and other.id in viewer.replica.entities, f"{other.name} in the replica")


class Watch:
    """Notes in every frame where a viewer has the others, and later holds it against their own truth."""

    def __init__(self, viewer, others) -> None:
        self.viewer, self.others = viewer, [other for other in others if other is not viewer]
        self.seen: list[tuple[int, str, dict[int, tuple[Predictor, int]]]] = []
        self.going_on = True
        self.compared = 0
        self.off: list[str] = []
        self.misplaced: list[str] = []

    async def run(self) -> None:
        viewer = self.viewer
        frames = len(viewer.frame_ticks)
        while self.going_on:
            await viewer.until(lambda: len(viewer.frame_ticks) > frames, "a frame")
            frames = len(viewer.frame_ticks)
            replica = viewer.replica
            if replica.tick is not None:
                entities = replica.entities
                now = {o.id: (entities[o.id], replica.tier_of(o.id)) for o in self.others if o.id in entities}
                self.seen.append((replica.tick, viewer.space["space"], now))

    async def compare(self) -> None:
        """Fills `off`, where the prediction left its bound, and `misplaced`, where somebody is missing or a ghost."""
        # Send phases are staggered: a viewer may hear of a MOVE ticks before its walker is told that it was taken.
        last = self.seen[-1][0]
        for other in self.others:
            await other.until(lambda: other.frame_ticks[-1] >= last, f"{other.name} told of its moves up to the end")
        for tick, space, bodies in self.seen:
            for other in self.others:
                where = space_at(other, tick)
                if where is None or not settled(self.viewer, tick) or not settled(other, tick):
                    continue
                if (where == space) != (other.id in bodies):
                    seen = "seen" if other.id in bodies else "not seen"
                    self.misplaced.append(f"{tick}: {other.name} in {where} is {seen} by {self.viewer.name} in {space}")
                elif other.id in bodies and not any(-10 <= tick - c <= 20 for c in other.corrected):
                    predictor, tier = bodies[other.id]
                    ticks = range(tick - COMPARED_TICKS[tier] + 1, tick + 1)
                    offs = [math.dist(predictor.at(t), truth) for t in ticks for truth in other.truths(t)]
                    if offs:
                        self.compared += 1
                        if (off := min(offs) / STEPS_PER_METRE) > BOUND_METRES[tier]:
                            self.off.append(f"{tick}: {self.viewer.name} has {other.name} {off:.3f} m off at tier {tier}")


def space_at(client, tick: int) -> str | None:
    return next((space for since, space in reversed(client.spaces) if since <= tick), None)


def settled(client, tick: int) -> bool:
    """Whether somebody has been in its space for a while, so that both sides know."""
    return not any(-10 <= tick - since <= 40 for since, _ in client.spaces)


async def test_another_sees_a_walk_within_the_bound(join, world):
    walker, viewer = await join("Läuft"), await join("Schaut")
    await seen(viewer, walker)
    # From the middle of the spawn, whoever stands about there: at its edge the extrapolation of a late MOVE may meet a wall.
    (x, _, z), _, _ = place(world, world["start"]["space"], world["start"]["spawn"])
    assert await walker.walk_to(x, z) is None
    start = walker.pose
    watch = Watch(viewer, [walker])
    watching = asyncio.create_task(watch.run())
    for heading in (0, math.pi / 2, math.pi, -math.pi / 2, math.pi / 4, -math.pi * 3 / 4):
        assert await walker.walk(heading, 1.0) is None, "there is room around the spawn"
    watch.going_on = False
    await watching
    await watch.compare()
    assert walker.pose != start and watch.compared >= 5
    assert watch.misplaced == [] and watch.off == []


async def test_where_a_walker_stops_is_where_all_see_it(join):
    walker = await join("Läuft")
    viewers = [await join(f"Schaut {n}") for n in range(3)]
    for viewer in viewers:
        await seen(viewer, walker)
    await walker.wander(1.5)
    frame = walker.seq
    await walker.until(lambda: walker.replica.acked_input == frame, "the last MOVE in the truth")
    for viewer in viewers:

        def agrees() -> bool:
            pose = viewer.replica.entities[walker.id]
            at = pose.at(viewer.replica.tick)
            tier = viewer.replica.tier_of(walker.id)
            turned = abs((pose.pose.yaw - walker.pose.yaw + 0x8000 & 0xFFFF) - 0x8000)
            near = math.dist(at, (walker.pose.x, walker.pose.y, walker.pose.z)) <= BOUND_METRES[tier] * STEPS_PER_METRE
            return near and turned <= 65536 * BOUND_DEGREES[tier] / 360 and pose.pose.animation == 0

        await viewer.until(agrees, "the resting pose")


async def test_acked_input_names_the_newest_move_in_the_truth(join):
    one = await join("Zählt")
    for _ in range(3):
        seq = await one.move(one.pose)
        await one.until(lambda: one.replica.acked_input == seq, f"seq {seq}")


async def test_a_move_with_an_old_epoch_is_ignored(join):
    one, viewer = await join("Gestern"), await join("Schaut")
    await seen(viewer, one)
    before = one.pose
    seq = await one.move(replace(before, x=before.x + 40), epoch=one.epoch - 1)
    frames = len(one.frame_ticks)
    await one.until(lambda: len(one.frame_ticks) > frames + 5, "frames")
    assert one.replica.acked_input != seq
    assert not one.received("correct")


async def test_a_teleport_is_refused_and_corrected_for_speed(join):
    one, viewer = await join("Beamt"), await join("Schaut")
    await seen(viewer, one)
    start, epoch = one.pose, one.epoch
    await one.move(replace(start, x=start.x + 5 * STEPS_PER_METRE))
    told = await one.expect("correct")
    assert told["reason"] == "speed" and told["epoch"] == epoch + 1
    granted = math.dist((told["pose"]["x"], told["pose"]["z"]), (start.x, start.z)) / STEPS_PER_METRE
    assert granted <= 3, "six metres a second over half a second, and not the leap"
    seq = await one.move(one.pose)
    await one.until(lambda: one.replica.acked_input == seq, "a MOVE of the new epoch")
    where = one.pose.x, one.pose.y, one.pose.z

    def corrected_for_others() -> bool:
        return math.dist(viewer.replica.entities[one.id].at(viewer.replica.tick), where) < 0.05 * STEPS_PER_METRE

    await viewer.until(corrected_for_others, "the corrected place, as others see it")


async def test_goto_a_node_stands_before_it_and_not_behind_the_wall(join, world):
    space = world["start"]["space"]
    parts = [(node["id"], at, node.get("components", {})) for node, at, _ in nodes(space_of(world, space))]
    spawns = [at for _, at, components in parts if "spawn" in components]
    portals = [(id, at) for id, at, components in parts if components.get("area", {}).get("purpose") == "portal"]
    one = await join("Eilt")
    behind = []
    for portal, at in portals * 3:
        # Who comes out of a portal arrives before it: that is the side of the room.
        inside = min(spawns, key=lambda spawn: math.dist(spawn, at))
        told = len(one.log)
        await one.send("goto", node=portal, space=space)
        await one.until(lambda: any(m.body["t"] in ("correct", "space") for m in one.log[told:]), "an answer")
        x, z = one.pose.x / STEPS_PER_METRE - at[0], one.pose.z / STEPS_PER_METRE - at[2]
        if one.space["space"] == space and x * (inside[0] - at[0]) + z * (inside[2] - at[2]) < 0:
            behind.append((portal, one.pose.x / STEPS_PER_METRE, one.pose.z / STEPS_PER_METRE))
        await asyncio.sleep(0.1)
    assert behind == []


@pytest.mark.parametrize("x", [2**31 - 1, -(2**31), 10_000_000])
async def test_absurd_positions_are_corrected(join, x):
    one = await join("Fern")
    start = one.pose
    await one.move(replace(start, x=x, z=-x - 1, vx=32767, vz=-32768))
    assert (await one.expect("correct"))["reason"] in ("speed", "bounds")
    assert math.dist((one.pose.x, one.pose.z), (start.x, start.z)) <= STEPS_PER_METRE


async def test_running_faster_than_six_metres_a_second_is_refused(join):
    one = await join("Rennt", space="living-lab")
    ended = None
    for heading in range(4):
        ended = await one.walk(heading * math.pi / 2, 6, speed=12)
        if ended and ended["reason"] == "speed":
            return
    assert ended and ended["reason"] == "speed"


async def test_nobody_walks_through_a_wall(join, world):
    space, node = wall(world)
    one = await join("Mit dem Kopf", space=space)
    await one.send("goto", node=node, ref=1)
    await one.expect("correct")
    told = await one.walk(one.pose.yaw / 65536 * math.tau, 4)
    assert told and told["t"] == "correct" and told["reason"] == "wall", told
    epoch = one.epoch
    there = place(world, space, node)[0]
    beyond = 2 * there[0] * STEPS_PER_METRE - one.pose.x, 2 * there[2] * STEPS_PER_METRE - one.pose.z
    await one.move(replace(one.pose, x=round(beyond[0]), z=round(beyond[1])))
    assert (await one.expect("correct", epoch=epoch + 1))["reason"] in ("speed", "wall")


def wall(world) -> tuple[str, str]:
    """A solid node that no jump overcomes, away from portals: its space and id."""
    for space in world["spaces"]:
        portals = [at for n, at, _ in nodes(space) if n.get("components", {}).get("area", {}).get("purpose") == "portal"]
        for node, at, _ in nodes(space):
            parts = node.get("components", {})
            collider = parts.get("collider", {})
            size = collider.get("size") or parts.get("shape", {}).get("size", [0, 0, 0])
            if collider.get("kind") != "solid" or size[1] < 2 or max(size[0], size[2]) < 2:
                continue
            if all(math.dist(at, portal) > 5 for portal in portals):
                return space["id"], node["id"]
    raise AssertionError("the world has no wall")


def portal_near_spawn(world) -> tuple[str, str]:
    """A portal that is a straight walk from the only spawn of its space: the space and the portal's id."""
    for space in world["spaces"]:
        spawns = [at for node, at, _ in nodes(space) if "spawn" in node.get("components", {})]
        for node, at, _ in nodes(space):
            area = node.get("components", {}).get("area", {})
            if area.get("purpose") == "portal" and len(spawns) == 1 and math.dist(at, spawns[0]) < 4:
                return space["id"], node["id"]
    raise AssertionError("the world has no such portal")


async def test_walking_into_a_portal_leads_into_its_target(join, world):
    space, portal = portal_near_spawn(world)
    (x, _, z), _, node = place(world, space, portal)
    target = node["components"]["area"]["to"]["space"]
    one, watcher, there = await join("Reist", space=space), await join("Bleibt", space=space), await join("Dort", space=target)
    await seen(watcher, one)
    await one.walk_to(x, z)
    await one.until(lambda: one.space["space"] == target, f"{target} through {portal}")
    assert one.space["reason"] == "portal" and one.epoch == one.space["epoch"]
    gone = await watcher.expect("gone", where=lambda m: one.id in m["ids"])
    assert gone["reason"] == "moved"
    await watcher.until(lambda: one.id not in watcher.replica.entities, "no body left behind")
    await seen(there, one)
    await seen(one, there)


async def test_poses_above_their_rate_are_dropped_without_an_answer(join):
    one = await join("Zappelt")
    for n in range(60):
        await one.move(one.pose)
    await one.sync()
    assert not one.received("error") and one.close_code is None
    await asyncio.sleep(1)
    seq = await one.move(one.pose)
    await one.until(lambda: one.replica.acked_input == seq, "a MOVE within the rate")


async def test_unknown_animations_and_reserved_flags_are_not_errors(join):
    one, viewer = await join("Tanzt"), await join("Schaut")
    await seen(viewer, one)
    seq = await one.move(replace(one.pose, animation=63, flags=2 | 8))
    await one.until(lambda: one.replica.acked_input == seq, "the MOVE in the truth")
    assert not one.received("error")


async def test_ten_wanderers_and_every_replica_agrees_with_every_walkers_own_truth(join):
    walkers = [await join(f"Wandert {n}") for n in range(10)]
    for viewer in walkers:
        for other in walkers:
            if other is not viewer:
                await seen(viewer, other)
    watches = [Watch(viewer, walkers) for viewer in walkers]
    watching = [asyncio.create_task(watch.run()) for watch in watches]
    await asyncio.gather(*(one.wander(30, random.Random(n)) for n, one in enumerate(walkers)))
    for watch in watches:
        watch.going_on = False
    await asyncio.gather(*watching)
    for one, watch in zip(walkers, watches):
        one.raise_failure()
        assert one.close_code is None and len(one.frame_ticks) > 120
        assert not one.received("error")
        await watch.compare()
    compared, off = sum(watch.compared for watch in watches), [line for watch in watches for line in watch.off]
    assert compared > 1000
    assert [line for watch in watches for line in watch.misplaced] == []
    assert len(off) <= compared * BLIND_WALKERS, (len(off), compared, off[:20])
