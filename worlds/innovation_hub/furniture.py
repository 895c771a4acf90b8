"""Furniture that several spaces share. Seats look along their own -z."""
from .kit import box, cylinder, floor, part, shape, solid, text, turned


def seat(space, stem, at, yaw, title, asset=None, alt=None):
    """A place for one, with its chair if an asset is named."""
    components = {"area": {"purpose": "seat", "size": [0.6, 1.4, 0.6]}}
    if asset:
        components["model"] = {"asset": asset}
        size = 0.7 if asset == "armchair" else 0.5
        components["collider"] = solid(size, 0.85, size)
    alt = alt or text(f"Sitzplatz: {title['de']}.", f"Seat: {title['en']}.")
    return space.node(stem, at, yaw, title, alt, **components)


def sofa(space, stem, at, yaw, color, names, width=2.2, places=3, first=1):
    """Upholstered bench with a back; `names` is what its seats are called."""
    accent = "#e8dcc6"
    parts = [
        part("base", (0, 0.1, 0), shape=box((width, 0.22, 0.85), color, "fabric")),
        part("cushion", (0, 0.3, -0.06), shape=box((width - 0.36, 0.14, 0.72), color, "fabric")),
        part("back", (0, 0.3, 0.33), shape=box((width, 0.5, 0.2), color, "fabric")),
        part("arm-left", (-width / 2 + 0.1, 0.3, -0.03), shape=box((0.2, 0.28, 0.78), color, "fabric")),
        part("arm-right", (width / 2 - 0.1, 0.3, -0.03), shape=box((0.2, 0.28, 0.78), color, "fabric")),
        part("pillow", (-width / 2 + 0.42, 0.42, 0.16), 14, shape=box((0.42, 0.4, 0.14), accent, "fabric")),
        part("feet", (0, 0, 0), shape=box((width - 0.3, 0.1, 0.6), "#5b4530", "wood"))]
    space.node(stem, at, yaw, collider=solid(width, 0.8, 0.85), children=parts)
    for i in range(places):
        x = (i - (places - 1) / 2) * (width - 0.5) / max(1, places - 1) * 0.85 if places > 1 else 0
        dx, dz = turned(x, -0.08, yaw)
        seat(space, f"{stem}-seat", (at[0] + dx, at[1], at[2] + dz), yaw,
             text(f"{names['de']}, Platz {first + i}", f"{names['en']}, place {first + i}"))


def round_table(space, at, diameter, height=0.74, color="#c49a6c", top="wood"):
    parts = [part("stem", (0, 0.03, 0), shape=cylinder(0.1, height - 0.06, "#3a3d40", "metal")),
             part("foot", shape=cylinder(diameter * 0.5, 0.03, "#3a3d40", "metal")),
             part("top", (0, height - 0.04, 0), shape=cylinder(diameter, 0.04, color, top))]
    space.node("table", at, collider=solid(diameter * 0.84, height, diameter * 0.84), children=parts)


def table(space, at, yaw, size, height=0.74, color="#c49a6c", legs="#3a3d40"):
    """Rectangular; `size` is (width, depth)."""
    w, d = size
    parts = [part("top", (0, height - 0.045, 0), shape=box((w, 0.045, d), color, "wood"))]
    for i, (sx, sz) in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
        parts.append(part(f"leg-{i + 1}", (sx * (w / 2 - 0.07), 0, sz * (d / 2 - 0.07)),
                          shape=box((0.06, height - 0.045, 0.06), legs, "metal")))
    space.node("table", at, yaw, collider=solid(w, height, d), children=parts)


def planter(space, at, size, asset="shrub", color="#7a5f43", scale=1.0, height=0.55, count=1, yaw=0):
    """A box of earth with plants in a row."""
    w, d = size
    parts = [part("earth", (0, height, 0), shape=box((w - 0.12, 0.02, d - 0.12), "#4c3a2b"))]
    for i in range(count):
        plant = part(f"plant-{i + 1}", ((i - (count - 1) / 2) * w / count, height, 0), 47 * i, model={"asset": asset})
        plant["scale"] = scale
        parts.append(plant)
    space.node("planter", at, yaw, shape=box((w, height, d), color, "wood"), collider=solid(w, height + 0.8, d),
               children=parts)


def tree_bench(space, at, names, diameter=2.6, asset="tree-round", scale=0.8, color="#c49a6c", first=1):
    """A tree in a round planter with a bench about it and four seats."""
    x, z = at
    parts = [part("seat", (0, 0.36, 0), shape=cylinder(diameter, 0.08, color, "wood")),
             part("foot", shape=cylinder(diameter - 0.3, 0.36, "#6d5a45", "matte")),
             part("pot", (0, 0.4, 0), shape=cylinder(diameter - 1.1, 0.34, "#efe6d6", "matte")),
             part("earth", (0, 0.74, 0), shape=cylinder(diameter - 1.24, 0.02, "#4c3a2b"))]
    tree = part("tree", (0, 0.7, 0), model={"asset": asset})
    tree["scale"] = scale
    side = diameter * 0.78
    space.node("tree-bench", (x, 0, z), children=parts + [tree], collider=solid(side, 0.9, side))
    for i, yaw in enumerate((0, 90, 180, -90)):
        dx, dz = turned(0, -(diameter / 2 - 0.26), yaw)
        seat(space, "tree-seat", (x + dx, 0, z + dz), yaw,
             text(f"{names['de']}, Platz {first + i}", f"{names['en']}, place {first + i}"))


def whiteboard(space, stem, at, facing, width, title, alt, words=None):
    """On a wall or by itself, its writing side along `facing`."""
    parts = [part("frame", (0, 0.82, -0.03), shape=box((width + 0.08, 1.36, 0.04), "#b9bec2", "metal")),
             part("surface", (0, 0.86, 0), shape=box((width, 1.28, 0.03), "#fdfdfb", "matte")),
             part("tray", (0, 0.8, 0.06), shape=box((width * 0.8, 0.03, 0.09), "#b9bec2", "metal"))]
    for i, (x, y, color) in enumerate(((-0.3, 1.55, "#f2d06b"), (-0.2, 1.5, "#e79a7c"), (0.12, 1.6, "#9cc7b4"),
                                       (0.24, 1.36, "#f2d06b"), (0.33, 1.62, "#a9bfe0"))):
        parts.append(part(f"note-{i + 1}", (x * width, y, 0.017), shape=box((0.2, 0.2, 0.006), color)))
    space.node(f"{stem}!", at, facing + 180, title, alt, children=parts,
               exhibit={"text": words or alt})


def note_board(space, stem, at, facing, width, title, alt):
    """A whiteboard that people put notes on; empty of painted ones."""
    space.node(f"{stem}!", at, facing + 180, children=[
        part("frame", (0, 0.82, -0.03), shape=box((width + 0.08, 1.36, 0.04), "#b9bec2", "metal")),
        part("surface", (0, 0.86, 0), shape=box((width, 1.28, 0.03), "#fdfdfb", "matte")),
        part("tray", (0, 0.8, 0.06), shape=box((width * 0.8, 0.03, 0.09), "#b9bec2", "metal")),
        part("notes", (0, 0.86, 0.018), 0, title, alt, board={"size": [width, 1.28]})])


def info_screen(space, stem, at, facing, title, words, color="#12454b"):
    """A standing screen with a text."""
    parts = [part("foot", (0, 0, 0), shape=box((0.9, 0.05, 0.5), "#3a3d40", "metal")),
             part("body", (0, 0.05, -0.03), shape=box((1.3, 2.1, 0.1), "#2c3034", "matte")),
             part("glow", (0, 1.86, 0.03), shape=box((1.2, 0.2, 0.012), color, "emissive")),
             part("text", (0, 0.35, 0.035), 0, None,
                  text(f"Bildschirm: {' '.join(words['de'].split())}", f"Screen: {' '.join(words['en'].split())}"),
                  sign={"text": words, "size": [1.16, 1.42]})]
    space.node(f"{stem}!", at, facing + 180, title,
               text(f"Stehender Bildschirm „{title['de']}“. {' '.join(words['de'].split())}",
                    f"Standing screen “{title['en']}”. {' '.join(words['en'].split())}"),
               collider=solid(1.3, 2.2, 0.3), children=parts)


def kitchen(space, at, yaw, length, color="#5f8f7a"):
    """Counter with sink, coffee machine and shelf above; its front along the heading."""
    parts = [part("body", (0, 0.08, 0), shape=box((length, 0.8, 0.6), color, "matte")),
             part("top", (0, 0.88, 0), shape=box((length + 0.04, 0.05, 0.66), "#c49a6c", "wood")),
             part("back", (0, 0.93, 0.28), shape=box((length, 0.6, 0.04), "#efe9dc", "matte")),
             part("shelf", (0, 1.62, 0.16), shape=box((length, 0.04, 0.3), "#c49a6c", "wood")),
             part("coffee", (-length * 0.3, 0.93, 0.02), shape=box((0.4, 0.45, 0.42), "#b9bec2", "metal")),
             part("coffee-front", (-length * 0.3, 1.0, -0.2), shape=box((0.26, 0.22, 0.02), "#2c3034", "matte")),
             part("sink", (length * 0.12, 0.932, 0), shape=box((0.55, 0.012, 0.42), "#8f9598", "metal")),
             part("tap", (length * 0.12, 0.93, 0.2), shape=cylinder(0.03, 0.3, "#b9bec2", "metal")),
             part("fridge", (length * 0.5 + 0.36, 0, 0), shape=box((0.66, 1.8, 0.66), "#e9e6dd", "metal"))]
    colors = ("#c8603f", "#e8d7a8", "#5f8f86", "#d39a3f", "#9a4f66")
    for i in range(7):
        parts.append(part(f"mug-{i + 1}", ((i - 3) * length * 0.12, 1.66, 0.14), shape=cylinder(0.09, 0.1, colors[i % 5])))
    space.node("kitchen", at, yaw, text("Küchenzeile", "Kitchen counter"),
               text("Küchenzeile mit Kaffeemaschine, Spüle, Tassen und Kühlschrank.",
                    "Kitchen counter with a coffee machine, a sink, mugs and a fridge."),
               collider=solid(length + 1.4, 1.8, 0.66), children=parts)


def work_desk(space, number, at, yaw):
    """A desk that can be booked, with its chair; one sits looking along the heading."""
    x, z = at
    space.model("desk", (x, 0, z), yaw, collider=(1.6, 1.2, 0.8))
    dx, dz = turned(0, 0.68, yaw)
    seat(space, "desk-seat", (x + dx, 0, z + dz), yaw, text(f"Stuhl an Platz {number}", f"Chair at desk {number}"),
         "office-chair")
    dx, dz = turned(0, 0.35, yaw)
    space.area(f"workplace-{number}", "bookable", (x + dx, 0, z + dz), (1.8, 2.4, 1.7),
               text(f"Arbeitsplatz {number}", f"Desk {number}"),
               text(f"Buchbarer Arbeitsplatz {number} mit Bildschirm, Tisch und Drehstuhl.",
                    f"Bookable desk {number} with a screen, a table and a swivel chair."), yaw, capacity=2)


def beams(space, xs, zs, height, size=(0.22, 0.36), color="#b98a5a"):
    """Wooden beams from zs[0] to zs[1] at every x; the roof above is left open to the light."""
    length = zs[1] - zs[0]
    for x in xs:
        space.node("beam", (x, height - size[1], (zs[0] + zs[1]) / 2), shape=box((size[0], size[1], length), color, "wood"))


def wall_picture(space, stem, at, facing, title, alt, words, image, width=3.0, link=None):
    """A framed picture of 16:10 on a wall."""
    height = width * 0.625
    frame = part("frame", (0, -0.06, -0.03), shape=box((width + 0.12, height + 0.12, 0.05), "#2f2a25", "wood"))
    space.exhibit(stem, at, facing + 180, title, alt, words, image, link, children=[frame])


def slats(space, at, yaw, width, height, color="#b98a5a", back="#3a2f26"):
    """A wall of upright wooden slats."""
    count = max(2, round(width / 0.4))
    parts = [part("back", (0, 0, 0.02), shape=box((width, height, 0.08), back, "matte"))]
    for i in range(count):
        x = (i - (count - 1) / 2) * width / count
        parts.append(part(f"slat-{i + 1}", (x, 0, -0.05), shape=box((width / count * 0.55, height, 0.08), color, "wood")))
    space.node("slats", at, yaw, collider=solid(width, height, 0.2), children=parts)


def platform(space, at, size, color="#b98a5a", material="wood", stem="platform"):
    """A step or stage: (width, height, depth)."""
    space.node(stem, at, shape=box(size, color, material), collider=floor())


def tree(space, asset, at, scale=1.0, yaw=0):
    made = space.model(asset, (at[0], 0, at[1]), yaw, collider=(0.5, 3, 0.5))
    made["scale"] = scale
    made["components"]["collider"] = solid(round(0.5 / scale, 3), 3, round(0.5 / scale, 3))
    return made


def ellipse(size, color, material="water"):
    return shape("cylinder", size, color, material)
