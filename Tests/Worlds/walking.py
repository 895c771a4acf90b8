"""A space of a world file as a body meets it, for tests: upright boxes, ground, and where one gets on foot.

The rules are those of docs/WORLDS.md: a body is a disc of 0.3 m radius and 1.7 m height that steps up 0.4 m. Doors
that open by themselves are open, locked ones are walls, locked areas are out of bounds. Standard library only.
"""
import math
from collections import deque

RADIUS, HEIGHT, STEP = 0.3, 1.7, 0.4
EPSILON = 1e-6


class Box:
    """Upright, turned by (cos, sin) about the vertical, standing on (x, y, z)."""

    def __init__(self, frame, size, kind="solid"):
        self.x, self.y, self.z, yaw, scale = frame
        self.cos, self.sin = math.cos(yaw), math.sin(yaw)
        self.hx, self.height, self.hz = size[0] * scale[0] / 2, size[1] * scale[1], size[2] * scale[2] / 2
        self.kind = kind

    def local(self, x, z):
        dx, dz = x - self.x, z - self.z
        return self.cos * dx - self.sin * dz, self.sin * dx + self.cos * dz

    def distance(self, x, z):
        """On the ground; 0 inside."""
        lx, lz = self.local(x, z)
        return math.hypot(max(abs(lx) - self.hx, 0), max(abs(lz) - self.hz, 0))

    def contains(self, x, y, z):
        return self.distance(x, z) == 0 and self.y - EPSILON <= y <= self.y + self.height

    def top(self, lz):
        if self.kind != "ramp":
            return self.y + self.height
        return self.y + self.height * min(max((self.hz - lz) / (2 * self.hz), 0), 1)

    def reach(self):
        return (abs(self.cos) * self.hx + abs(self.sin) * self.hz, abs(self.sin) * self.hx + abs(self.cos) * self.hz)


def flatten(space):
    """Every node with its frame (x, y, z, yaw, scale) and the dynamic node that carries it, if any. Frames of nodes
    that lean (a `rotation`) are those of their parents, moved: such nodes are only looked at."""
    found = []

    def visit(node, parent, carrier):
        x, y, z, yaw, scale = parent
        components = node.get("components", {})
        motion = components.get("dynamic")
        place = motion["points"][0] if motion and "points" in motion else node.get("position", (0, 0, 0))
        px, py, pz = (place[i] * scale[i] for i in range(3))
        own = node.get("scale", 1)
        own = own if isinstance(own, list) else [own] * 3
        frame = (x + math.cos(yaw) * px + math.sin(yaw) * pz, y + py, z - math.sin(yaw) * px + math.cos(yaw) * pz,
                 yaw + math.radians(node.get("yawDegrees", 0)), [scale[i] * own[i] for i in range(3)])
        carrier = node if motion else carrier
        found.append((node, frame, carrier))
        for child in node.get("children", []):
            visit(child, frame, carrier)

    for node in space["nodes"]:
        visit(node, (0, 0, 0, 0, [1, 1, 1]), None)
    return found


class Ground:
    """What bodies meet in one space, and a grid of places to stand."""

    def __init__(self, space, step):
        self.step = step
        self.low, self.high = space["bounds"]["min"], space["bounds"]["max"]
        self.boxes, self.barred, self.cells = [], [], {}
        for node, frame, carrier in flatten(space):
            components = node.get("components", {})
            area = components.get("area")
            if area and area.get("locked"):
                self.barred.append(Box(frame, area["size"]))
            collider = components.get("collider")
            if not collider:
                continue
            if carrier and not carrier["components"]["dynamic"].get("locked"):
                continue
            size = collider.get("size") or components["shape"]["size"]
            self.add(Box(frame, size, collider["kind"]))

    def add(self, box):
        rx, rz = box.reach()
        self.boxes.append(box)
        for i in range(math.floor(box.x - rx - RADIUS - 0.1), math.floor(box.x + rx + RADIUS + 0.1) + 1):
            for k in range(math.floor(box.z - rz - RADIUS - 0.1), math.floor(box.z + rz + RADIUS + 0.1) + 1):
                self.cells.setdefault((i, k), []).append(box)

    def near(self, x, z):
        return self.cells.get((math.floor(x), math.floor(z)), ())

    def height(self, x, z, feet):
        """Of the highest ground at most a step above the feet. Tops of solids are ground as well."""
        ground = 0.0
        for box in self.near(x, z):
            lx, lz = box.local(x, z)
            if abs(lx) <= box.hx and abs(lz) <= box.hz:
                top = box.top(lz)
                if ground < top <= feet + STEP + EPSILON and box.y <= feet + STEP:
                    ground = top
        return ground

    def is_free(self, x, y, z):
        """Whether a body stands there without touching anything, in bounds and in no barred area."""
        if not (self.low[0] + RADIUS <= x <= self.high[0] - RADIUS and self.low[2] + RADIUS <= z <= self.high[2] - RADIUS):
            return False
        for box in self.near(x, z):
            if box.y >= y + HEIGHT or box.distance(x, z) >= RADIUS:
                continue
            if box.kind == "solid":
                if box.y + box.height > y + 0.02:
                    return False
            else:
                _, lz = box.local(x, z)
                if box.top(min(max(lz, -box.hz), box.hz)) > y + STEP + EPSILON:
                    return False
        return not any(box.contains(x, y, z) for box in self.barred)

    def flood(self, x, z, y=0.0, until=None):
        """Cells on foot from a point: {(i, k): height}. `until`: a cell at which to stop."""
        start = (round(x / self.step), round(z / self.step))
        x, z = start[0] * self.step, start[1] * self.step
        reached = {start: self.height(x, z, y)}
        if not self.is_free(x, reached[start], z):
            return {}
        queue = deque([start])
        while queue:
            cell = queue.popleft()
            if cell == until:
                break
            for di, dk in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                following = (cell[0] + di, cell[1] + dk)
                if following in reached:
                    continue
                y = reached[cell]
                for quarter in (0.25, 0.5, 0.75, 1):  # A narrow gap between two floors is fallen into.
                    x, z = (cell[0] + di * quarter) * self.step, (cell[1] + dk * quarter) * self.step
                    y = self.height(x, z, y)
                if self.is_free(x, y, z):
                    reached[following] = y
                    queue.append(following)
        return reached
