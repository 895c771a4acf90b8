"""The builder's kit: nodes of the world format, walls, doors, portals, signs. Metres; yaw in degrees, 0 looks along
-z and grows to the left. Ground is at y = 0; everything stands on its origin.
"""
import json
import math


def text(de, en):
    return {"de": de, "en": en}


def shape(kind, size, color, material="matte"):
    return {"kind": kind, "size": list(size), "color": color, "material": material}


def box(size, color, material="matte"):
    return shape("box", size, color, material)


def cylinder(diameter, height, color, material="matte"):
    return shape("cylinder", (diameter, height, diameter), color, material)


def solid(*size):
    return {"kind": "solid", "size": list(size)} if size else {"kind": "solid"}


def floor(*size):
    return {"kind": "floor", "size": list(size)} if size else {"kind": "floor"}


def ahead(yaw, distance):
    """The way (x, z) of so many metres along a heading."""
    return -math.sin(math.radians(yaw)) * distance, -math.cos(math.radians(yaw)) * distance


def turned(x, z, yaw):
    """A point of a turned node's own ground axes in its parent's."""
    s, c = math.sin(math.radians(yaw)), math.cos(math.radians(yaw))
    return x * c + z * s, z * c - x * s


class Space:
    """One space under construction."""

    def __init__(self, space_id, title, description, bounds, environment, capacity, cell=8, overflow=0):
        self.id = space_id
        self.title, self.description = title, description
        self.bounds, self.environment = bounds, environment
        self.capacity, self.cell, self.overflow = capacity, cell, overflow
        self.nodes = []
        self.counts = {}

    def document(self):
        low, high = self.bounds
        return {"id": self.id, "title": self.title, "description": self.description,
                "bounds": {"min": low, "max": high}, "cellMeters": self.cell, "capacity": self.capacity,
                **({"overflow": self.overflow} if self.overflow else {}),
                "environment": self.environment, "nodes": self.nodes}

    def name(self, stem):
        """An id: `stem` with the next of its numbers, or just as it is when it ends in `!`."""
        if stem.endswith("!"):
            return stem[:-1]
        self.counts[stem] = self.counts.get(stem, 0) + 1
        return f"{stem}-{self.counts[stem]}"

    def node(self, stem, at=(0, 0, 0), yaw=0, title=None, alt=None, children=None, rotation=None, **components):
        """Adds a node; components by their names. Children are made by `part`."""
        made = part(self.name(stem), at, yaw, title, alt, rotation, **components)
        if children:
            made["children"] = [dict(child, id=f"{made['id']}-{child['id']}") for child in children]
        self.nodes.append(made)
        return made

    def model(self, asset, at, yaw=0, collider=None, scale=None, stem=None, **more):
        made = self.node(stem or asset, at, yaw, model={"asset": asset}, **more)
        if collider:
            made["components"]["collider"] = solid(*collider)
        if scale:
            made["scale"] = scale
        return made

    # Building

    def wall(self, start, end, height, color, material="matte", windows=(), thickness=0.2, frame="#f3efe6"):
        """A straight wall along x or z from (x, z) to (x, z). Windows are (metres from the start to the window's
        middle, width, sill, head); glass is as solid as the wall."""
        (x0, z0), (x1, z1) = start, end
        along_x = z0 == z1
        if not along_x and x0 != x1:
            raise ValueError(f"a wall runs along x or z, not from {start} to {end}")
        length = abs(x1 - x0) + abs(z1 - z0)
        yaw = (0 if x1 > x0 else 180) if along_x else (-90 if z1 > z0 else 90)
        at = ((x0 + x1) / 2, 0, (z0 + z1) / 2)
        if not windows:
            return self.node("wall", at, yaw, shape=box((length, height, thickness), color, material), collider=solid())
        pieces, edge = [], -length / 2

        def piece(stem, x, y, w, h, d, tone, what):
            if w > 0.001 and h > 0.001:
                pieces.append(part(f"{stem}{len(pieces) + 1}", (x, y, 0), shape=box((w, h, d), tone, what)))

        for middle, width, sill, head in sorted(windows):
            left = middle - length / 2 - width / 2
            if left < edge - 1e-9 or left + width > length / 2 + 1e-9:
                raise ValueError("windows overlap or reach beyond their wall")
            centre = left + width / 2
            piece("pier", (edge + left) / 2, 0, left - edge, height, thickness, color, material)
            piece("sill", centre, 0, width, sill, thickness, color, material)
            piece("lintel", centre, head, width, height - head, thickness, color, material)
            piece("glass", centre, sill, width, head - sill, 0.04, "#cfe6ea", "glass")
            bars = max(1, round(width / 1.8))
            for i in range(bars + 1):
                piece("bar", left + 0.03 + (width - 0.06) * i / bars, sill, 0.06, head - sill, 0.1, frame, "wood")
            edge = left + width
        piece("pier", (edge + length / 2) / 2, 0, length / 2 - edge, height, thickness, color, material)
        return self.node("wall", at, yaw, collider=solid(length, height, thickness), children=pieces)

    def glass_wall(self, start, end, height, color="#8a8f8c"):
        """Glass from the floor to a rail."""
        length = abs(end[0] - start[0]) + abs(end[1] - start[1])
        return self.wall(start, end, height, color, "metal", [(length / 2, length - 0.02, 0.06, height - 0.1)], 0.1, color)

    def sliding_door(self, stem, at, yaw, width, title, alt, slide=None, height=2.3, color="#cfe6ea",
                     material="glass", locked=False, sensor=2.5):
        """One leaf across the local x axis; it slides its own width to +x unless told otherwise."""
        motion = {"motion": "door", "slide": [slide if slide is not None else width, 0, 0], "sensorMeters": sensor,
                  "secondsToOpen": 1.0, "holdSeconds": 2.5}
        if locked:
            motion["locked"] = True
        rails = [part("handle", (-width / 2 + 0.12 if (slide or width) > 0 else width / 2 - 0.12, 0.85, 0),
                      shape=box((0.04, 0.6, 0.12), "#8a8f8c", "metal")),
                 part("foot", (0, 0, 0), shape=box((width, 0.1, 0.07), "#8a8f8c", "metal")),
                 part("head", (0, height - 0.08, 0), shape=box((width, 0.08, 0.07), "#8a8f8c", "metal"))]
        self.node(f"{stem}!", at, yaw, title, alt, shape=box((width, height, 0.06), color, material),
                  collider=solid(width, height, 0.1), dynamic=motion, children=rails)

    def portal(self, to, at, facing, names, width=2.4, height=2.7, panel="#16323a", distance=3.2):
        """A passage at (x, z) on a wall, looking into the room along `facing`, with the place where those who come
        from there arrive in front of it. `names` is the title of the space behind."""
        x, z = at
        dx, dz = ahead(facing, 1)
        self.node(f"panel-{to}!", (x + dx * 0.05, 0, z + dz * 0.05), facing,
                  shape=box((width + 0.1, height + 0.1, 0.08), panel), collider=solid())
        self.node(f"to-{to}!", (x + dx * 0.26, 0, z + dz * 0.26), facing,
                  text(f"Durchgang: {names['de']}", f"Passage: {names['en']}"),
                  text(f"Leuchtender Durchgang. Wer hindurchgeht, kommt an: {names['de']}.",
                       f"Glowing passage. Walk through to arrive at: {names['en']}."),
                  area={"purpose": "portal", "size": [width, height, 1.0], "to": {"space": to, "spawn": f"from-{self.id}"}})
        self.node(f"from-{to}!", (x + dx * distance, 0, z + dz * distance), facing,
                  text(f"Ankunft aus: {names['de']}", f"Arrival from: {names['en']}"), spawn={"radius": 1.0})
        self.rug((x + dx * 1.5, z + dz * 1.5), (width, 1.3), "#5d6f6e", facing)

    def ramp(self, at, yaw, width, height, length, color, material="matte"):
        """Rises to `height` along its heading; `at` is the middle of its footprint."""
        slope, thick = math.atan2(height, length), 0.08
        # The plank leans; its underside is placed so that its top lies on the collider's.
        plank = part("plank", (0, height / 2 - thick * math.cos(slope), -thick * math.sin(slope)),
                     rotation=[round(math.sin(slope / 2), 6), 0, 0, round(math.cos(slope / 2), 6)],
                     shape=box((width, thick, math.hypot(length, height)), color, material))
        self.node("ramp", at, yaw, collider={"kind": "ramp", "size": [width, height, length]}, children=[plank])

    def surroundings(self, walls, trees=(), green="#86a860"):
        """Lawn around a building whose outer walls are at (west, north, east, south), and trees to see from inside."""
        west, north, east, south = walls
        low, high = self.bounds
        self.node("meadow", (0, -0.05, 0), shape=box((300, 0.036, 300), green, "grass"))
        for x0, z0, x1, z1 in ((low[0], low[2], west, high[2]), (east, low[2], high[0], high[2]),
                               (west, low[2], east, north), (west, south, east, high[2])):
            if x1 - x0 > 0.05 and z1 - z0 > 0.05:
                self.node("lawn", ((x0 + x1) / 2, 0, (z0 + z1) / 2), shape=box((x1 - x0, 0.01, z1 - z0), green, "grass"))
        for i, (x, z) in enumerate(trees):
            self.model("tree-birch" if i % 3 == 1 else "tree-round", (x, 0, z), 53 * i, scale=1.1 + 0.15 * (i % 3))
            self.model("shrub", (x + 1.6, 0, z - 0.9), 31 * i, scale=1.3)

    # Small things

    def rug(self, at, size, color, yaw=0, round_=False):
        kind = "cylinder" if round_ else "box"
        self.node("rug", (at[0], 0, at[1]), yaw, shape=shape(kind, (size[0], 0.014, size[1]), color, "fabric"))

    def sign(self, stem, at, facing, size, words, board=False, about=None):
        """A board that is read when looking against `facing`. `board` puts a panel behind it."""
        children = [part("back", (0, -0.04, -0.03), shape=box((size[0] + 0.08, size[1] + 0.08, 0.05), "#6d5238", "wood"))]
        alt = about or text(f"Schild: {words['de']}", f"Sign: {words['en']}")
        one_line = {lang: " ".join(value.split()) for lang, value in alt.items()}
        self.node(f"sign-{stem}!", at, facing + 180, None, one_line, sign={"text": words, "size": list(size)},
                  children=children if board else None)

    def column(self, at, height, diameter=0.5, color="#efe6d6", material="matte"):
        foot = part("foot", shape=cylinder(diameter + 0.14, 0.14, "#8d7656", "wood"))
        self.node("column", (at[0], 0, at[1]), shape=cylinder(diameter, height, color, material),
                  collider=solid(diameter, height, diameter), children=[foot])

    def lamp(self, at, intensity=0.8, reach=7, color="#ffdfae", asset="pendant-lamp"):
        """A lamp with its light where the shade is."""
        made = self.model(asset, at)
        light = {"kind": "point", "color": color, "intensity": intensity, "rangeMeters": reach}
        if asset == "pendant-lamp":
            made["components"]["light"] = light
        else:
            height = {"floor-lamp": 1.6, "desk-lamp": 0.4, "street-lamp": 4.8}[asset]
            made["children"] = [part(f"{made['id']}-light", (0, height, 0), light=light)]
            if asset == "floor-lamp":
                made["components"]["collider"] = solid(0.32, 1.7, 0.32)
            if asset == "street-lamp":
                made["components"]["collider"] = solid(0.22, 5, 0.22)
        return made

    def area(self, stem, purpose, at, size, title, alt, yaw=0, capacity=None, locked=False, attenuation=None):
        area = {"purpose": purpose, "size": list(size)}
        if capacity:
            area["capacity"] = capacity
        if locked:
            area["locked"] = True
        if attenuation:
            area["attenuation"] = attenuation
        return self.node(f"{stem}!", at, yaw, title, alt, area=area)

    def exhibit(self, stem, at, yaw, title, alt, words, image=None, link=None, **more):
        content = {"text": words}
        if link:
            content["link"] = link
        if image:
            content["image"] = image
        return self.node(f"{stem}!", at, yaw, title, alt, exhibit=content, **more)


def part(part_id, at=(0, 0, 0), yaw=0, title=None, alt=None, rotation=None, **components):
    """A node by itself; defaults are left out."""
    made = {"id": part_id}
    at = [tidy(v) for v in at]
    if any(at):
        made["position"] = at
    yaw = tidy((yaw + 180) % 360 - 180)
    if yaw:
        made["yawDegrees"] = yaw
    if rotation:
        made["rotation"] = list(rotation)
    if title:
        made["title"] = title
    if alt:
        made["alt"] = alt
    if components:
        made["components"] = {name: tidy(value) for name, value in components.items()}
    return made


def tidy(value):
    """Numbers rounded to 0.1 mm, whole ones as integers, everywhere inside."""
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key: tidy(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [tidy(item) for item in value]
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def pretty(value, indent=0, width=116):
    """JSON with whatever fits on one line on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= width or not isinstance(value, (dict, list)) or not value:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {pretty(item, indent + 2, width)}" for key, item in value.items()]
        opening, closing = "{", "}"
    else:
        items = [pretty(item, indent + 2, width) for item in value]
        opening, closing = "[", "]"
    return opening + "\n" + ",\n".join(inner + item for item in items) + "\n" + " " * indent + closing
