"""The event hall: night blue, oak and warm light; 40 × 40 m of floor for 2,000 people, a stage with a ramp at each side,
a backstage, voice corners in the aisles. Trusses above, no ceiling."""
from .furniture import platform, planter, round_table, seat, slats, sofa
from .kit import Space, box, cylinder, part, shape, solid, text
from .names import TITLES

NIGHT, OAK, AMBER, CURTAIN = "#4b6189", "#b98a5a", "#e8a33d", "#6a2f4a"
HEIGHT = 8.0


def build():
    s = Space(
        "event-hall", TITLES["event-hall"],
        text("Große Halle für bis zu 2.000 Menschen mit Bühne, Sitzreihen, Stehtischen, Sprechecken und Hinterbühne.",
             "Large hall for up to 2,000 people with a stage, rows of seats, standing tables, talking corners and a backstage."),
        ([-26, -1, -33], [26, 9, 24]),
        {"kind": "indoor", "sky": "#b9c6dd", "floor": "#8f6a43", "ambient": 0.7, "sunDirection": [0.3, -1, 0.4]}, 2000, overflow=1)
    shell(s)
    s.portal("foyer", (-24.9, 12), -90, TITLES["foyer"], 4.0, 3.0, distance=3.6)
    s.portal("showroom", (9, 22.9), 0, TITLES["showroom"], distance=3.6)
    stage(s)
    seats(s)
    floor_furniture(s)
    corners(s)
    backstage(s)
    return s


def shell(s):
    s.wall((-25, 23), (-25, -32), HEIGHT, NIGHT, windows=[(x, 4, 4.6, 7.0) for x in (4, 20, 29)])
    s.wall((25, -32), (25, 23), HEIGHT, NIGHT, windows=[(x, 4, 4.6, 7.0) for x in (26, 35, 44)])
    s.wall((-25, 23), (25, 23), HEIGHT, NIGHT, windows=[(x, 5, 4.6, 7.0) for x in (8, 16, 34, 42)])
    s.wall((-25, -32), (25, -32), HEIGHT, NIGHT)
    # Oak to the height of a hand along the sides.
    for x in (-24.86, 24.86):
        s.node("panelling", (x, 0, -7), shape=box((0.08, 2.2, 30), OAK, "wood"))
    for z in (-14, -6, 2, 10, 18):
        for x in (-20.4, 20.4):
            s.column((x, z), HEIGHT, 0.6, "#4a587a")
    for z in (-20, -12, -4, 4, 12, 20):
        truss = [part("low", (0, 0, 0), shape=box((49.6, 0.14, 0.14), "#2c3440")),
                 part("high", (0, 0.7, 0), shape=box((49.6, 0.14, 0.14), "#2c3440"))]
        truss += [part(f"tie-{i + 1}", (x, 0.1, 0), shape=box((0.1, 0.62, 0.1), "#2c3440")) for i, x in enumerate(range(-24, 25, 8))]
        s.node("truss", (0, 6.9, z), children=truss)
    # Sails of cloth below the trusses, for the sound and against the height.
    for i, x in enumerate((-14, -4.8, 4.8, 14)):
        for k, z in enumerate((-8, 0, 8, 16)):
            s.node("sail", (x, 6.3 + 0.2 * ((i + k) % 2), z), 4 * (-1) ** (i + k),
                   shape=box((7.4, 0.1, 3.4), ("#d8c3a0", "#b5674a", "#7a5f6f", "#c98f3f")[(i + 2 * k) % 4], "fabric"))
    for z in (-12, -2, 8, 18):
        for x in (-24.85, 24.85):
            s.node("wall-light", (x, 2.6, z), shape=box((0.06, 1.4, 0.5), "#ffd9a0", "emissive"),
                   light={"kind": "point", "color": "#ffc98a", "intensity": 0.7, "rangeMeters": 6})
    for x in (-15, -5, 5, 15):
        for z in (-4, 4, 12):
            s.lamp((x, 4.4, z), 0.85, 9, "#ffd79a")


def stage(s):
    platform(s, (0, 0, -21.5), (20, 0.6, 7), OAK, stem="stage-platform")
    s.node("stage-front", (0, 0, -17.97), shape=box((20, 0.56, 0.06), "#3a2f26"))
    s.node("stage-edge", (0, 0.5, -17.93), shape=box((20, 0.04, 0.04), "#ffd08a", "emissive"))
    s.ramp((-12.4, 0, -21.5), -90, 2.6, 0.6, 4.8, OAK, "wood")
    s.ramp((12.4, 0, -21.5), 90, 2.6, 0.6, 4.8, OAK, "wood")
    platform(s, (0, 0, -17.45), (5, 0.3, 1.1), "#9a744c", stem="stage-step")
    # Screen and curtains in front of the wall to the backstage.
    s.wall((-25, -25.1), (-16.6, -25.1), HEIGHT, "#3a4c70")
    s.wall((-14.4, -25.1), (14.4, -25.1), HEIGHT, "#3a4c70")
    s.wall((16.6, -25.1), (25, -25.1), HEIGHT, "#3a4c70")
    for x in (-15.5, 15.5):
        s.node("stage-door-lintel", (x, 2.6, -25.1), shape=box((2.2, HEIGHT - 2.6, 0.2), "#3a4c70"))
    s.node("screen", (0, 1.7, -24.95), shape=box((11.2, 5.0, 0.1), "#23282e"))
    s.node("screen-glow", (0, 1.8, -24.88), shape=box((11.0, 4.8, 0.04), "#16465a", "emissive"))
    s.node("screen-band", (0, 1.8, -24.86), shape=box((11.0, 0.5, 0.04), "#e8a33d", "emissive"))
    s.sign("stage", (0, 3.5, -24.82), 180, (7.0, 1.5), text("Gemeinsam Neues wagen", "Daring new things together"),
           about=text("Leinwand über der Bühne: Gemeinsam Neues wagen", "Screen above the stage: daring new things together"))
    for side in (-1, 1):
        folds = [part(f"fold-{i + 1}", (-1.6 + 0.4 * i, 0, 0.1 * (i % 2)), shape=cylinder(0.46, 6.6, CURTAIN, "fabric")) for i in range(9)]
        s.node("curtain", (side * 8.0, 0.6, -24.7), collider=solid(3.8, 6.6, 0.4), children=folds)
    s.node("lectern", (-4.4, 0.6, -19.6), 180, text("Rednerpult", "Lectern"),
           text("Rednerpult aus Holz, links auf der Bühne.", "Wooden lectern, on the left of the stage."),
           shape=box((0.7, 1.12, 0.5), "#7a5236", "wood"), collider=solid())
    for i, x in enumerate((1.6, 3.4, 5.2, 7.0)):
        seat(s, "panel-chair", (x, 0.6, -20.6), 180 + (10 - 7 * i), text(f"Podium, Sessel {i + 1}", f"Panel, armchair {i + 1}"), "armchair")
    round_table(s, (4.3, 0.6, -19.4), 0.7, 0.45)
    s.area("stage", "stage", (0, 0.6, -21.5), (20, 3.2, 7), text("Bühne", "Stage"),
           text("Bühne, 60 Zentimeter hoch. Rampen führen links und rechts hinauf, Stufen in der Mitte. Wer hier steht, ist in der ganzen Halle zu hören.",
                "Stage, 60 centimetres high. Ramps lead up at the left and right, steps in the middle. Whoever stands here is heard in the whole hall."),
           capacity=40)
    for x in (-7.5, -2.5, 2.5, 7.5):
        s.node("spot", (x, 6.3, -18.4), rotation=(0.258819, 0, 0, 0.965926), shape=cylinder(0.34, 0.5, "#23282e", "metal"))
        s.node("spot-light", (x, 4.6, -20.4), light={"kind": "spot", "color": "#ffe0ad", "intensity": 1.2, "rangeMeters": 8})
    s.sign("ramp-left", (-15.4, 1.3, -24.96), 180, (1.6, 0.42), text("Rampe und Hinterbühne", "Ramp and backstage"))


def seats(s):
    """Two blocks of five rows of eight."""
    row = 1
    for z in (-13.6, -12.0, -10.4, -8.8, -7.2):
        for block, x0 in (("left", -6.6), ("right", 6.6)):
            parts = [part("seat", (0, 0.4, 0), shape=box((8.4, 0.07, 0.46), OAK, "wood")),
                     part("pad", (0, 0.46, -0.01), shape=box((8.3, 0.03, 0.42), "#8a4a5f", "fabric")),
                     part("back", (0, 0.47, 0.24), shape=box((8.4, 0.42, 0.06), OAK, "wood"))]
            parts += [part(f"leg-{i + 1}", (x, 0, 0.02), shape=box((0.08, 0.4, 0.4), "#3a3d40", "metal")) for i, x in enumerate((-3.9, 0, 3.9))]
            s.node("row", (x0, 0, z), collider=solid(8.4, 0.86, 0.5), children=parts)
            side = text("links", "left") if block == "left" else text("rechts", "right")
            for place in range(8):
                seat(s, f"seat-{block}", (x0 - 3.64 + place * 1.04, 0, z - 0.02), 0,
                     text(f"Reihe {row} {side['de']}, Platz {place + 1}", f"Row {row} {side['en']}, seat {place + 1}"))
        row += 1


def floor_furniture(s):
    for i, (x, z) in enumerate([(x, z) for z in (4, 10) for x in (-15, -9, 9, 15)]):
        parts = [part("stem", shape=cylinder(0.09, 1.06, "#8a8f8c", "metal")), part("foot", shape=cylinder(0.56, 0.03, "#8a8f8c", "metal")),
                 part("top", (0, 1.06, 0), shape=cylinder(0.8, 0.04, OAK, "wood"))]
        s.node("high-table", (x, 0, z), collider=solid(0.5, 1.1, 0.5), children=parts)
    for x, z in ((-12, 7), (12, 7)):
        s.rug((x, z), (11, 11), "#5f4a52", round_=True)
    for x, z in ((-17.6, 20), (17.6, 20), (-17.6, -4.6), (17.6, -4.6)):
        planter(s, (x, 0, z), (1.6, 1.6), "tree-round", "#7a5236", 0.72, 0.6)
    s.node("carpet", (0, 0, 0), shape=box((3.2, 0.012, 30), "#5a3547", "fabric"))
    bar = [part("front", (0, 0, 0.2), shape=box((8, 1.05, 0.5), OAK, "wood")), part("top", (0, 1.05, 0.15), shape=box((8.2, 0.06, 0.8), "#efe6d6")),
           part("glow", (0, 0.12, 0.46), shape=box((7.6, 0.06, 0.02), "#ffd08a", "emissive")),
           part("shelf", (0, 1.5, -1.3), shape=box((7, 0.06, 0.36), OAK, "wood")), part("shelf-2", (0, 2.0, -1.3), shape=box((7, 0.06, 0.36), OAK, "wood"))]
    for i in range(12):
        bar.append(part(f"bottle-{i + 1}", (-3.2 + 0.58 * i, 1.56 if i % 2 else 2.06, -1.3), shape=cylinder(0.09, 0.3, ("#4f8a6a", "#c8803f", "#8fb6c4")[i % 3], "glass")))
    s.node("bar!", (-8, 0, 21.3), 180, text("Bar", "Bar"), text("Lange Bar aus Holz mit Getränken ohne Alkohol.", "Long wooden bar with soft drinks."),
           collider=solid(8.2, 1.1, 1.0), children=bar)
    slats(s, (-8, 0, 22.8), 0, 10, 3.2, OAK)
    s.sign("bar", (-8, 2.5, 22.6), 0, (2.6, 0.55), text("Bar & Begegnung", "Bar & encounters"))
    desk = [part("top", (0, 0.9, 0), shape=box((3.4, 0.06, 1.0), "#23282e")), part("mixer", (0, 0.96, 0), 0, shape=box((1.6, 0.1, 0.6), "#4a4f54", "metal")),
            part("screen", (-1.1, 0.96, 0.2), shape=box((0.6, 0.4, 0.05), "#23282e"))]
    s.node("control-desk!", (0, 0, 17.4), 0, text("Regieplatz", "Control desk"), text("Regieplatz mit Mischpult für Ton und Licht.", "Control desk with a mixer for sound and light."),
           shape=box((3.2, 0.9, 0.9), "#2c3034"), collider=solid(3.4, 1.2, 1.0), children=desk)
    s.area("control", "bookable", (0, 0, 18.4), (5, 2.6, 3.4), text("Regie", "Control"),
           text("Buchbarer Platz für Ton und Licht.", "Bookable place for sound and light."), capacity=4)


def corners(s):
    places = (("north-west", -22.6, -12, -90, "Sprechecke Nordwest", "Talking corner north-west"), ("west", -22.6, 2, -90, "Sprechecke West", "Talking corner west"),
              ("north-east", 22.6, -12, 90, "Sprechecke Nordost", "Talking corner north-east"), ("east", 22.6, 2, 90, "Sprechecke Ost", "Talking corner east"),
              ("south-east", 22.6, 14, 90, "Sprechecke Südost", "Talking corner south-east"))
    for key, x, z, yaw, german, english in places:
        out = 1 if x > 0 else -1
        s.rug((x, z), (3.6, 5.2), "#7a5f6f")
        sofa(s, f"corner-sofa-{key}", (x + out * 1.5, 0, z), yaw, AMBER, text(german, english))
        round_table(s, (x - out * 0.3, 0, z), 0.8, 0.45)
        s.model("plant-tall", (x + out * 1.7, 0, z - 2.1), 20 * z, (0.5, 1.4, 0.5))
        s.lamp((x + out * 1.7, 0, z + 2.0), 1.0, 6, asset="floor-lamp")
        s.area(f"corner-{key}", "voice", (x, 0, z), (4.2, 2.8, 5.4), text(german, english),
               text("Sprechbereich mit Sofa am Rand der Halle, für Gespräche neben dem Programm.",
                    "Talking area with a sofa at the side of the hall, for talks beside the programme."), capacity=16)


def backstage(s):
    s.rug((0, -28.6), (7, 4.4), "#6f5a6a")
    names = text("Sofa hinter der Bühne", "Backstage sofa")
    sofa(s, "backstage-sofa", (0, 0, -30.6), 180, "#4f7a70", names)
    slats(s, (0, 0, -31.8), 180, 9, 3.0, AMBER)
    for x in (-14, 14):
        slats(s, (x, 0, -31.8), 180, 6, 2.4, OAK)
    for i, x in enumerate((-8, -6.6, 6.6, 8)):
        table(s, x, i)
    s.area("backstage", "bookable", (0, 0, -28.6), (40, 2.8, 6.6), text("Hinterbühne", "Backstage"),
           text("Buchbarer Bereich hinter der Bühne zum Vorbereiten und Warten.", "Bookable area behind the stage to prepare and wait."), capacity=40)
    for x in (-10, 0, 10):
        s.lamp((x, 3.2, -28.6), 0.8, 7)
    for x in (-23, 23):
        for z in (-27, -29.5):
            s.node("case", (x, 0, z), 8, shape=box((1.6, 1.0, 1.0), "#2c3034", "metal"), collider=solid())


def table(s, x, i):
    """A place to make up, with a mirror in a ring of light."""
    parts = [part("top", (0, 0.74, 0), shape=box((1.2, 0.05, 0.5), OAK, "wood")), part("mirror", (0, 0.9, 0.22), shape=box((0.9, 0.9, 0.03), "#cfd8dc", "metal")),
             part("glow", (0, 1.8, 0.2), shape=box((0.9, 0.06, 0.06), "#fff1d0", "emissive"))]
    s.node("dressing", (x, 0, -31.5), 180, collider=solid(1.2, 1.8, 0.5), children=parts)
    seat(s, "dressing-stool", (x, 0, -30.7), 0, text(f"Hocker am Spiegel {i + 1}", f"Stool at mirror {i + 1}"), "stool")
