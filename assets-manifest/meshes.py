"""Low-polygon meshes and their binary glTF 2.0 files. Standard library only; the same input gives the same bytes.

Units are metres, y is up, the front of every model looks along -z, and it stands on y = 0 unless it says otherwise.
"""
import json
import math
import struct

ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, FLOAT, UNSIGNED_SHORT, TRIANGLES = 34962, 34963, 5126, 5123, 4


def linear(color):
    """`#rrggbb` (sRGB) as the linear factors that glTF wants."""
    values = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    return [round(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4, 4) for v in values]


def _sub(a, b):
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _cross(a, b):
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _unit(v):
    length = math.sqrt(v[0] ** 2 + v[1] ** 2 + v[2] ** 2) or 1.0
    return (v[0] / length, v[1] / length, v[2] / length)


def _turned(p, turn):
    """Turned about x, then y, then z, by degrees."""
    x, y, z = p
    for axis, degrees in enumerate(turn):
        if not degrees:
            continue
        s, c = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        if axis == 0:
            y, z = y * c - z * s, y * s + z * c
        elif axis == 1:
            x, z = x * c + z * s, z * c - x * s
        else:
            x, y = x * c - y * s, x * s + y * c
    return (x, y, z)


class Mesh:
    """Triangles by material. A material is (surface, colour): the client knows surfaces by the first word."""

    def __init__(self):
        self.parts = {}

    def triangles(self, material, points, normals, indices, at=(0, 0, 0), turn=(0, 0, 0)):
        positions, directions, order = self.parts.setdefault(material, ([], [], []))
        first = len(positions)
        for p, n in zip(points, normals):
            x, y, z = _turned(p, turn)
            # Rounded, so that another C library's last bit of a sine changes nothing.
            positions.append((round(x + at[0], 4), round(y + at[1], 4), round(z + at[2], 4)))
            directions.append(tuple(round(v, 4) for v in _unit(_turned(n, turn))))
        order.extend(first + i for i in indices)

    def faces(self, material, polygons, at=(0, 0, 0), turn=(0, 0, 0)):
        """Flat convex polygons, corners counter-clockwise seen from outside."""
        for polygon in polygons:
            normal = _cross(_sub(polygon[1], polygon[0]), _sub(polygon[2], polygon[0]))
            indices = [i for k in range(1, len(polygon) - 1) for i in (0, k, k + 1)]
            self.triangles(material, polygon, [normal] * len(polygon), indices, at, turn)

    def box(self, material, at, size, turn=(0, 0, 0), taper=1.0):
        """Standing on `at`; `taper` scales the top."""
        w, h, d = size[0] / 2, size[1], size[2] / 2
        low = [(-w, 0, -d), (w, 0, -d), (w, 0, d), (-w, 0, d)]
        high = [(x * taper, h, z * taper) for x, _, z in low]
        sides = [[low[(i + 1) % 4], low[i], high[i], high[(i + 1) % 4]] for i in range(4)]
        self.faces(material, [low, high[::-1]] + sides, at, turn)

    def lathe(self, material, profile, around=16, at=(0, 0, 0), turn=(0, 0, 0), stretch=(1, 1)):
        """A body of revolution about y from (radius, height) pairs, bottom to top; every segment is shaded smoothly
        around and sharply against its neighbours. `stretch` makes an ellipse of it."""
        for (r0, y0), (r1, y1) in zip(profile, profile[1:]):
            if r0 == r1 and y0 == y1:
                continue
            points, normals, indices = [], [], []
            for i in range(around + 1):
                s, c = math.sin(2 * math.pi * i / around), math.cos(2 * math.pi * i / around)
                normal = (s * (y1 - y0) / stretch[0], r0 - r1, c * (y1 - y0) / stretch[1])
                points += [(s * r0 * stretch[0], y0, c * r0 * stretch[1]),
                           (s * r1 * stretch[0], y1, c * r1 * stretch[1])]
                normals += [normal, normal]
            for i in range(around):
                a = 2 * i
                if r0:
                    indices += [a, a + 2, a + 1] if not r1 else [a, a + 2, a + 3, a, a + 3, a + 1]
                else:
                    indices += [a, a + 3, a + 1]
            self.triangles(material, points, normals, indices, at, turn)

    def cylinder(self, material, at, radius, height, around=16, top=None, turn=(0, 0, 0)):
        top = radius if top is None else top
        profile = [(0, 0), (radius, 0), (top, height), (0, height)]
        self.lathe(material, profile, around, at, turn)

    def ball(self, material, at, radii, rings=8, turn=(0, 0, 0)):
        """An ellipsoid, smooth."""
        points, normals, indices = [], [], []
        around = rings * 2
        for j in range(rings + 1):
            sp, cp = math.sin(math.pi * j / rings), -math.cos(math.pi * j / rings)
            for i in range(around + 1):
                s, c = math.sin(2 * math.pi * i / around), math.cos(2 * math.pi * i / around)
                n = (s * sp, cp, c * sp)
                points.append((n[0] * radii[0], n[1] * radii[1], n[2] * radii[2]))
                normals.append((n[0] / radii[0], n[1] / radii[1], n[2] / radii[2]))
        for j in range(rings):
            for i in range(around):
                a = j * (around + 1) + i
                b = a + around + 1
                if j > 0:
                    indices += [a, a + 1, b + 1]
                if j < rings - 1:
                    indices += [a, b + 1, b]
        self.triangles(material, points, normals, indices, at, turn)

    def rock(self, material, at, radii, seed, rough=0.16):
        """A faceted lump: foliage, stones. Shaded flat."""
        points, faces = _icosphere()
        moved = []
        for i, p in enumerate(points):
            k = 1 + rough * (2 * _hash(seed * 131 + i) - 1)
            moved.append((p[0] * k * radii[0], p[1] * k * radii[1], p[2] * k * radii[2]))
        self.faces(material, [[moved[a], moved[b], moved[c]] for a, b, c in faces], at)

    def tube(self, material, path, radius, around=8):
        """Round bar along points, with caps."""
        for start, end in zip(path, path[1:]):
            way = _sub(end, start)
            length = math.sqrt(sum(v * v for v in way))
            pitch = math.degrees(math.acos(max(-1, min(1, way[1] / length))))
            heading = math.degrees(math.atan2(way[0], way[2]))
            self.cylinder(material, start, radius, length, around, turn=(pitch, heading, 0))

    def prism(self, material, outline, width, at=(0, 0, 0), turn=(0, 0, 0), narrow=1.0):
        """A convex outline of (z, y) pairs, counter-clockwise with z to the right, made `width` wide along x; points
        higher than the middle are drawn in by `narrow`."""
        middle = (max(y for _, y in outline) + min(y for _, y in outline)) / 2

        def side(sign):
            return [(sign * width / 2 * (narrow if y > middle else 1), y, z) for z, y in outline]

        right, left = side(1), side(-1)
        count = len(outline)
        walls = [[right[i], left[i], left[(i + 1) % count], right[(i + 1) % count]] for i in range(count)]
        self.faces(material, [right[::-1], left] + [w[::-1] for w in walls], at, turn)

    def glb(self):
        """The file's bytes."""
        binary, views, accessors, materials, primitives = bytearray(), [], [], [], []

        def view(data, target):
            while len(binary) % 4:
                binary.append(0)
            views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data), "target": target})
            binary.extend(data)
            return len(views) - 1

        for (surface, color), (positions, normals, order) in sorted(self.parts.items()):
            if len(positions) > 65535:
                raise ValueError("a part has more vertices than 16-bit indices reach")
            flat = struct.pack(f"<{3 * len(positions)}f", *(v for p in positions for v in p))
            exact = list(struct.iter_unpack("<3f", flat))
            accessors.append({
                "bufferView": view(flat, ARRAY_BUFFER), "componentType": FLOAT, "count": len(positions),
                "type": "VEC3", "min": [min(p[k] for p in exact) for k in range(3)],
                "max": [max(p[k] for p in exact) for k in range(3)]})
            flat = struct.pack(f"<{3 * len(normals)}f", *(v for n in normals for v in n))
            accessors.append({"bufferView": view(flat, ARRAY_BUFFER), "componentType": FLOAT,
                              "count": len(normals), "type": "VEC3"})
            flat = struct.pack(f"<{len(order)}H", *order)
            accessors.append({"bufferView": view(flat, ELEMENT_ARRAY_BUFFER), "componentType": UNSIGNED_SHORT,
                              "count": len(order), "type": "SCALAR"})
            primitives.append({
                "attributes": {"POSITION": len(accessors) - 3, "NORMAL": len(accessors) - 2},
                "indices": len(accessors) - 1, "material": len(materials), "mode": TRIANGLES})
            materials.append(_material(surface, color))
        while len(binary) % 4:
            binary.append(0)
        document = {
            "asset": {"version": "2.0", "generator": "assets-manifest/generate.py"},
            "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": primitives}], "materials": materials, "accessors": accessors,
            "bufferViews": views, "buffers": [{"byteLength": len(binary)}]}
        text = json.dumps(document, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + len(binary)
        return (struct.pack("<4sII", b"glTF", 2, total) + struct.pack("<I4s", len(text), b"JSON") + text
                + struct.pack("<I4s", len(binary), b"BIN\0") + bytes(binary))


def _material(surface, color):
    rough = {"metal": 0.35, "glass": 0.1, "wood": 0.7}.get(surface, 0.9)
    alpha = 0.35 if surface == "glass" else 1
    material = {
        "name": f"{surface} {color}", "doubleSided": surface in ("glass", "grass"),
        "pbrMetallicRoughness": {"baseColorFactor": linear(color) + [alpha], "roughnessFactor": rough,
                                 "metallicFactor": 0.8 if surface == "metal" else 0}}
    if surface == "glass":
        material["alphaMode"] = "BLEND"
    if surface == "emissive":
        material["emissiveFactor"] = linear(color)
    return material


def _hash(n):
    """0…1, the same on every machine."""
    n = (n * 2654435761 + 12345) & 0xFFFFFFFF
    n = ((n ^ (n >> 15)) * 2246822519) & 0xFFFFFFFF
    return ((n ^ (n >> 13)) & 0xFFFF) / 65535


def _icosphere():
    """80 triangles on the unit sphere."""
    t = (1 + math.sqrt(5)) / 2
    points = [_unit(p) for p in [
        (-1, t, 0), (1, t, 0), (-1, -t, 0), (1, -t, 0), (0, -1, t), (0, 1, t), (0, -1, -t), (0, 1, -t),
        (t, 0, -1), (t, 0, 1), (-t, 0, -1), (-t, 0, 1)]]
    faces = [(0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2),
             (10, 7, 6), (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5), (2, 4, 11),
             (6, 2, 10), (8, 6, 7), (9, 8, 1)]
    middles, finer = {}, []

    def middle(a, b):
        key = (min(a, b), max(a, b))
        if key not in middles:
            pa, pb = points[a], points[b]
            points.append(_unit((pa[0] + pb[0], pa[1] + pb[1], pa[2] + pb[2])))
            middles[key] = len(points) - 1
        return middles[key]

    for a, b, c in faces:
        ab, bc, ca = middle(a, b), middle(b, c), middle(c, a)
        finer += [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    return points, finer
