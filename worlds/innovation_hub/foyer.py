"""The foyer: oak, cream and petrol; glass to the south, timber beams above, no ceiling (light and camera come in)."""
from .furniture import (beams, info_screen, kitchen, planter, platform, round_table, seat, slats, sofa, tree_bench)
from .kit import Space, box, part, solid, text
from .names import TITLES

CREAM, PETROL, OAK = "#dccbb0", "#1f5a5c", "#b98a5a"
HEIGHT = 6.0


def build():
    s = Space(
        "foyer", TITLES["foyer"],
        text("Helle Eingangshalle mit Empfang, Sitzecken und Café. Durchgänge führen in alle anderen Räume.",
             "Bright entrance hall with reception, lounges and a café. Passages lead to all other rooms."),
        ([-25, -1, -20], [25, 9, 18]),
        {"kind": "indoor", "sky": "#cfe8ff", "floor": "#a0794f", "ambient": 0.72, "sunDirection": [0.45, -1, -0.5]}, 400, overflow=1)
    shell(s)
    portals(s)
    reception(s)
    lounge(s)
    library(s)
    cafe(s)
    for z in (-9.4, -2.2, 5.4):
        for x in (-13.2, 13.2):
            s.column((x, z), HEIGHT)
    for i, x in enumerate((-6.2, 6.2)):
        tree_bench(s, (x, -1.6), text("Baumbank", "Tree bench"), 2.8, "tree-round", 0.78, first=1 + 4 * i)
    for x, z in ((-3, 1.5), (3, 1.5), (0, 6), (-12.5, -1), (12.5, -1), (0, -10)):
        s.lamp((x, 3.6, z), 0.6, 7)
    return s


def shell(s):
    windows = [(3.4, 3.2, 0.9, 4.8)]
    s.surroundings((-18, -13, 18, 10), [(-21, -12), (-22, -4), (-21, 4), (21.5, -10), (21, -2), (22, 5.5), (-10, -16),
                                        (3.5, -16.5), (12, -16)])
    s.wall((-18, -13), (18, -13), HEIGHT, "#2f6668", windows=[(x, 4.4, 3.9, 5.4) for x in (8, 18, 28)])
    s.wall((-18, 10), (-18, -13), HEIGHT, CREAM, windows=windows + [(12.3, 2.6, 0.9, 4.8)])
    s.wall((18, -13), (18, 10), HEIGHT, CREAM, windows=[(10.7, 2.6, 0.9, 4.8), (19.6, 3.2, 0.9, 4.8)])
    for start, end in ((-18, -2), (2, 18)):
        s.wall((start, 10), (end, 10), HEIGHT, OAK, "wood", [(8, 15.4, 0.25, 5.4)])
    s.node("lintel", (0, 2.7, 10), shape=box((4, HEIGHT - 2.7, 0.2), OAK, "wood"))
    for side, x, slide in (("left", -1, -1.9), ("right", 1, 1.9)):
        german = "linker" if side == "left" else "rechter"
        s.sliding_door(f"entrance-{side}", (x, 0, 10), 0, 2, text(f"Eingangstür, {german} Flügel", f"Entrance door, {side} leaf"),
                       text("Gläserne Schiebetür zwischen Foyer und Vorplatz. Sie öffnet sich von selbst.",
                            "Glass sliding door between foyer and forecourt. It opens by itself."),
                       slide, 2.7, sensor=3.2)
    # Forecourt with canopy: the way to the living lab.
    s.node("paving", (0, 0, 14), shape=box((38, 0.012, 7.8), "#b9b2a6"))
    s.node("canopy", (0, 3.6, 12.4), shape=box((12, 0.16, 4.6), OAK, "wood"))
    for x in (-5.6, 5.6):
        s.column((x, 14.3), 3.6, 0.24, "#8a8f8c", "metal")
    s.wall((-19.8, 17.8), (19.8, 17.8), 3.6, "#a98f78")
    s.wall((-19.8, 10), (-19.8, 17.8), 1.1, "#6f8a5c", "grass", thickness=0.5)
    s.wall((19.8, 10), (19.8, 17.8), 1.1, "#6f8a5c", "grass", thickness=0.5)
    for x in (-14, -8, 8, 14):
        planter(s, (x, 0, 16.4), (3.4, 1.0), "shrub", scale=0.9, count=3)
    s.sign("house", (0, 2.95, 10.12), 180, (3.6, 0.5), text("Digital Innovation Hub", "Digital Innovation Hub"))
    beams(s, range(-15, 16, 3), (-12.9, 9.9), HEIGHT, color="#b98a5a")
    s.node("start", (0, 0.001, 6.4), shape=box((3.2, 0.012, 2.2), "#4f5f5e", "fabric"))
    s.node("entrance!", (0, 0, 6.2), 0, text("Eingang", "Entrance"),
           text("Hier kommen alle an: im Foyer, mit Blick auf den Empfang.",
                "Everybody arrives here: in the foyer, facing the reception."), spawn={"radius": 2.0})


def portals(s):
    for to, at, facing in (
            ("shared-office", (-17.9, -6), -90), ("innovation-lab", (-17.9, 1.8), -90),
            ("event-hall", (17.9, -6), 90), ("showroom", (17.9, 1.8), 90),
            ("training-1", (-9, -12.9), 180), ("training-2", (0, -12.9), 180), ("training-3", (9, -12.9), 180),
            ("living-lab", (0, 17.7), 0)):
        s.portal(to, at, facing, TITLES[to])


def reception(s):
    counter = [
        part("front", (0, 0, -0.1), shape=box((5.2, 1.02, 0.5), OAK, "wood")),
        part("band", (0, 0.3, 0.16), shape=box((5.24, 0.34, 0.03), PETROL)),
        part("top", (0, 1.02, -0.05), shape=box((5.4, 0.06, 0.72), "#f4f0e8")),
        part("low", (2.1, 0.7, -0.7), shape=box((1.0, 0.05, 1.2), OAK, "wood")),
        part("screen", (-0.9, 1.08, -0.18), 180, shape=box((0.62, 0.38, 0.03), "#2c3034")),
        part("flowers", (1.5, 1.08, 0), model={"asset": "plant-low"}),
        part("lamp", (-2.2, 1.08, -0.05), 20, model={"asset": "desk-lamp"}),
        part("light", (-2.2, 1.5, 0), light={"kind": "point", "color": "#ffdfae", "intensity": 0.8, "rangeMeters": 5})]
    s.node("reception!", (0, 0, -3.2), 0, text("Empfang", "Reception"),
           text("Empfangstheke aus Holz mit Lampe und Blumen. Hier beginnt der Rundgang; die Wegweiser stehen links und rechts.",
                "Wooden reception desk with a lamp and flowers. Tours begin here; the direction screens stand left and right."),
           collider=solid(5.4, 1.1, 0.8), children=counter)
    s.rug((0, 1.6), (3.4, 5.6), "#7f4a38")
    for i, x in enumerate((-4.5, 4.5)):
        names = text("Wartebank bei den Schulungsräumen", "Bench at the training rooms")
        sofa(s, "waiting-sofa", (x, 0, -7.0), 0, "#c8803f", names, 2.2, 2, first=1 + 2 * i)
        s.rug((x, -8.6), (3.6, 3.4), "#7f9a8a")
    for x in (-17.82, 17.82):
        for z in (-2.1, 6.2):
            s.node("panel", (x, 0, z), 90, shape=box((2.2 if z > 6 else 3.0, 0.9, 0.1), OAK, "wood"))
    s.model("office-chair", (-0.6, 0, -4.5), 180)
    slats(s, (0, 0, -6.0), 180, 7.2, 3.3)
    s.sign("hub", (0, 2.2, -5.8), 180, (4.4, 0.72), text("Willkommen im Hub", "Welcome to the hub"))
    for x in (-4.1, 4.1):
        s.model("plant-tall", (x, 0, -5.9), 40 * x, (0.5, 1.4, 0.5))
    s.area("reception-talk", "voice", (0, 0, -1.7), (5.6, 2.6, 2.4), text("Gespräch am Empfang", "Talk at the reception"),
           text("Sprechbereich vor der Empfangstheke.", "Talking area in front of the reception desk."), capacity=12)
    info_screen(s, "info-ways", (-4.6, 0, 3.2), 155, text("Wegweiser", "Directions"),
                text("Wegweiser\n\nLinks: Büro, Labor\nRechts: Schauraum, Halle\nGeradeaus: Schulungsräume\nHinaus: Reallabor",
                     "Directions\n\nLeft: office, lab\nRight: showroom, hall\nAhead: training rooms\nOutside: living lab"))
    info_screen(s, "info-today", (4.6, 0, 3.2), -155, text("Heute im Hub", "Today in the hub"),
                text("Heute im Hub\n\nKommen Sie ins Gespräch: Lounge und Café sind Sprechbereiche.\n"
                     "Schulungsräume und Arbeitsplätze sind buchbar.",
                     "Today in the hub\n\nStart a conversation: lounge and café are talking areas.\n"
                     "Training rooms and desks can be booked."), "#c8603f")


def lounge(s):
    s.rug((-8.6, 5.6), (6.4, 5.2), "#d9c3a0", round_=True)
    names = text("Sofa in der Lounge", "Lounge sofa")
    sofa(s, "sofa-north", (-8.6, 0, 3.9), 180, "#2f6f6c", names)
    sofa(s, "sofa-south", (-8.6, 0, 7.5), 0, "#2f6f6c", names, first=4)
    for i, z in enumerate((5.0, 6.4)):
        seat(s, "lounge-armchair", (-11.1, 0, z), -90 + (14 if i else -14),
             text(f"Sessel {i + 1} in der Lounge", f"Lounge armchair {i + 1}"), "armchair")
    round_table(s, (-8.6, 0, 5.7), 1.0, 0.42)
    s.model("plant-low", (-8.5, 0.42, 5.6), 10)
    s.lamp((-10.9, 0, 8.2), 0.9, 6, asset="floor-lamp")
    for x, z in ((-5.4, 8.9), (-16.9, 8.9), (-11.6, 2.6)):
        s.model("plant-tall", (x, 0, z), 31 * x, (0.5, 1.4, 0.5))
    s.area("lounge", "voice", (-8.6, 0, 5.7), (7, 2.8, 6), text("Lounge", "Lounge"),
           text("Sprechbereich mit zwei Sofas und zwei Sesseln auf einem runden Teppich.",
                "Talking area with two sofas and two armchairs on a round rug."), capacity=16)


def library(s):
    """A corner to read in, one low step up, with a ramp."""
    platform(s, (-15.2, 0, -10.7), (5.2, 0.3, 4.2), "#b0875c")
    s.ramp((-11.35, 0, -11.6), 90, 1.6, 0.3, 2.5, "#b0875c", "wood")
    s.model("bookshelf", (-17.45, 0.3, -11.0), -90, (1.8, 2, 0.4))
    s.model("bookshelf", (-15.2, 0.3, -12.6), 180, (1.8, 2, 0.4))
    for i, (x, z, yaw) in enumerate(((-14.2, -9.6, 30), (-16.2, -9.4, -40))):
        seat(s, "reading-chair", (x, 0.3, z), yaw, text(f"Lesesessel {i + 1}", f"Reading chair {i + 1}"), "armchair")
    s.lamp((-13.1, 0.3, -12.4), 0.9, 5, asset="floor-lamp")
    s.area("library", "quiet", (-15.2, 0.3, -10.7), (5.2, 2.6, 4.2), text("Leseecke", "Reading corner"),
           text("Ruhiger Bereich mit Bücherregalen, eine Stufe höher; eine Rampe führt hinauf.",
                "Quiet area with bookshelves, one step up; a ramp leads there."))


def cafe(s):
    kitchen(s, (15.0, 0, 9.2), 0, 3.4, PETROL)
    s.rug((9.4, 5.8), (7.4, 5.6), "#c98f6a")
    for i, (x, z) in enumerate(((7.4, 4.6), (11.4, 4.6), (9.4, 7.4))):
        round_table(s, (x, 0, z), 0.9)
        for k, (dx, dz, yaw) in enumerate(((-0.75, 0, -90), (0.75, 0, 90))):
            seat(s, "cafe-chair", (x + dx, 0, z + dz), yaw,
                 text(f"Café, Tisch {i + 1}, Stuhl {k + 1}", f"Café, table {i + 1}, chair {k + 1}"), "chair-ochre")
        s.lamp((x, 2.3, z), 0.9, 4)
    for x, z in ((5.4, 8.9), (13.2, 2.8)):
        s.model("plant-tall", (x, 0, z), 23 * x, (0.5, 1.4, 0.5))
    s.area("cafe", "voice", (9.6, 0, 5.9), (8, 2.8, 6), text("Café", "Café"),
           text("Sprechbereich mit drei Tischen neben der Küchenzeile.", "Talking area with three tables beside the kitchen counter."),
           capacity=16)
    # Storage, always locked.
    s.wall((14.4, -12.9), (14.4, -9.3), 3.2, CREAM)
    s.wall((14.3, -9.3), (14.9, -9.3), 3.2, CREAM)
    s.wall((16.1, -9.3), (17.9, -9.3), 3.2, CREAM)
    s.node("storage-lintel!", (15.5, 2.3, -9.3), shape=box((1.2, 0.9, 0.2), CREAM))
    s.sliding_door("storage-door", (15.5, 0, -9.3), 0, 1.2, text("Tür zum Lager", "Door to the storage room"),
                   text("Geschlossene Tür zum Lager. Nur das Team des Hubs hat Zutritt.",
                        "Closed door to the storage room. Only the hub's team may enter."),
                   1.15, color="#8a6a4a", material="wood", locked=True)
    s.area("storage", "bookable", (16.2, 0, -11.1), (3.2, 2.6, 3.2), text("Lager", "Storage room"),
           text("Lager mit Stühlen und Technik, abgeschlossen.", "Storage room with chairs and equipment, locked."), locked=True)
    s.model("bookshelf", (16.2, 0, -12.5), 180)
