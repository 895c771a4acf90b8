"""The innovation lab: concrete, steel and yellow; workbenches, printers, a workshop of glass, a locked server room."""
from .furniture import beams, note_board, round_table, seat, table, whiteboard
from .kit import Space, box, cylinder, part, solid, text
from .names import TITLES

CONCRETE, YELLOW, STEEL = "#b9b2a4", "#d99a1e", "#5b6166"
HEIGHT = 5.2


def build():
    s = Space(
        "innovation-lab", TITLES["innovation-lab"],
        text("Offene Werkstatt mit Werkbänken, 3-D-Druckern, langer Whiteboardwand, Projektplätzen und Serverraum hinter Glas.",
             "Open workshop with workbenches, 3-D printers, a long whiteboard wall, project places and a server room behind glass."),
        ([-22, -1, -16], [18, 9, 17]),
        {"kind": "indoor", "sky": "#dbe7ee", "floor": "#857f75", "ambient": 0.74, "sunDirection": [0.4, -1, 0.5]}, 200)
    s.surroundings((-17, -12, 17, 12), [(-20, 9), (-19.5, 5), (-13, 14.5), (-7, 15), (-1, 14.5), (4, 15)])
    s.wall((-17, -12), (17, -12), HEIGHT, CONCRETE, windows=[(7, 5, 2.6, 4.6), (27, 5, 2.6, 4.6)])
    s.wall((-17, 12), (-17, -12), HEIGHT, CONCRETE, windows=[(4, 4.4, 0.9, 4.4)])
    s.wall((17, -12), (17, 12), HEIGHT, "#c98f24")
    s.wall((-17, 12), (17, 12), HEIGHT, CONCRETE, windows=[(x, 5.6, 0.9, 4.4) for x in (6, 13, 20)])
    beams(s, (-14, -10.5, -7, -3.5, 0, 3.5, 7, 10.5, 14), (-11.9, 11.9), HEIGHT, (0.16, 0.4), STEEL)
    s.portal("foyer", (16.9, 4), 90, TITLES["foyer"])
    s.portal("shared-office", (2.5, -11.9), 180, TITLES["shared-office"])
    s.portal("living-lab", (-16.9, -1), -90, TITLES["living-lab"], 3.2, 3.0)
    workbenches(s)
    printers(s)
    board_wall(s)
    projects(s)
    workshop(s)
    server_room(s)
    return s


def workbenches(s):
    number = 1
    for x in (-9.4, -4.6, 0.2):
        for z in (-3.6, 0.6):
            table(s, (x, 0, z), 0, (2.6, 1.1), 0.92, "#c49a6c", "#3a3d40")
            s.node("toolbox", (x - 0.85, 0.92, z - 0.2), 20, shape=box((0.5, 0.22, 0.26), YELLOW, "metal"))
            s.node("vice", (x + 1.0, 0.92, z + 0.3), shape=box((0.2, 0.2, 0.24), STEEL, "metal"))
            s.model("desk-lamp", (x + 0.55, 0.92, z - 0.3), 150)
            for k, dx in enumerate((-0.6, 0.6)):
                seat(s, "bench-stool", (x + dx, 0, z + 0.92), 0,
                     text(f"Werkbank {number}, Hocker {k + 1}", f"Workbench {number}, stool {k + 1}"), "stool")
            s.area(f"workbench-{number}", "bookable", (x, 0, z + 0.2), (3.2, 2.6, 2.6), text(f"Werkbank {number}", f"Workbench {number}"),
                   text(f"Buchbare Werkbank {number} mit Werkzeugkiste, Schraubstock und Lampe.",
                        f"Bookable workbench {number} with a toolbox, a vice and a lamp."), capacity=6)
            number += 1
        for z in (-3.6, 0.6):
            s.lamp((x, 2.9, z), 0.8, 6)
    for z in (-5.3, 2.4):
        s.node("lane", (-4.6, 0, z), shape=box((13.6, 0.012, 0.14), YELLOW))
    for i, (x, z) in enumerate(((4.6, -2.6), (4.6, 0.4))):
        drawers = [part(f"drawer-{k + 1}", (0, 0.1 + 0.22 * k, 0.255), shape=box((0.6, 0.18, 0.012), "#d9d5cc", "metal")) for k in range(4)]
        s.node("trolley", (x, 0, z), 15 * i, shape=box((0.7, 0.95, 0.5), ("#b0452f", "#2f6668")[i]), collider=solid(), children=drawers)


def printers(s):
    table(s, (-15.9, 0, -8.6), 90, (5.0, 0.9), 0.85, "#d9d5cc")
    for z in (-10.2, -9.1, -8.0, -6.9):
        s.model("printer-3d", (-15.9, 0.85, z), -90)
    for i, color in enumerate(("#e2624a", "#4f9fb0", "#e0a526", "#6da05a", "#f2efe8", "#7a5f8f")):
        s.node("spool", (-13.9 + i * 0.55, 1.5, -11.74), rotation=(0.707107, 0, 0, 0.707107), shape=cylinder(0.4, 0.12, color))
    s.node("spool-rail", (-12.5, 1.66, -11.86), shape=box((3.8, 0.06, 0.08), STEEL, "metal"))
    s.exhibit("printer-corner", (-14.6, 0, -8.6), 0, text("3-D-Drucker", "3-D printers"),
              text("Vier 3-D-Drucker mit gelbem Rahmen auf einem langen Tisch.", "Four 3-D printers with yellow frames on a long table."),
              text("Vom Bauteil bis zum Ersatzknopf: Wer eine Einweisung hat, druckt hier selbst.",
                   "From machine part to spare button: those who have had an introduction print here themselves."))
    s.sign("printers", (-12.5, 2.3, -11.88), 180, (2.4, 0.45), text("3-D-Druck", "3-D printing"))
    s.area("printer-talk", "voice", (-13.4, 0, -8.8), (5.4, 2.6, 5.6), text("Druckecke", "Printing corner"),
           text("Sprechbereich bei den 3-D-Druckern.", "Talking area beside the 3-D printers."), capacity=10)
    s.lamp((-14.0, 2.9, -8.6), 0.8, 6)


def board_wall(s):
    whiteboard(s, "board-1", (-8.6, 0, -11.82), 180, 3.4, text("Whiteboardwand, Feld 1", "Whiteboard wall, field 1"),
               text("Teil der langen Whiteboardwand, voller Notizzettel.", "Part of the long whiteboard wall, full of notes."))
    note_board(s, "board-2", (-4.9, 0, -11.82), 180, 3.4, text("Ideenwand", "Ideas board"),
               text("Whiteboard für Notizzettel mit Ideen; alle im Raum dürfen welche anbringen.",
                    "Whiteboard for notes with ideas; everybody in the room may put some up."))
    note_board(s, "board-3", (-1.2, 0, -11.82), 180, 3.4, text("Fragenwand", "Questions board"),
               text("Whiteboard für Notizzettel mit Fragen; alle im Raum dürfen welche anbringen.",
                    "Whiteboard for notes with questions; everybody in the room may put some up."))
    s.sign("boards", (-4.9, 2.4, -11.88), 180, (3.2, 0.5), text("Was wäre, wenn …?", "What if …?"))
    s.area("board-wall", "voice", (-4.9, 0, -9.9), (10.6, 2.6, 3.2), text("Whiteboardwand", "Whiteboard wall"),
           text("Sprechbereich vor der Whiteboardwand.", "Talking area in front of the whiteboard wall."), capacity=20)


def projects(s):
    names = (("Mobilität", "Mobility", -12.4, "#4f9fb0"), ("Energie", "Energy", -6.0, "#e0a526"), ("Klima", "Climate", 0.4, "#6da05a"))
    for i, (german, english, x, color) in enumerate(names):
        z = 8.2
        s.rug((x, z), (4.8, 4.6), color, round_=True)
        round_table(s, (x, 0, z), 1.5, color="#dcc09a")
        for k, (dx, dz, yaw) in enumerate(((0, -1.08, 180), (1.08, 0, 90), (0, 1.08, 0), (-1.08, 0, -90))):
            seat(s, "project-chair", (x + dx, 0, z + dz), yaw, text(f"Projekt {german}, Stuhl {k + 1}", f"{english} project, chair {k + 1}"),
                 ("chair-teal", "chair-ochre", "chair-berry")[i])
        s.lamp((x, 2.4, z), 0.9, 5)
        s.area(f"project-{i + 1}", "voice", (x, 0, z), (5, 2.6, 5), text(f"Projektplatz {german}", f"{english} project place"),
               text(f"Sprechbereich des Projekts {german} mit rundem Tisch und vier Stühlen.",
                    f"Talking area of the {english.lower()} project with a round table and four chairs."), capacity=10)
    for x in (-16.4, 5.2):
        s.model("plant-tall", (x, 0, 4.4), 13 * x, (0.5, 1.4, 0.5))
    for x in (-15.9, -9.2, -2.8, 4.0):
        s.model("plant-tall", (x, 0, 11.2), 41 * x, (0.5, 1.4, 0.5))


def workshop(s):
    """Laser cutter and robot arm behind glass, north-east."""
    s.glass_wall((6.6, -11.9), (6.6, -8.6), 3.0)
    s.glass_wall((6.6, -6.8), (6.6, -4.2), 3.0)
    s.glass_wall((6.6, -4.2), (12.4, -4.2), 3.0)
    s.node("workshop-lintel!", (6.6, 2.3, -7.7), shape=box((0.1, 0.7, 1.8), "#8a8f8c", "metal"))
    s.sliding_door("workshop-door", (6.6, 0, -7.7), 90, 1.8, text("Tür zur Maschinenwerkstatt", "Door to the machine workshop"),
                   text("Gläserne Schiebetür zur Maschinenwerkstatt. Sie öffnet sich von selbst.",
                        "Glass sliding door to the machine workshop. It opens by itself."), -1.75, sensor=2.2)
    cutter = [part("lid", (0, 0.95, 0), shape=box((1.8, 0.3, 1.0), "#9fb6bd", "glass")), part("panel", (0.6, 0.7, -0.51), shape=box((0.4, 0.16, 0.02), "#8fd3ff", "emissive"))]
    s.exhibit("laser-cutter", (9.8, 0, -10.9), 180, text("Lasercutter", "Laser cutter"),
              text("Lasercutter mit gläsernem Deckel.", "Laser cutter with a glass lid."),
              text("Schneidet Holz, Karton und Acryl. Bitte nur mit Einweisung.", "Cuts wood, card and acrylic. Please only after an introduction."),
              shape=box((1.8, 0.95, 1.0), STEEL, "metal"), collider=solid(1.8, 1.3, 1.0), children=cutter)
    s.model("robot-arm", (9.8, 0, -6.6), 160, (0.7, 1.6, 0.7))
    table(s, (11.6, 0, -7.6), 90, (2.0, 0.8), 0.9, "#c49a6c")
    s.node("light-workshop!", (9.6, 3.2, -8), light={"kind": "point", "color": "#fff1d6", "intensity": 0.9, "rangeMeters": 6})
    s.area("workshop", "bookable", (9.5, 0, -8.05), (5.6, 3, 7.5), text("Maschinenwerkstatt", "Machine workshop"),
           text("Buchbarer Raum hinter Glas mit Lasercutter und Roboterarm.", "Bookable room behind glass with a laser cutter and a robot arm."), capacity=8)


def server_room(s):
    s.wall((12.4, -4.2), (12.4, -11.9), 3.0, "#c9c4b8")
    s.wall((12.4, -4.2), (14.0, -4.2), 3.0, "#c9c4b8")
    s.wall((15.4, -4.2), (16.9, -4.2), 3.0, "#c9c4b8")
    s.node("server-lintel!", (14.7, 2.3, -4.2), shape=box((1.4, 0.7, 0.2), "#c9c4b8"))
    s.sliding_door("server-door", (14.7, 0, -4.2), 0, 1.4, text("Tür zum Serverraum", "Door to the server room"),
                   text("Geschlossene Tür zum Serverraum. Durch das Glas sieht man blinkende Schränke.",
                        "Closed door to the server room. Blinking racks can be seen through the glass."), 1.35, locked=True)
    for i, z in enumerate((-11, -9.6, -8.2, -6.8)):
        lights = [part(f"light-{k + 1}", (-0.2 + 0.1 * ((k * 3 + i) % 5), 0.3 + 0.3 * k, 0.46),
                       shape=box((0.24, 0.02, 0.02), ("#6fd3a0", "#8fd3ff")[k % 2], "emissive")) for k in range(5)]
        s.node("rack", (14.7, 0, z), shape=box((2.4, 2.1, 0.9), "#2c3034"), collider=solid(), children=lights)
    s.area("server-room", "bookable", (14.7, 0, -8.1), (4.2, 2.8, 7.4), text("Serverraum", "Server room"),
           text("Serverraum, abgeschlossen.", "Server room, locked."), locked=True)
    s.sign("server", (13.2, 1.7, -4.08), 180, (1.2, 0.5), text("Kein Zutritt", "No entry"))
    # A place for virtual reality beside it.
    s.node("vr-mat", (10.6, 0, 8.2), shape=cylinder(4.4, 0.02, "#3f6f96", "fabric"))
    s.node("vr-ring", (10.6, 0.02, 8.2), shape=cylinder(3.6, 0.012, "#5a86a9", "fabric"))
    s.exhibit("vr-corner", (10.6, 0.02, 8.2), 0, text("Freifläche für virtuelle Realität", "Space for virtual reality"),
              text("Runde blaue Matte, auf der man sich mit einer Datenbrille frei bewegen kann.",
                   "Round blue mat on which to move freely with a headset."),
              text("Hier wird ausprobiert, wie ein Platz aussieht, bevor er umgebaut wird.",
                   "Here people try out what a square will look like before it is rebuilt."))
    s.area("vr-talk", "voice", (10.6, 0, 8.2), (5, 2.8, 5), text("VR-Fläche", "VR space"),
           text("Sprechbereich auf der blauen Matte.", "Talking area on the blue mat."), capacity=8)
    s.node("shelf", (16.3, 0, 10.2), 90, shape=box((2.6, 1.9, 0.6), YELLOW, "metal"), collider=solid())
    s.lamp((10.6, 3.0, 8.2), 0.7, 6)
    s.lamp((10, 3.2, 0), 0.7, 7)
