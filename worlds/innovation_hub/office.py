"""The shared office: birch, sage and white; desks at the windows, booths and rooms of glass, beams instead of a ceiling."""
from .furniture import beams, kitchen, planter, round_table, seat, sofa, table, tree_bench, whiteboard, work_desk
from .kit import Space, box, cylinder, part, solid, text
from .names import TITLES

WALL, SAGE, BIRCH = "#ded6c4", "#6f9276", "#cfa873"
HEIGHT = 4.2


def build():
    s = Space(
        "shared-office", TITLES["shared-office"],
        text("Gemeinschaftsbüro mit buchbaren Arbeitsplätzen, Telefonkabinen, Besprechungsraum, Ruhebereich und Teeküche.",
             "Shared office with bookable desks, phone booths, a meeting room, a quiet zone and a kitchenette."),
        ([-21, -1, -17], [17, 9, 17]),
        {"kind": "indoor", "sky": "#d8ecf4", "floor": "#a98658", "ambient": 0.74, "sunDirection": [0.5, -1, 0.55]}, 150)
    s.surroundings((-15, -11, 15, 11), [(-18, -8), (-19, 0), (-18, 7), (-10, -14), (-3, -15), (3, -14), (9, -15), (-9, 14)])
    s.wall((-15, -11), (15, -11), HEIGHT, WALL, windows=[(x, 4.2, 0.8, 3.5) for x in (12.5, 18, 23.5)])
    s.wall((-15, 11), (-15, -11), HEIGHT, WALL, windows=[(x, 3.6, 0.8, 3.5) for x in (3.2, 8.4)])
    s.wall((15, -11), (15, 11), HEIGHT, SAGE)
    s.wall((-15, 11), (15, 11), HEIGHT, WALL, windows=[(5.0, 5.0, 0.8, 3.5)])
    beams(s, (-12, -8, -4, 0, 4, 8, 12), (-10.9, 10.9), HEIGHT, (0.14, 0.3), BIRCH)
    s.portal("foyer", (14.9, 4), 90, TITLES["foyer"])
    s.portal("innovation-lab", (2.5, 10.9), 0, TITLES["innovation-lab"])
    desks(s)
    booths(s)
    meeting_room(s)
    quiet_zone(s)
    kitchenette(s)
    return s


def desks(s):
    number = 1
    for z in (-7.9, -2.7):
        for x in (-3.4, 3.0, 9.4):
            s.rug((x, z), (5.0, 4.4), "#7f9a78" if z < -5 else "#b08f63")
            for dx in (-0.85, 0.85):
                for dz, yaw in ((-0.43, 180), (0.43, 0)):
                    # Facing pairs, a screen of felt between them.
                    work_desk(s, number, (x + dx, z + dz), yaw)
                    number += 1
            s.node("felt", (x, 0.74, z), shape=box((3.4, 0.5, 0.05), SAGE, "fabric"))
            s.lamp((x, 2.6, z), 0.7, 6)
            s.model("plant-tall", (x + 2.75, 0, z), 50 * x, (0.5, 1.4, 0.5))
    for x in (-0.2, 6.2):
        s.model("plant-low", (x, 0, -10.5), 33 * x, scale=1.6)
    s.sign("desks", (-6.2, 2.2, -10.88), 180, (2.4, 0.5), text("Arbeitsplätze 1–24", "Desks 1–24"))
    tree_bench(s, (4.9, 3.4), text("Baumbank", "Tree bench"), 2.6, "tree-birch", 0.6)


def booths(s):
    for i, z in enumerate((-9.9, -7.6, -5.3)):
        x = 13.9
        parts = [part("back", (1.0, 0, 0), shape=box((0.08, 2.3, 2.0), "#5f7f70", "fabric")),
                 part("left", (0, 0, -1.0), shape=box((2.0, 2.3, 0.06), "#cfe6ea", "glass")),
                 part("right", (0, 0, 1.0), shape=box((2.0, 2.3, 0.06), "#cfe6ea", "glass")),
                 part("roof", (0, 2.3, 0), shape=box((2.08, 0.1, 2.06), BIRCH, "wood")),
                 part("shelf", (0.75, 0.95, 0), shape=box((0.42, 0.04, 1.2), BIRCH, "wood")),
                 part("glow", (0, 2.28, 0), shape=box((1.2, 0.02, 0.2), "#fff1d0", "emissive"))]
        s.node("booth", (x, 0, z), children=parts)
        for dz in (-1.0, 1.0):
            s.node("booth-side", (x, 0, z + dz), collider=solid(2.0, 2.3, 0.08))
        seat(s, "booth-stool", (x + 0.25, 0, z), -90, text(f"Hocker in Telefonkabine {i + 1}", f"Stool in phone booth {i + 1}"))
        s.model("stool", (x + 0.25, 0, z), 0)
        s.area(f"booth-{i + 1}-talk", "voice", (x, 0, z), (2.0, 2.3, 1.9), text(f"Telefonkabine {i + 1}", f"Phone booth {i + 1}"),
               text("Schallgedämmte Kabine für Gespräche zu zweit.", "Sound-proofed booth for a talk of two."), capacity=2)
        s.node("booth-light", (x - 0.2, 2.0, z), light={"kind": "point", "color": "#ffe3b5", "intensity": 0.6, "rangeMeters": 3})
    s.sign("booths", (12.86, 2.36, -7.6), 90, (2.4, 0.36), text("Telefonkabinen", "Phone booths"))


def meeting_room(s):
    """Glass on two sides, north-west corner."""
    s.glass_wall((-14.9, -4.6), (-11.2, -4.6), 2.8)
    s.glass_wall((-9.6, -4.6), (-7.8, -4.6), 2.8)
    s.glass_wall((-7.8, -4.6), (-7.8, -10.9), 2.8)
    s.node("meeting-lintel!", (-10.4, 2.3, -4.6), shape=box((1.6, 0.5, 0.1), "#8a8f8c", "metal"))
    s.sliding_door("meeting-door", (-10.4, 0, -4.6), 180, 1.6, text("Tür zum Besprechungsraum", "Door to the meeting room"),
                   text("Gläserne Schiebetür zum Besprechungsraum. Sie öffnet sich von selbst.",
                        "Glass sliding door to the meeting room. It opens by itself."), 1.55, sensor=2.2)
    s.rug((-11.4, -7.8), (5.2, 4.4), "#8fa98c")
    table(s, (-11.4, 0, -7.8), 0, (3.4, 1.3), color=BIRCH)
    number = 1
    for x in (-12.5, -11.4, -10.3):
        for z, yaw in ((-8.85, 180), (-6.75, 0)):
            seat(s, "meeting-chair", (x, 0, z), yaw, text(f"Besprechung, Stuhl {number}", f"Meeting, chair {number}"), "chair-teal")
            number += 1
    whiteboard(s, "meeting-board", (-11.4, 0, -10.82), 180, 3.2, text("Whiteboard im Besprechungsraum", "Whiteboard in the meeting room"),
               text("Whiteboard mit bunten Notizzetteln.", "Whiteboard with coloured notes."))
    s.lamp((-12.2, 2.2, -7.8), 0.8, 5)
    s.lamp((-10.6, 2.2, -7.8), 0.8, 5)
    s.model("plant-tall", (-14.3, 0, -10.3), 0, (0.5, 1.4, 0.5))
    s.area("meeting-room", "bookable", (-11.35, 0, -7.75), (7.0, 2.8, 6.2), text("Besprechungsraum", "Meeting room"),
           text("Buchbarer Raum aus Glas mit Tisch, sechs Stühlen und Whiteboard.",
                "Bookable glass room with a table, six chairs and a whiteboard."), capacity=10)


def quiet_zone(s):
    for x in (-14.0, -12.1, -10.2):
        s.model("bookshelf", (x, 0, -0.4), 180, (1.8, 2, 0.4))
    s.node("acoustic", (-7.7, 0, 6.8), shape=box((0.2, 2.0, 5.2), SAGE, "fabric"), collider=solid())
    s.rug((-11.3, 5.2), (5.8, 6.4), "#a9b79c")
    for i, (x, z, yaw) in enumerate(((-13.4, 3.0, -150), (-9.4, 3.2, 150), (-13.4, 7.6, -40), (-9.6, 7.8, 40))):
        seat(s, "quiet-chair", (x, 0, z), yaw, text(f"Sessel {i + 1} im Ruhebereich", f"Armchair {i + 1} in the quiet zone"), "armchair")
    round_table(s, (-11.4, 0, 5.2), 1.1, 0.45, BIRCH)
    s.model("plant-low", (-11.4, 0.45, 5.2), 70)
    s.lamp((-14.3, 0, 1.0), 0.9, 5, asset="floor-lamp")
    s.lamp((-8.5, 0, 9.9), 0.9, 5, asset="floor-lamp")
    s.model("plant-tall", (-14.2, 0, 10.1), 12, (0.5, 1.4, 0.5))
    s.sign("quiet", (-7.58, 1.2, 6.8), -90, (1.6, 0.4), text("Ruhebereich", "Quiet zone"))
    s.area("quiet-zone", "quiet", (-11.35, 0, 5.1), (7.0, 2.8, 9.6), text("Ruhebereich", "Quiet zone"),
           text("Stiller Bereich mit Sesseln und Bücherregalen. Bitte nicht sprechen.",
                "Silent area with armchairs and bookshelves. Please do not talk."))


def kitchenette(s):
    kitchen(s, (9.6, 0, 10.5), 0, 3.6, "#7d9a84")
    s.rug((9.4, 7.2), (5.4, 3.6), "#d9a777")
    for i, x in enumerate((8.2, 10.6)):
        round_table(s, (x, 0, 7.2), 1.0, color=BIRCH)
        for k, (dx, dz, yaw) in enumerate(((-0.78, 0, -90), (0.78, 0, 90), (0, -0.78, 180))):
            seat(s, "tea-chair", (x + dx, 0, 7.2 + dz), yaw,
                 text(f"Teeküche, Tisch {i + 1}, Stuhl {k + 1}", f"Kitchenette, table {i + 1}, chair {k + 1}"), "chair-ochre")
        s.lamp((x, 2.2, 7.2), 0.9, 4.5)
    s.area("kitchenette", "voice", (9.4, 0, 7.6), (6.6, 2.6, 4.4), text("Teeküche", "Kitchenette"),
           text("Sprechbereich mit Küchenzeile und zwei Tischen.", "Talking area with a kitchen counter and two tables."), capacity=14)
    s.rug((-3.4, 6.4), (5.2, 4.2), "#e0cda6", round_=True)
    names = text("Sofa in der Projektecke", "Sofa in the project corner")
    sofa(s, "project-sofa", (-3.4, 0, 8.0), 0, "#c8803f", names)
    for i, x in enumerate((-4.6, -2.2)):
        seat(s, "project-chair", (x, 0, 5.0), 180 + (16 if i else -16),
             text(f"Sessel {i + 1} in der Projektecke", f"Armchair {i + 1} in the project corner"), "armchair")
    round_table(s, (-3.4, 0, 6.5), 0.9, 0.42, BIRCH)
    whiteboard(s, "project-board", (-3.4, 0, 10.82), 0, 3.0, text("Whiteboard der Projektecke", "Whiteboard of the project corner"),
               text("Whiteboard mit einem Projektplan aus Notizzetteln.", "Whiteboard with a project plan made of notes."))
    s.area("project-corner", "voice", (-3.4, 0, 6.6), (5.6, 2.6, 4.8), text("Projektecke", "Project corner"),
           text("Sprechbereich mit Sofa, Sesseln und Whiteboard.", "Talking area with a sofa, armchairs and a whiteboard."), capacity=10)
    planter(s, (11.8, 0, 0.9), (4.4, 0.6), "shrub", count=4, scale=0.75)
    planter(s, (-3.4, 0, 2.6), (4.6, 0.6), "shrub", count=4, scale=0.75)
