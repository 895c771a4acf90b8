"""The hub's models. Each function returns a Mesh; sizes in metres, front along -z, standing on y = 0."""
import math

from meshes import Mesh

OAK, BIRCH, WALNUT = ("wood", "#c49a6c"), ("wood", "#dcc09a"), ("wood", "#7a5236")
STEEL, BLACK_STEEL, WHITE_STEEL = ("metal", "#b9bec2"), ("metal", "#3a3d40"), ("metal", "#eef0ef")
WHITE, GRAPHITE, RUBBER = ("matte", "#f2efe8"), ("matte", "#3b4045"), ("matte", "#26282a")
GLASS, GLOW = ("glass", "#cfe6ea"), ("emissive", "#ffe9bd")
EARTH, CLAY, TERRACOTTA = ("matte", "#4c3a2b"), ("matte", "#e9e2d5"), ("matte", "#b5674a")


def leaf(mesh, material, base, length, width, heading, rise, droop):
    """A bent leaf of two quads, drawn from both sides."""
    s, c = math.sin(math.radians(heading)), math.cos(math.radians(heading))

    def at(out, side, up):
        return (base[0] + s * out + c * side, base[1] + up, base[2] + c * out - s * side)

    root, tip = at(0, 0, 0), at(length, 0, rise - droop)
    left, right = at(length * 0.55, -width / 2, rise), at(length * 0.55, width / 2, rise)
    spine = at(length * 0.55, 0, rise * 0.93)
    mesh.faces(material, [[root, left, spine], [root, spine, right], [left, tip, spine], [spine, tip, right]])


def plant_tall():
    m = Mesh()
    m.lathe(CLAY, [(0, 0), (0.19, 0), (0.26, 0.46), (0.23, 0.46), (0.22, 0.41)], 18)
    m.cylinder(EARTH, (0, 0.38, 0), 0.225, 0.03, 14)
    greens = [("grass", "#3f7a45"), ("grass", "#57924f"), ("grass", "#2f6640")]
    for i in range(22):
        ring = i // 8
        heading = i * 137.5
        height = 0.5 + 0.34 * ring + 0.05 * (i % 3)
        s, c = math.sin(math.radians(heading)), math.cos(math.radians(heading))
        stem = (s * 0.1, height, c * 0.1)
        if i % 2 == 0:
            m.tube(("matte", "#5d7f45"), [(s * 0.03, 0.4, c * 0.03), stem], 0.012, 5)
        leaf(m, greens[i % 3], stem, 0.58 - 0.1 * ring, 0.24 - 0.03 * ring, heading, 0.3 + 0.1 * ring, 0.16)
    return m


def plant_low():
    m = Mesh()
    m.lathe(TERRACOTTA, [(0, 0), (0.12, 0), (0.17, 0.22), (0.14, 0.22), (0.135, 0.19)], 14)
    m.cylinder(EARTH, (0, 0.17, 0), 0.14, 0.02, 12)
    greens = [("grass", "#6f9f58"), ("grass", "#4f8650"), ("grass", "#88b06a")]
    for i in range(18):
        leaf(m, greens[i % 3], (0, 0.18, 0), 0.3 + 0.05 * (i % 3), 0.075, i * 137.5, 0.12 + 0.018 * i, 0.12)
    return m


def tree_round():
    m = Mesh()
    bark = ("wood", "#7d6147")
    m.lathe(bark, [(0, 0), (0.24, 0), (0.16, 0.5), (0.12, 2.4), (0, 2.5)], 10)
    for x, y, z in ((0.7, 3.0, 0.2), (-0.6, 3.1, -0.3), (0.1, 3.2, -0.6)):
        m.tube(bark, [(0, 2.1, 0), (x * 0.8, y, z * 0.8)], 0.06, 6)
    for i, (x, y, z, r) in enumerate([
            (0, 4.2, 0, 1.35), (0.95, 3.5, 0.3, 1.05), (-0.85, 3.6, -0.35, 1.1), (0.1, 3.5, -0.95, 1.0),
            (-0.2, 3.4, 0.95, 0.95), (0.35, 5.0, -0.2, 0.85)]):
        m.rock(("grass", ["#5d9150", "#6da05a", "#4f8448"][i % 3]), (x, y, z), (r, r * 0.86, r), i + 1)
    return m


def tree_birch():
    m = Mesh()
    m.lathe(("wood", "#e8e4d8"), [(0, 0), (0.13, 0), (0.1, 0.4), (0.05, 4.6), (0, 4.7)], 9)
    for y in (0.7, 1.3, 1.75, 2.4, 2.9):
        m.cylinder(("wood", "#55504a"), (0, y, 0), 0.102 - y * 0.008, 0.07, 9)
    for i, (x, y, z, rx, ry) in enumerate([
            (0, 5.2, 0, 0.75, 1.0), (0.45, 4.1, 0.2, 0.8, 0.85), (-0.45, 4.2, -0.15, 0.8, 0.9),
            (0.1, 3.3, -0.4, 0.7, 0.65), (-0.15, 3.2, 0.42, 0.68, 0.6)]):
        m.rock(("grass", ["#96b65e", "#a9c46c", "#85a955"][i % 3]), (x, y, z), (rx, ry, rx), i + 21)
    return m


def shrub():
    m = Mesh()
    for i, (x, y, z, r) in enumerate([(0, 0.42, 0, 0.5), (0.42, 0.3, 0.12, 0.36), (-0.38, 0.32, -0.1, 0.4)]):
        m.rock(("grass", ["#6b9a54", "#7cab5e", "#5c8a4c"][i]), (x, y, z), (r, r * 0.85, r), i + 41)
    for i in range(7):
        a = i * 2.4
        m.ball(("matte", "#e6a4b4"), (0.5 * math.sin(a), 0.5 + 0.1 * math.cos(3 * a), 0.36 * math.cos(a)), (0.045,) * 3, 4)
    return m


def chair(shell):
    m = Mesh()
    for x in (-0.2, 0.2):
        m.tube(BIRCH, [(x * 1.1, 0, -0.21), (x * 0.85, 0.43, -0.15)], 0.018, 7)
        m.tube(BIRCH, [(x * 1.1, 0, 0.23), (x * 0.85, 0.43, 0.14)], 0.018, 7)
    m.box(shell, (0, 0.42, 0), (0.46, 0.045, 0.44))
    m.box(shell, (0, 0.56, 0.2), (0.42, 0.32, 0.04), turn=(9, 0, 0))
    for x in (-0.14, 0.14):
        m.tube(BIRCH, [(x, 0.43, 0.18), (x, 0.72, 0.235)], 0.014, 6)
    return m


def office_chair():
    m = Mesh()
    cloth = ("fabric", "#4f7a70")
    for i in range(5):
        a = math.radians(72 * i)
        end = (0.3 * math.sin(a), 0.06, 0.3 * math.cos(a))
        m.tube(BLACK_STEEL, [(0, 0.1, 0), end], 0.022, 6)
        m.ball(RUBBER, (end[0], 0.035, end[2]), (0.035, 0.035, 0.035), 4)
    m.cylinder(BLACK_STEEL, (0, 0.08, 0), 0.03, 0.36, 10)
    m.box(cloth, (0, 0.43, 0), (0.5, 0.08, 0.48), taper=0.94)
    m.box(cloth, (0, 0.58, 0.22), (0.46, 0.52, 0.07), turn=(8, 0, 0), taper=0.88)
    m.tube(BLACK_STEEL, [(0, 0.42, 0.16), (0, 0.6, 0.25)], 0.025, 6)
    for x in (-0.28, 0.28):
        m.tube(BLACK_STEEL, [(x * 0.85, 0.46, 0.08), (x, 0.63, 0.05)], 0.014, 6)
        m.box(GRAPHITE, (x, 0.63, 0.0), (0.06, 0.03, 0.26))
    return m


def armchair():
    m = Mesh()
    cloth, cushion = ("fabric", "#c8803f"), ("fabric", "#d9965a")
    for x in (-0.3, 0.3):
        for z in (-0.28, 0.28):
            m.cylinder(WALNUT, (x, 0, z), 0.018, 0.2, 8, top=0.028)
    m.box(cloth, (0, 0.18, 0), (0.78, 0.16, 0.74))
    m.box(cushion, (0, 0.34, -0.05), (0.54, 0.12, 0.6), taper=0.95)
    m.box(cloth, (0, 0.3, 0.32), (0.78, 0.56, 0.16), turn=(10, 0, 0), taper=0.92)
    for x in (-0.34, 0.34):
        m.box(cloth, (x, 0.3, -0.02), (0.13, 0.3, 0.66), taper=0.94)
    return m


def stool():
    m = Mesh()
    for i in range(4):
        a = math.radians(45 + 90 * i)
        m.tube(BLACK_STEEL, [(0.2 * math.sin(a), 0, 0.2 * math.cos(a)), (0.12 * math.sin(a), 0.45, 0.12 * math.cos(a))],
               0.014, 6)
    m.cylinder(OAK, (0, 0.43, 0), 0.19, 0.05, 18)
    return m


def desk():
    """1.6 × 0.8 m with a screen and keyboard; one sits at +z and looks along -z."""
    m = Mesh()
    for x in (-0.72, 0.72):
        m.box(WHITE_STEEL, (x, 0, 0), (0.06, 0.7, 0.06))
        m.box(WHITE_STEEL, (x, 0, 0), (0.07, 0.03, 0.7))
    m.box(BIRCH, (0, 0.7, 0), (1.6, 0.035, 0.8))
    m.box(GRAPHITE, (0, 0.735, -0.22), (0.22, 0.012, 0.16))
    m.tube(BLACK_STEEL, [(0, 0.74, -0.25), (0, 1.0, -0.25)], 0.018, 8)
    m.box(GRAPHITE, (0, 0.86, -0.22), (0.68, 0.4, 0.03))
    m.box(("emissive", "#9fc4cf"), (0, 0.88, -0.203), (0.64, 0.36, 0.004))
    m.box(("emissive", "#f4f1e6"), (-0.13, 0.96, -0.2), (0.28, 0.22, 0.004))
    m.box(("emissive", "#e0b36a"), (0.17, 1.08, -0.2), (0.2, 0.09, 0.004))
    m.box(("emissive", "#6f9f8c"), (0.17, 0.95, -0.2), (0.2, 0.1, 0.004))
    m.box(WHITE, (0, 0.735, 0.06), (0.42, 0.016, 0.13))
    m.box(WHITE, (0.3, 0.735, 0.07), (0.06, 0.02, 0.1))
    m.cylinder(("matte", "#c8603f"), (-0.5, 0.735, 0.1), 0.04, 0.09, 12)
    m.box(("matte", "#e8d7a8"), (0.56, 0.735, -0.1), (0.15, 0.03, 0.21), turn=(0, 12, 0))
    m.box(("matte", "#5f8f86"), (0.56, 0.765, -0.1), (0.14, 0.02, 0.2), turn=(0, 5, 0))
    return m


def desk_lamp():
    m = Mesh()
    brass = ("metal", "#c9a15b")
    m.cylinder(brass, (0, 0, 0), 0.1, 0.025, 18)
    m.tube(brass, [(0, 0.02, 0), (0, 0.36, 0.06), (0, 0.46, -0.12)], 0.012, 8)
    m.lathe(("matte", "#1f5a5c"), [(0.13, 0.36), (0.05, 0.48), (0, 0.49)], 18, at=(0, 0, -0.14))
    m.ball(GLOW, (0, 0.4, -0.14), (0.05, 0.05, 0.05), 6)
    return m


def pendant_lamp():
    """Its light is at the origin; the cord goes up 2.6 m."""
    m = Mesh()
    m.tube(GRAPHITE, [(0, 0.26, 0), (0, 2.6, 0)], 0.008, 5)
    m.lathe(("matte", "#f0e3c8"), [(0.34, 0), (0.31, 0.1), (0.1, 0.26), (0.03, 0.3)], 24)
    m.lathe(("emissive", "#fff1d0"), [(0, -0.012), (0.3, 0.012), (0.28, 0.09)], 24)
    return m


def floor_lamp():
    m = Mesh()
    m.cylinder(BLACK_STEEL, (0, 0, 0), 0.16, 0.025, 20)
    m.tube(BLACK_STEEL, [(0, 0.02, 0), (0, 1.45, 0)], 0.014, 8)
    m.lathe(("emissive", "#ffe6b5"), [(0.24, 1.4), (0.18, 1.74)], 22)
    m.lathe(("matte", "#f6e6c6"), [(0.18, 1.74), (0, 1.742)], 22)
    return m


def bookshelf():
    """1.8 m wide, 2 m high, 0.36 m deep; the books show towards -z."""
    m = Mesh()
    for x in (-0.885, 0, 0.885):
        m.box(OAK, (x, 0, 0), (0.03, 2.0, 0.36))
    m.box(("wood", "#b0875c"), (0, 0, 0.17), (1.8, 2.0, 0.02))
    colors = ["#b5553c", "#d9a441", "#3f6f73", "#8aa37b", "#e3d8c3", "#5a4a66", "#c98a6b", "#2f4858"]
    for row in range(5):
        y = 0.04 + row * 0.39
        m.box(OAK, (0, y - 0.03, 0), (1.8, 0.03, 0.36))
        x, k = -0.84, row * 3
        while x < 0.82:
            width = 0.03 + 0.012 * ((k * 7) % 4)
            gap = (k * 5 + row) % 11 == 0
            if not gap and not -0.05 < x < 0.02:
                height = 0.22 + 0.02 * ((k * 3) % 5)
                m.box(("matte", colors[(k * 5 + row) % 8]), (x + width / 2, y, -0.04), (width, height, 0.22))
            x += width + (0.16 if gap else 0.004)
            k += 1
    m.box(OAK, (0, 1.97, 0), (1.8, 0.03, 0.36))
    return m


def concept_car():
    """A light electric car, 2.9 m long."""
    m = Mesh()
    paint, dark = ("matte", "#d9482f"), ("matte", "#2c3034")
    m.prism(paint, [(-1.42, 0.32), (1.4, 0.32), (1.44, 0.62), (1.36, 0.82), (-0.72, 0.86), (-1.4, 0.62)], 1.42, narrow=0.95)
    m.prism(("matte", "#35505a"), [(-0.86, 0.84), (1.2, 0.8), (0.98, 1.38), (-0.2, 1.4)], 1.3, narrow=0.84)
    m.prism(paint, [(-0.24, 1.385), (1.02, 1.365), (0.94, 1.43), (-0.12, 1.45)], 1.12, narrow=0.94)
    m.box(dark, (0, 0.2, 0), (1.34, 0.14, 2.6))
    for x in (-0.64, 0.64):
        for z in (-0.9, 0.9):
            m.cylinder(RUBBER, (x - 0.1, 0.29, z), 0.29, 0.2, 22, turn=(0, 0, -90))
            out = 0.11 if x > 0 else -0.11
            m.cylinder(STEEL, (x + out - 0.01, 0.29, z), 0.18, 0.02, 14, turn=(0, 0, -90))
        m.box(("emissive", "#fff6dd"), (x * 0.72, 0.58, -1.41), (0.28, 0.07, 0.06))
        m.box(("emissive", "#d8402f"), (x * 0.8, 0.66, 1.42), (0.24, 0.06, 0.05))
        m.box(dark, (x * 1.13, 0.92, -0.5), (0.12, 0.1, 0.16))
        m.box(("matte", "#f2e9dc"), (x * 1.095, 0.5, 0.1), (0.02, 0.1, 1.1))
    return m


def sculpture():
    """A ribbon of bars that turns as it rises: a stream of data."""
    m = Mesh()
    m.cylinder(GRAPHITE, (0, 0, 0), 0.42, 0.08, 28)
    colors = [("matte", "#d39326"), ("matte", "#c4532c"), ("matte", "#86406a"), ("matte", "#3a5f92"), ("matte", "#1f7f7b")]
    count = 46
    for i in range(count):
        t = i / (count - 1)
        radius = 0.34 * math.sin(math.pi * (0.12 + 0.8 * t))
        length = 0.28 + 0.6 * math.sin(math.pi * t)
        a = math.radians(560 * t)
        at = (radius * math.sin(a), 0.1 + 1.7 * t, radius * math.cos(a))
        m.box(colors[min(4, int(t * 5))], at, (length, 0.028, 0.06), turn=(0, 560 * t + 35, 0))
    m.tube(STEEL, [(0, 0.08, 0), (0, 1.9, 0)], 0.018, 8)
    return m


def printer_3d():
    """0.5 m wide; it stands on a bench."""
    m = Mesh()
    frame = ("matte", "#e0a526")
    for x in (-0.23, 0.23):
        for z in (-0.2, 0.2):
            m.box(frame, (x, 0, z), (0.04, 0.56, 0.04))
        m.box(frame, (x, 0.52, 0), (0.04, 0.04, 0.4))
    for z in (-0.2, 0.2):
        m.box(frame, (0, 0.52, z), (0.46, 0.04, 0.04))
    m.box(GRAPHITE, (0, 0, 0), (0.5, 0.07, 0.44))
    m.box(STEEL, (0, 0.1, 0), (0.34, 0.015, 0.3))
    m.tube(STEEL, [(-0.22, 0.38, 0), (0.22, 0.38, 0)], 0.01, 6)
    m.box(GRAPHITE, (0.05, 0.32, 0), (0.08, 0.1, 0.08))
    m.lathe(("matte", "#4f9fb0"), [(0.09, 0.115), (0.05, 0.19), (0.085, 0.27), (0.05, 0.29)], 16, at=(0.05, 0, 0))
    m.cylinder(("matte", "#e2624a"), (-0.03, 0.62, 0.24), 0.1, 0.06, 18, turn=(90, 0, 0))
    m.box(("emissive", "#8fd3ff"), (-0.14, 0.015, -0.223), (0.12, 0.04, 0.004))
    return m


def robot_arm():
    m = Mesh()
    shell, joint = ("matte", "#efeae0"), ("matte", "#dc9a1c")
    m.cylinder(GRAPHITE, (0, 0, 0), 0.3, 0.1, 24)
    m.cylinder(shell, (0, 0.1, 0), 0.18, 0.34, 20, top=0.15)
    m.cylinder(joint, (-0.18, 0.5, 0), 0.14, 0.36, 18, turn=(0, 0, -90))
    m.tube(shell, [(0, 0.5, 0), (0, 1.25, -0.28)], 0.1, 14)
    m.cylinder(joint, (-0.14, 1.25, -0.28), 0.12, 0.28, 18, turn=(0, 0, -90))
    m.tube(shell, [(0, 1.25, -0.28), (0, 1.4, -0.95)], 0.075, 14)
    m.cylinder(joint, (-0.1, 1.4, -0.95), 0.085, 0.2, 16, turn=(0, 0, -90))
    m.tube(STEEL, [(0, 1.4, -0.95), (0, 1.2, -1.0)], 0.05, 12)
    for x in (-0.05, 0.05):
        m.box(GRAPHITE, (x, 1.04, -1.0), (0.025, 0.17, 0.05))
    return m


def tram():
    """One car of 13 m, 2.4 m wide, alike at both ends."""
    m = Mesh()
    lower, white, dark = ("matte", "#2f8f83"), ("matte", "#f4f1ea"), ("matte", "#2d3338")
    half = 6.5
    m.prism(dark, [(-half + 0.5, 0.18), (half - 0.5, 0.18), (half - 0.3, 0.45), (-half + 0.3, 0.45)], 2.1)
    m.prism(lower, [(-half + 0.3, 0.44), (half - 0.3, 0.44), (half, 0.9), (half, 1.15), (-half, 1.15), (-half, 0.9)], 2.4)
    m.prism(white, [(-half, 1.15), (half, 1.15), (half - 0.02, 1.3), (-half + 0.02, 1.3)], 2.4)
    m.prism(white, [(-half + 0.62, 2.45), (half - 0.62, 2.45), (half - 1.0, 3.05), (-half + 1.0, 3.05)], 2.4, narrow=0.86)
    m.prism(("matte", "#33474f"), [(-half + 0.05, 1.3), (half - 0.05, 1.3), (half - 0.62, 2.46), (-half + 0.62, 2.46)],
            2.36, narrow=0.99)
    for side in (-1, 1):
        for z in (-4.3, -1.45, 1.45, 4.3):
            if abs(z) > 4:
                m.box(white, (side * 1.185, 1.28, z * 0.86 + (0.3 if z > 0 else -0.3)), (0.04, 1.2, 0.16))
            m.box(("matte", "#e7b83f"), (side * 1.19, 0.5, z * 0.66), (0.04, 1.95, 1.2))
            m.box(("matte", "#4b6670"), (side * 1.205, 1.3, z * 0.66), (0.03, 1.0, 0.46))
        m.box(white, (side * 1.185, 1.28, 0), (0.04, 1.2, 0.3))
    for end in (-1, 1):
        for x in (-0.8, 0.8):
            m.box(("emissive", "#fff6dd"), (x, 0.8, end * (half - 0.02)), (0.3, 0.14, 0.08))
        m.box(("emissive", "#ffc861"), (0, 2.48, end * (half - 0.62)), (1.3, 0.24, 0.06))
        for z in (2.6, 3.9):
            for x in (-0.9, 0.9):
                m.cylinder(BLACK_STEEL, (x - 0.06, 0.34, end * z), 0.32, 0.12, 18, turn=(0, 0, -90))
    m.box(("metal", "#aab0b2"), (0, 3.04, 0), (1.2, 0.22, 4.4))
    m.tube(BLACK_STEEL, [(0, 3.24, 2.6), (0, 3.9, 2.0), (0, 4.45, 2.8)], 0.03, 6)
    m.box(BLACK_STEEL, (0, 4.45, 2.8), (1.5, 0.05, 0.12))
    return m


def bicycle():
    m = Mesh()
    frame = ("matte", "#d8962a")
    for z in (-0.52, 0.52):
        for i in range(18):
            a, b = 2 * math.pi * i / 18, 2 * math.pi * (i + 1) / 18
            m.tube(RUBBER, [(0, 0.34 + 0.32 * math.sin(a), z + 0.32 * math.cos(a)),
                            (0, 0.34 + 0.32 * math.sin(b), z + 0.32 * math.cos(b))], 0.024, 5)
        for i in range(4):
            a = math.pi * i / 4
            m.tube(STEEL, [(0, 0.34 + 0.3 * math.sin(a), z + 0.3 * math.cos(a)),
                           (0, 0.34 - 0.3 * math.sin(a), z - 0.3 * math.cos(a))], 0.005, 4)
    bars = [[(0, 0.34, 0.52), (0, 0.34, 0.05), (0, 0.8, 0.2)], [(0, 0.34, 0.52), (0, 0.8, 0.2)],
            [(0, 0.34, 0.05), (0, 0.84, -0.36)], [(0, 0.8, 0.2), (0, 0.84, -0.36)],
            [(0, 0.34, -0.52), (0, 0.98, -0.34)], [(0, 0.8, 0.2), (0, 0.92, 0.24)]]
    for bar in bars:
        m.tube(frame, bar, 0.02, 7)
    m.tube(BLACK_STEEL, [(-0.28, 1.0, -0.28), (0, 0.98, -0.36), (0.28, 1.0, -0.28)], 0.015, 6)
    m.box(WALNUT, (0, 0.92, 0.25), (0.16, 0.06, 0.26), taper=0.8)
    m.box(OAK, (0, 0.8, -0.62), (0.36, 0.22, 0.3))
    return m


def park_bench():
    m = Mesh()
    for x in (-0.75, 0.75):
        m.box(BLACK_STEEL, (x, 0, 0), (0.06, 0.42, 0.44))
        m.box(BLACK_STEEL, (x, 0.42, 0.22), (0.06, 0.42, 0.05), turn=(10, 0, 0))
    for z in (-0.18, -0.04, 0.1):
        m.box(OAK, (0, 0.42, z), (1.8, 0.04, 0.12))
    for y in (0.56, 0.71):
        m.box(OAK, (0, y, 0.2 + y * 0.08), (1.8, 0.11, 0.035), turn=(10, 0, 0))
    return m


def street_lamp():
    """A mast of 5 m with a light over -z; a small box measures air and noise."""
    m = Mesh()
    m.cylinder(BLACK_STEEL, (0, 0, 0), 0.1, 0.5, 14, top=0.08)
    m.cylinder(BLACK_STEEL, (0, 0.5, 0), 0.06, 4.4, 12, top=0.045)
    m.tube(BLACK_STEEL, [(0, 4.85, 0), (0, 5.0, -0.9)], 0.035, 8)
    m.box(BLACK_STEEL, (0, 4.95, -0.95), (0.22, 0.07, 0.6))
    m.box(GLOW, (0, 4.935, -0.95), (0.18, 0.02, 0.54))
    m.box(("matte", "#eef0ef"), (0, 3.1, -0.09), (0.22, 0.3, 0.12))
    m.cylinder(("emissive", "#6fd3a0"), (0, 3.33, -0.16), 0.02, 0.02, 8)
    return m


def delivery_robot():
    m = Mesh()
    for x in (-0.24, 0.24):
        for z in (-0.24, 0, 0.24):
            m.cylinder(RUBBER, (x - 0.05, 0.11, z), 0.11, 0.1, 14, turn=(0, 0, -90))
    m.prism(("matte", "#f2efe8"), [(-0.38, 0.16), (0.36, 0.16), (0.4, 0.5), (-0.32, 0.5)], 0.42, narrow=0.92)
    m.prism(("matte", "#2f8f83"), [(-0.32, 0.5), (0.4, 0.5), (0.36, 0.58), (-0.26, 0.58)], 0.39, narrow=0.94)
    m.box(("emissive", "#bff3e6"), (0, 0.34, -0.365), (0.24, 0.05, 0.02), turn=(-10, 0, 0))
    m.tube(GRAPHITE, [(0.14, 0.56, 0.3), (0.14, 1.15, 0.3)], 0.008, 5)
    m.box(("matte", "#e2624a"), (0.14, 1.02, 0.37), (0.01, 0.12, 0.16))
    return m
