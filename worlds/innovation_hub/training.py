"""Three training rooms: a study studio in sky blue, a dialogue room in ochre, a terraced room in berry."""
from .furniture import beams, floor, platform, round_table, seat, slats, sofa, table, whiteboard
from .kit import Space, ahead, box, part, solid, text
from .names import TITLES

# Half the volume is left where the room ends: whoever teaches is understood there.
LAST_ROW = {"model": "linear", "rolloff": 0.5, "maxMeters": 15}


def room(number, size, height, wall, accent, words, environment, windows):
    """Walls of a rectangular room with its passage in the south wall; windows in the north."""
    w, d = size
    s = Space(f"training-{number}", TITLES[f"training-{number}"], words,
              ([-w / 2 - 5, -1, -d / 2 - 5], [w / 2 + 5, 9, d / 2 + 1]),
              {"kind": "indoor", "sky": "#dcebf2", **environment}, 60)
    s.surroundings((-w / 2, -d / 2, w / 2, d / 2),
                   [(w / 2 + 2.6, -3.4), (w / 2 + 3, 2), (-5, -d / 2 - 2.6), (1, -d / 2 - 3), (5.4, -d / 2 - 2.4)])
    s.wall((-w / 2, -d / 2), (w / 2, -d / 2), height, wall, windows=windows[0])
    s.wall((-w / 2, d / 2), (-w / 2, -d / 2), height, accent, windows=windows[1])
    s.wall((w / 2, -d / 2), (w / 2, d / 2), height, wall, windows=windows[2])
    s.wall((-w / 2, d / 2), (w / 2, d / 2), height, wall)
    return s


def study_studio():
    s = room(1, (14, 12), 3.8, "#ddd6c6", "#5f93b0",
             text("Lernstudio mit achtzehn Plätzen in Reihen, Whiteboard und Pult; Blick ins Grüne.",
                  "Study studio with eighteen places in rows, a whiteboard and a teacher's desk; a view into the green."),
             {"floor": "#a5825a", "ambient": 0.76, "sunDirection": [-0.5, -1, 0.3]},
             ((), (), [(3, 3.4, 0.8, 3.2), (8.4, 3.4, 0.8, 3.2)]))
    s.portal("foyer", (4.8, 5.9), 0, TITLES["foyer"])
    whiteboard(s, "board", (0, 0, -5.86), 180, 4.6, text("Whiteboard", "Whiteboard"), text("Großes Whiteboard an der Stirnwand.", "Large whiteboard on the front wall."))
    table(s, (-3.6, 0, -4.2), 0, (1.8, 0.8), color="#dcc09a")
    seat(s, "teacher-chair", (-3.6, 0, -4.9), 180, text("Stuhl am Pult", "Chair at the teacher's desk"), "office-chair")
    s.model("desk-lamp", (-4.2, 0.74, -4.2), 30)
    number = 1
    for z in (-2.3, -0.4, 1.5):
        for x in (-4.7, -2.0, 0.7):
            table(s, (x, 0, z), 0, (1.6, 0.65), color="#dcc09a")
            for dx in (-0.4, 0.4):
                seat(s, "chair", (x + dx, 0, z + 0.62), 0, text(f"Platz {number}", f"Place {number}"), "chair-teal")
                number += 1
    for x in (-3, 0, 3):
        for z in (-2, 1.5):
            s.lamp((x, 2.6, z), 0.6, 5)
    for x, z in ((-6.3, -5.3), (6.3, -5.3), (-6.3, 5.3)):
        s.model("plant-tall", (x, 0, z), 27 * x, (0.5, 1.4, 0.5))
    s.model("bookshelf", (-3.4, 0, 5.6), 0, (1.8, 2, 0.4))
    s.model("bookshelf", (-1.5, 0, 5.6), 0, (1.8, 2, 0.4))
    beams(s, (-4.5, -1.5, 1.5, 4.5), (-5.9, 5.9), 3.8, (0.14, 0.26), "#dcc09a")
    s.area("room", "bookable", (0, 0, -0.6), (13.4, 3, 10.4), text("Lernstudio", "Study studio"),
           text("Der ganze Raum ist buchbar: achtzehn Plätze, Pult und Whiteboard.", "The whole room can be booked: eighteen places, a desk and a whiteboard."), capacity=40,
           attenuation=LAST_ROW)
    return s


def dialogue_room():
    s = room(2, (15, 14), 3.8, "#e0d0b0", "#c4862a",
             text("Dialograum mit Stuhlkreis in der Mitte und zwei Sprechecken für kleine Gruppen.",
                  "Dialogue room with a circle of chairs in the middle and two talking corners for small groups."),
             {"floor": "#9a7048", "ambient": 0.74, "sunDirection": [0.5, -1, 0.4]},
             ([(3, 3.6, 0.6, 3.2), (12, 3.6, 0.6, 3.2)], (), ()))
    s.portal("foyer", (0, 6.9), 0, TITLES["foyer"])
    s.rug((0, -2.6), (6.6, 6.6), "#c9a05a", round_=True)
    s.rug((0, -2.6), (3.0, 3.0), "#c8803f", round_=True)
    s.nodes[-1]["position"][1] = 0.004
    for i in range(12):
        yaw = i * 30
        x, z = ahead(yaw, -2.6)
        seat(s, "circle-chair", (x, 0, z - 2.6), yaw, text(f"Stuhlkreis, Platz {i + 1}", f"Circle, place {i + 1}"), ("chair-ochre", "chair-berry", "chair-teal")[i % 3])
    s.lamp((0, 2.5, -2.6), 1.0, 6)
    whiteboard(s, "board", (0, 0, -6.86), 180, 3.8, text("Whiteboard", "Whiteboard"), text("Whiteboard mit den Fragen des Tages.", "Whiteboard with today's questions."))
    for side, x, german, english in ((-1, -6.0, "Sprechecke links", "Talking corner left"), (1, 6.0, "Sprechecke rechts", "Talking corner right")):
        s.rug((x, 4.4), (2.6, 4.0), "#a9b79c")
        sofa(s, "sofa", (x + side * 0.9, 0, 4.4), -90 if side < 0 else 90, "#5f7f70", text(german, english), 2.4)
        s.lamp((x + side * 0.9, 0, 6.2), 0.9, 5, asset="floor-lamp")
        s.model("plant-tall", (x + side * 0.9, 0, 2.6), 20 * x, (0.5, 1.4, 0.5))
        s.area("talk-left" if side < 0 else "talk-right", "voice", (x, 0, 4.4), (2.8, 2.6, 4.4), text(german, english),
               text("Sprechbereich mit Sofa für kleine Gruppen.", "Talking area with a sofa for small groups."), capacity=8)
        s.model("bookshelf", (side * 7.2, 0, -2), -90 if side < 0 else 90, (1.8, 2, 0.4))
    beams(s, (-6, -3, 0, 3, 6), (-6.9, 6.9), 3.8, (0.14, 0.26), "#b98a5a")
    s.area("room", "bookable", (0, 0, -1.6), (14.4, 3, 10.4), text("Dialograum", "Dialogue room"),
           text("Der ganze Raum ist buchbar: Stuhlkreis für zwölf, Whiteboard, zwei Sprechecken.",
                "The whole room can be booked: a circle of twelve chairs, a whiteboard, two talking corners."), capacity=40,
           attenuation=LAST_ROW)
    return s


TIERS = 4
RISE = 0.36


def terraced_room():
    """Four wide steps rise to a gallery at 1.8 m; a ramp along the west wall leads there, too."""
    s = room(3, (16, 17), 5.2, "#dccdc6", "#8a3f56",
             text("Raum auf zwei Ebenen: eine Sitztribüne steigt von der Präsentationsfläche zur Galerie mit Arbeitstischen.",
                  "Room on two levels: terraced seating rises from the presentation floor to a gallery with desks."),
             {"floor": "#94704c", "ambient": 0.74, "sunDirection": [0.45, -1, 0.35]},
             ([(4, 4.4, 2.6, 4.6), (12, 4.4, 2.6, 4.6)], (), [(4, 5, 2.4, 4.6)]))
    top = RISE * (TIERS + 1)
    s.portal("foyer", (7.9, 5.6), 90, TITLES["foyer"])
    # The front: presentation floor at the south end, gallery at the north.
    whiteboard(s, "board", (0, 0, 8.36), 0, 4.6, text("Whiteboard", "Whiteboard"), text("Großes Whiteboard an der Präsentationsfläche.", "Large whiteboard at the presentation floor."))
    s.node("lectern!", (-3.4, 0, 6.2), 0, text("Rednerpult", "Lectern"), text("Rednerpult neben dem Whiteboard.", "Lectern beside the whiteboard."),
           shape=box((0.6, 1.1, 0.45), "#7a5236", "wood"), collider=solid())
    s.rug((0, 5.4), (6, 3.6), "#b0788a", round_=True)
    number = 1
    for tier in range(TIERS):
        height = RISE * (tier + 1)
        z = 1.6 - 1.5 * tier
        platform(s, (0.9, 0, z), (13.2, height, 1.5), "#a57a4c")
        for i in range(6):
            x = -4.6 + 2.0 * i
            s.node("cushion", (x, height, z + 0.3), shape=box((0.9, 0.06, 0.6), ("#9a4f66", "#c8803f", "#d8a9b6")[(i + tier) % 3], "fabric"))
            seat(s, "terrace-seat", (x, height - 0.36, z + 0.3), 180, text(f"Tribüne, Platz {number}", f"Terrace, place {number}"),
                 alt=text(f"Sitzkissen auf Stufe {tier + 1} der Tribüne.", f"Cushion on step {tier + 1} of the terrace."))
            number += 1
    back = 1.6 - 1.5 * (TIERS - 1) - 0.75
    depth = back + 8.4
    platform(s, (0, 0, back - depth / 2), (15.8, top, depth), "#b98a5a", stem="gallery")
    # Ramp from the presentation floor along the west wall.
    length = 2.35 - back
    s.ramp((-6.8, 0, back + length / 2), 0, 2.0, top, length, "#b0875c", "wood")
    s.node("ramp-rail", (-5.72, 0, back + length / 2), shape=box((0.06, 0.02, length), "#7a5236", "wood"))
    for i, x in enumerate((-4.4, 0, 4.4)):
        table(s, (x, top, back - depth + 1.5), 0, (2.0, 0.8), color="#dcc09a")
        for k, dx in enumerate((-0.5, 0.5)):
            seat(s, "gallery-chair", (x + dx, top, back - depth + 2.2), 0,
                 text(f"Galerie, Tisch {i + 1}, Stuhl {k + 1}", f"Gallery, desk {i + 1}, chair {k + 1}"), "chair-berry")
        s.lamp((x, top + 1.9, back - depth + 1.5), 0.8, 5)
    for x in (-7.2, 7.2):
        s.model("plant-tall", (x, top, back - depth + 0.7), 20 * x, (0.5, 1.4, 0.5))
    s.model("plant-tall", (7.2, 0, 7.7), 0, (0.5, 1.4, 0.5))
    s.model("plant-tall", (-7.2, 0, 7.7), 50, (0.5, 1.4, 0.5))
    for x in (-4, 0, 4):
        s.lamp((x, 3.4, 2.4), 0.7, 7)
    beams(s, (-6, -3, 0, 3, 6), (-8.4, 8.4), 5.2, (0.14, 0.3), "#b98a5a")
    s.area("gallery", "quiet", (0, top, back - depth / 2), (15.4, 2.6, depth), text("Galerie", "Gallery"),
           text("Ruhige Galerie mit drei Arbeitstischen über der Tribüne; über Stufen oder Rampe zu erreichen.",
                "Quiet gallery with three desks above the terrace; reached by steps or ramp."))
    s.area("room", "bookable", (0, 0, 5.2), (13, 3, 5.4), text("Präsentationsfläche", "Presentation floor"),
           text("Buchbare Fläche mit Whiteboard und Rednerpult vor der Tribüne.", "Bookable floor with a whiteboard and a lectern in front of the terrace."), capacity=40)
    return s


ROOMS = (study_studio, dialogue_room, terraced_room)
