#!/usr/bin/env python3
"""Computes a load test's figures again from its trace alone, with a reader of frames written from the documents.

    hub-loadtest --avatars 40 --seconds 10 --trace run.trace --json run.json
    loadtest/tools/recompute.py run.trace run.json

Prints each figure beside the report's and exits with 1 if one differs by more than the histograms' three digits allow.
The trace's format: see loadtest/README.md.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests" / "Protocol"))
from replica import DIGEST_PAGE, DROP, FOCUS_PAGE, STEPS, WORD_BYTES, Grid, Reader, Replica  # noqa: E402

ACCELERATION = 4.0
SNAP = 1
# As a client that fades corrections: half-lives in ticks near and farther, and from how many metres on it jumps.
HALF_LIFE_TICKS = (1.2, 3.0, 3.0)
JUMP = 1.5
# What a frame may leave the replica off by, per tier in metres: the hub's bound, half a coded step, 1.5 cm of the uplink.
BOUNDS = tuple(
    (bound + math.sqrt(2 * (STEPS[tier][1] / 2) ** 2 + (STEPS[tier][3] / 2) ** 2)) / 400 + 0.015
    for tier, bound in enumerate((10, 40, 120)))
SWAY = ((0.06, 0.4), (0.03, 0.9), (0.015, 1.7))


def records(data: bytes):
    if not data.startswith(b"HUBTRACE1\n"):
        sys.exit("no trace")
    at = 10
    while at + 5 <= len(data):
        kind, count = chr(data[at]), struct.unpack_from("<I", data, at + 1)[0]
        if at + 5 + count > len(data):
            sys.exit("the trace is cut short")
        yield kind, data[at + 5 : at + 5 + count]
        at += 5 + count


class Path_:
    """Where a bot is: one stretch of its path, and its sway."""

    def __init__(self, values: tuple[float, ...]) -> None:
        (self.start, self.duration, self.x, self.y, self.z, self.yaw, self.turn, self.dx, self.dz, self.length,
         self.speed) = values[:11]
        self.sway = values[11:]

    def at(self, ms: float) -> tuple[float, float, float, float, bool]:
        t = min(max(ms - self.start, 0), self.duration) / 1000
        x, z, yaw, speed = self.x, self.z, self.yaw, 0.0
        if self.turn:
            yaw += self.turn * (t * 1000 / self.duration if self.duration > 0 else 1)
        if self.length > 0:
            total, ramp = self.duration / 1000, self.speed / ACCELERATION
            if t < ramp:
                speed, walked = ACCELERATION * t, ACCELERATION * t * t / 2
            elif t <= total - ramp:
                speed, walked = self.speed, self.speed * ramp / 2 + self.speed * (t - ramp)
            else:
                speed = ACCELERATION * (total - t)
                walked = self.length - ACCELERATION * (total - t) ** 2 / 2
            x, z = x + self.dx * walked, z + self.dz * walked
        if self.sway:
            for (metres, hertz), turn, phase in zip(SWAY, self.sway[:3], self.sway[3:]):
                offset = metres * math.sin(2 * math.pi * (hertz * ms / 1000 + phase))
                x += offset * math.cos(2 * math.pi * turn)
                z += offset * math.sin(2 * math.pi * turn)
        return x, self.y, z, yaw, speed > 0


class Bytes:
    """Where the bytes of messages go, by walking over blocks."""

    def __init__(self) -> None:
        self.parts = dict.fromkeys(("s0", "s1", "s2", "enterLeave", "keyframe", "digest", "framing", "control"), 0)
        self.frames = 0

    def frame(self, data: bytes) -> None:
        self.frames += 1
        rest, reader = len(data), Reader(data)
        reader.bytes(7)
        while reader.more:
            page, head = reader.take("HB")
            if page == DIGEST_PAGE:
                digests = reader.take("B")[0] * 14
                reader.bytes(digests)
                self.parts["digest"] += 4 + digests
                rest -= 4 + digests
                continue
            tier = head & 3
            if tier == DROP:
                continue
            leaves = reader.take("B")[0] if head & 8 else 0
            enters = reader.take("B")[0] if head & 16 else 0
            (updates,) = reader.take("B")
            entered = enters * (WORD_BYTES[tier] + (4 if page == FOCUS_PAGE else 2))
            updated = updates * WORD_BYTES[tier]
            reader.bytes(leaves + entered + updated)
            if head & 4:
                whole = 4 + bool(head & 8) + bool(head & 16) + leaves + entered + updated
                self.parts["keyframe"] += whole
                rest -= whole
            else:
                self.parts[f"s{tier}"] += updated
                self.parts["enterLeave"] += leaves + entered
                rest -= leaves + entered + updated
        self.parts["framing"] += rest


class Watched:
    """One avatar that a viewer follows from frame to frame."""

    def __init__(self, id: int) -> None:
        self.id, self.predictor, self.tier = id, None, 0
        self.offset, self.since, self.broken_since = (0.0, 0.0, 0.0), 0.0, None

    def drawn(self, tick: float) -> tuple[float, ...] | None:
        if self.predictor is None:
            return None
        left = 0.5 ** (max(tick - self.since, 0) / HALF_LIFE_TICKS[self.tier])
        return tuple(a / 400 + b * left for a, b in zip(self.predictor.at(float(tick)), self.offset))

    def correct(self, predictor, tier: int, tick: float) -> None:
        """What the replica now says; the difference to what was drawn fades."""
        if predictor == self.predictor and predictor is not None:
            return
        before = self.drawn(tick)
        self.predictor, self.tier, self.offset, self.since = predictor, tier, (0.0, 0.0, 0.0), tick
        if before is None or predictor is None or predictor.pose.flags & SNAP:
            return
        offset = tuple(a - b / 400 for a, b in zip(before, predictor.at(float(tick))))
        if math.hypot(*offset) <= JUMP:
            self.offset = offset


def band(distance: float) -> str:
    return "near" if distance <= 5 else "mid" if distance <= 12 else "far"


class Run:
    def __init__(self, data: bytes) -> None:
        self.errors: dict[str, list[float]] = {}
        self.yaws: list[float] = []
        self.drawn: dict[str, list[float]] = {}
        self.aligned: tuple[list[float], ...] = ([], [], [])
        self.broken = 0
        self.broken_ms: list[float] = []
        self.staleness: list[float] = []
        self.appear: list[float] = []
        self.unseen = self.never = 0
        self.watched: dict[int, list[Watched]] = {}
        self.awaited: dict[int, list[tuple[bool, int, int, float]]] = {}
        self.owners: dict[int, int] = {}
        self.history: dict[int, list[Path_]] = {}
        self.expected = self.present = 0
        self.bytes = Bytes()
        self.seconds: list[int] = []
        self.length = 0.0
        paths: dict[int, Path_] = {}
        replicas: dict[int, Replica] = {}
        welcomes: dict[int, tuple[int, int, float]] = {}
        this_second: dict[int, int] = {}
        roll: list[tuple[int, int, bool]] = []
        began = None
        measuring = False
        for kind, body in records(data):
            if kind == "H":
                self.header = json.loads(body)
                viewers = set(self.header["viewers"])
                continue
            (ms,) = struct.unpack_from("<d", body)
            if kind == "B":
                measuring, began = True, ms
                this_second.clear()
            elif kind == "E":
                measuring, self.length = False, (ms - began) / 1000
            elif kind == "F":
                (bot,) = struct.unpack_from("<I", body, 8)
                frame = body[12:]
                if measuring:
                    self.bytes.frame(frame)
                    this_second[bot] = this_second.get(bot, 0) + len(frame)
                if bot in viewers:
                    replicas[bot].apply(frame)
            elif kind == "T":
                bot, count = struct.unpack_from("<II", body, 8)
                if measuring:
                    self.bytes.parts["control"] += count
                    this_second[bot] = this_second.get(bot, 0) + count
                if len(body) > 16:
                    if json.loads(body[16:])["t"] == "space":
                        self.awaited[bot] = []
                    self.text(bot, json.loads(body[16:]), ms, replicas, welcomes)
            elif kind == "G":
                (bot,) = struct.unpack_from("<I", body, 8)
                paths[bot] = Path_(struct.unpack_from(f"<{(len(body) - 12) // 8}d", body, 12))
                self.history.setdefault(bot, []).append(paths[bot])
                del self.history[bot][:-16]
            elif kind == "R":
                count = struct.unpack_from("<I", body, 12)[0]
                roll = [(bot, id, bool(must)) for bot, id, must in struct.iter_unpack("<IHB", body[16:16 + count * 7])]
                self.owners.update((id, bot) for bot, id, _ in roll)
            elif kind == "W":
                bot, count = struct.unpack_from("<II", body, 8)
                self.watched[bot] = [Watched(id) for id in struct.unpack_from(f"<{count}H", body, 16)]
            elif kind == "A":
                bot, id, newcomer, animation = struct.unpack_from("<IHBB", body, 8)
                self.awaited.setdefault(bot, []).append((bool(newcomer), id, animation, ms))
            elif kind == "D":
                bot, id, newcomer = struct.unpack_from("<IHB", body, 8)
                self.awaited[bot] = [one for one in self.awaited.get(bot, []) if one[:2] != (bool(newcomer), id)]
            elif kind == "V":
                bot, tick, count = struct.unpack_from("<IdI", body, 8)
                self.applied(bot, tick, ms, replicas[bot], body[24:24 + count], measuring)
            elif kind == "S":
                bot, tick, settled = struct.unpack_from("<IdB", body, 8)
                self.sample(bot, tick, bool(settled), ms, replicas[bot], roll, paths)
            elif kind == "C":
                for (bot,) in struct.iter_unpack("<I", body[12:]):
                    self.seconds.append(this_second.get(bot, 0))
                this_second.clear()

    @staticmethod
    def text(bot, message, ms, replicas, welcomes) -> None:
        if message["t"] == "welcome":
            welcomes[bot] = (message["id"], message["tick"], ms)
        elif message["t"] == "space":
            own, tick, since = welcomes[bot]
            replicas[bot] = Replica(Grid.read(message["grid"]), tick + int((ms - since) / 50), own)

    def applied(self, bot, tick, ms, replica, known, measuring) -> None:
        """What a frame changed for whom the viewer watches and awaits."""
        shown = replica.entities
        frame_ms = ms - (tick - replica.tick) * 50
        for one, is_known in zip(self.watched.get(bot, []), known):
            predictor = shown.get(one.id)
            tier = 0 if predictor is None else replica.tier_of(one.id)
            one.correct(predictor, tier, tick)
            if predictor is None or not is_known:
                one.broken_since = None
                continue
            truth = self.back(self.owners[one.id], frame_ms)
            error = math.dist([value / 400 for value in predictor.at(float(replica.tick))], truth)
            self.aligned[tier].append(error)
            is_broken = error > BOUNDS[tier]
            self.broken += is_broken
            if is_broken and one.broken_since is None:
                one.broken_since = replica.tick
            elif not is_broken and one.broken_since is not None:
                self.broken_ms.append((replica.tick - one.broken_since) * 50)
                one.broken_since = None
        kept = []
        for newcomer, id, animation, since in self.awaited.get(bot, []):
            if id in shown if newcomer else id in shown and shown[id].pose.animation == animation:
                (self.appear if newcomer else self.staleness).append(max(ms - since, 0))
            elif ms - since > 5000:
                self.never += newcomer
                self.unseen += not newcomer
            else:
                kept.append((newcomer, id, animation, since))
        self.awaited[bot] = kept

    def back(self, bot: int, ms: float) -> tuple[float, float, float]:
        """Where a bot was a moment ago."""
        stretch = next((one for one in reversed(self.history[bot]) if ms >= one.start), self.history[bot][0])
        return stretch.at(ms)[:3]

    def sample(self, bot, tick, settled, ms, replica, roll, paths) -> None:
        shown = replica.entities
        truth = {id: paths[other].at(ms) for other, id, _ in roll}
        own = next((truth[id] for other, id, _ in roll if other == bot), None)
        own_id = next((id for other, id, _ in roll if other == bot), None)
        if own is None:
            return
        for one in self.watched.get(bot, []):
            drawn = one.drawn(tick)
            if drawn is None or one.id not in truth:
                continue
            distance = math.dist(truth[one.id][:3], own[:3])
            error = math.dist(drawn, truth[one.id][:3])
            self.drawn.setdefault(band(distance), []).append(error)
            if truth[one.id][4]:
                self.drawn.setdefault("moving." + band(distance), []).append(error)
        for _, id, must in roll:
            if id == own_id:
                continue
            x, y, z, yaw, moving = truth[id]
            distance = math.dist((x, y, z), own[:3])
            drawn = shown.get(id)
            if settled and must and distance <= self.header["sightMeters"]:
                self.expected += 1
                self.present += drawn is not None
            if drawn is None:
                continue
            at = [value / 400 for value in drawn.at(float(tick))]
            error = math.dist(at, (x, y, z))
            self.errors.setdefault(band(distance), []).append(error)
            if moving:
                self.errors.setdefault("moving." + band(distance), []).append(error)
            self.yaws.append(abs(math.remainder(drawn.pose.yaw / 65536 - yaw, 1)) * 360)


def percentile(values: list[float], percent: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def compare(run: Run, report: dict) -> list[tuple[str, float | None, float | None, bool]]:
    rows = []

    def row(name, mine, theirs, relative=0.0, absolute=0.0):
        same = mine == theirs if mine is None or theirs is None else (
            abs(mine - theirs) <= max(relative * abs(theirs), absolute) + 1e-6)
        rows.append((name, mine, theirs, same))

    def distribution(name, values, theirs, absolute):
        row(f"{name}.count", len(values), theirs["count"])
        for percent in (50, 95, 99):
            row(f"{name}.p{percent}", percentile(values, percent), theirs[f"p{percent}"], 0.002, absolute)
        row(f"{name}.max", max(values, default=None), theirs["max"], 0, 1e-5)

    now = report["errorNowMeters"]
    for key in ("near", "mid", "far"):
        distribution(f"errorNowMeters.{key}", run.errors.get(key, []), now[key], 0.0002)
        distribution(f"errorNowMeters.moving.{key}", run.errors.get("moving." + key, []), now["moving"][key], 0.0002)
        drawn = report["errorDrawnMeters"]
        distribution(f"errorDrawnMeters.{key}", run.drawn.get(key, []), drawn[key], 0.0002)
        distribution(f"errorDrawnMeters.moving.{key}", run.drawn.get("moving." + key, []), drawn["moving"][key], 0.0002)
    for tier in range(3):
        distribution(
            f"errorAlignedMeters.s{tier}", run.aligned[tier], report["errorAlignedMeters"][f"s{tier}"], 0.0002)
    row("errorAlignedMeters.broken", run.broken, report["errorAlignedMeters"]["broken"])
    distribution("errorAlignedMeters.brokenMs", run.broken_ms, report["errorAlignedMeters"]["brokenMs"], 0.02)
    distribution("stalenessMs", run.staleness, report["stalenessMs"], 0.02)
    row("changesUnseen", run.unseen, report["changesUnseen"])
    distribution("visibility.timeToAppearMs", run.appear, report["visibility"]["timeToAppearMs"], 0.02)
    row("visibility.neverAppeared", run.never, report["visibility"]["neverAppeared"])
    distribution("yawErrorDegrees", run.yaws, report["yawErrorDegrees"], 0.02)
    row("visibility.expected", run.expected, report["visibility"]["expected"])
    row("visibility.missed", run.expected - run.present, report["visibility"]["missed"])
    row("seconds", run.length, report["seconds"], 0, 1e-4)
    row("frames.perSecond", run.bytes.frames / run.length, report["frames"]["perSecond"], 1e-5)
    for part, count in run.bytes.parts.items():
        each = count / run.length / run.header["avatars"]
        row(f"bytes.parts.{part}", each, report["bytes"]["parts"][part], 1e-5)
    distribution("bytes.perClientPerSecond", run.seconds, report["bytes"]["perClientPerSecond"], 1)
    return rows


def main() -> int:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    run = Run(Path(sys.argv[1]).read_bytes())
    rows = compare(run, json.loads(Path(sys.argv[2]).read_text()))
    for name, mine, theirs, same in rows:
        print(f"{'  ' if same else '! '}{name:40} {mine!s:>24} {theirs!s:>24}")
    return 0 if all(same for *_, same in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
