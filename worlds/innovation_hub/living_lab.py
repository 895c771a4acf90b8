"""The living lab: street, tram line, park with a pond and a pavilion; sensors that show what the city measures."""
import math

from .furniture import planter, platform, seat, table, tree
from .kit import Space, box, cylinder, part, shape, solid, text, turned
from .names import TITLES

ASPHALT, PAVING, PATH, OAK = "#57595c", "#a89b88", "#b59a6e", "#b98a5a"


def build():
    s = Space(
        "living-lab", TITLES["living-lab"],
        text("Ein Stück Stadt im Freien: Straße mit Bahn, Mobilitätsstation, Park mit Teich und Pavillon, und Messgeräte zum Anschauen.",
             "A piece of city outdoors: a street with a tram, a mobility station, a park with a pond and a pavilion, and sensors to look at."),
        ([-62, -1, -46], [62, 9, 46]),
        {"kind": "outdoor", "sky": "#a9d4f2", "floor": "#7a9c52", "ambient": 0.72, "sunDirection": [-0.5, -1, -0.45]}, 600)
    hub_front(s)
    street(s)
    tram_line(s)
    mobility(s)
    park(s)
    pavilion(s)
    sensors(s)
    garden(s)
    houses(s)
    greenery(s)
    return s


def paving(s, at, size, color=PAVING, y=0.0, material="matte"):
    s.node("paving", (at[0], y, at[1]), shape=box((size[0], 0.02, size[1]), color, material))


def hub_front(s):
    """The hub from outside, along the north edge."""
    s.wall((-30, -40), (30, -40), 7, "#d9c4a4", windows=[(x, 6, 0.5, 5.6) for x in (18.5, 41.5, 52)] + [(10, 6, 3.6, 5.6)], thickness=0.4)
    s.node("roof", (0, 7, -42.4), shape=box((62, 0.4, 6.4), OAK, "wood"))
    s.node("hub-body", (0, 0, -43), shape=box((60, 7, 5.6), "#d9c9b2"))
    s.node("canopy", (0, 3.7, -38.2), shape=box((9, 0.16, 3.4), OAK, "wood"))
    for x in (-4.2, 4.2):
        s.column((x, -36.8), 3.7, 0.22, "#8a8f8c", "metal")
    s.sign("hub", (0, 4.3, -39.7), 180, (8, 1.1), text("Digital Innovation Hub", "Digital Innovation Hub"))
    s.portal("foyer", (0, -39.8), 180, TITLES["foyer"], 3.2, 3.0, distance=4)
    s.portal("innovation-lab", (-20, -39.8), 180, TITLES["innovation-lab"], 3.2, 3.0, distance=4)
    paving(s, (0, -35.6), (64, 8.0))
    for x in (-26, -13, -8, 8, 14, 26):
        planter(s, (x, 0, -38.9), (3.0, 0.9), "shrub", count=3, scale=0.85)


def street(s):
    """Along the front: pavement, tram street, pavement."""
    paving(s, (0, -27), (112, 9.0), ASPHALT, 0.001)
    paving(s, (0, -22.0), (112, 1.6), PAVING)
    for x in range(-54, 55, 6):
        if abs(x) > 4 and abs(x + 20) > 4:
            s.node("line", (x, 0.012, -24.7), shape=box((2.4, 0.014, 0.14), "#efece4"))
    for i in range(7):
        for x0 in (0, -20):
            s.node("zebra", (x0, 0.012, -30.6 + i * 1.25), shape=box((3.4, 0.014, 0.6), "#efece4"))
    for x in (-50, -34, -8, 8, 36, 50):
        s.lamp((x, 0, -31.9), 0.6, 8, asset="street-lamp").update({"yawDegrees": 180})


CORNER = 9.0


def ring(half_x, north, south):
    """Points of a rounded rectangle, clockwise seen from above, from the stop on its north side."""
    points = [(0.0, north)]
    for cx, cz, start in ((half_x - CORNER, north + CORNER, -90), (half_x - CORNER, south - CORNER, 0),
                          (-half_x + CORNER, south - CORNER, 90), (-half_x + CORNER, north + CORNER, 180)):
        for k in range(7):
            a = math.radians(start + 15 * k)
            points.append((cx + CORNER * math.cos(a), cz + CORNER * math.sin(a)))
    return points


def tram_line(s):
    points = ring(46, -27.6, 34)
    s.node("tram!", yaw=-90, title=text("Straßenbahn Linie 1", "Tram line 1"),
           alt=text("Grün-weiße Straßenbahn, die rund um den Park fährt und vor dem Hub hält.",
                    "Green and white tram that runs around the park and stops in front of the hub."),
           model={"asset": "tram"},
           dynamic={"motion": "path", "points": [[x, 0.03, z] for x, z in points], "metersPerSecond": 5, "dwellSeconds": 12, "loop": True})
    closed = points + points[:1]
    for (x0, z0), (x1, z1) in zip(closed, closed[1:]):
        length = math.hypot(x1 - x0, z1 - z0)
        yaw = math.degrees(math.atan2(-(x1 - x0), -(z1 - z0)))
        rails = [part(side, (dx, 0.016, 0), shape=box((0.08, 0.03, length + 0.12), "#8f9598", "metal")) for side, dx in (("left", -0.72), ("right", 0.72))]
        bed = {} if abs(z0 - -27.6) < 0.1 and abs(z1 - -27.6) < 0.1 else {"shape": box((2.8, 0.018, length + 0.7), "#6a6a68")}
        s.node("track", ((x0 + x1) / 2, 0.002, (z0 + z1) / 2), yaw, children=rails, **bed)
    # The stop: a low platform between street and hub, with a roof.
    platform(s, (0, 0, -30.9), (18, 0.24, 3.0), "#b3aa9b", "matte", "tram-platform")
    s.node("platform-edge", (0, 0.24, -29.5), shape=box((18, 0.014, 0.22), "#f4f1ea"))
    s.ramp((-10.1, 0, -30.9), -90, 3.0, 0.24, 2.2, "#b3aa9b")
    s.ramp((10.1, 0, -30.9), 90, 3.0, 0.24, 2.2, "#b3aa9b")
    for x in (5.2, 8.6):
        s.node("shelter-post", (x, 0.24, -32.1), shape=box((0.1, 2.5, 0.1), "#3a3d40", "metal"))
    s.node("shelter-glass", (6.9, 0.34, -32.1), shape=box((3.3, 2.2, 0.05), "#cfe6ea", "glass"), collider=solid(3.4, 2.4, 0.12))
    s.node("shelter-roof", (6.9, 2.74, -31.4), shape=box((4.2, 0.12, 1.9), "#2f8f83"))
    s.node("bench", (6.9, 0.24, -31.75), 180, model={"asset": "park-bench"}, collider=solid(1.8, 0.85, 0.5))
    for i, dx in enumerate((-0.45, 0.45)):
        seat(s, "stop-seat", (6.9 + dx, 0.24, -31.77), 180, text(f"Haltestelle, Platz {i + 1}", f"Tram stop, place {i + 1}"))
    s.node("stop-mast", (3.4, 0.24, -32.0), shape=cylinder(0.09, 3.0, "#3a3d40", "metal"), collider=solid(0.1, 3, 0.1))
    s.sign("stop", (3.4, 2.3, -31.9), 180, (1.5, 0.6), text("Haltestelle Innovation Hub", "Stop: Innovation Hub"), board=True)
    s.area("tram-stop", "voice", (0, 0.24, -30.9), (18, 2.8, 3.0), text("Haltestelle Innovation Hub", "Stop Innovation Hub"),
           text("Sprechbereich am Bahnsteig; hier hält die Straßenbahn.", "Talking area on the platform; the tram stops here."), capacity=40)


def mobility(s):
    """Hire bicycles, charging posts and a shared car east of the way to the park."""
    x0, z0 = 22, -17.4
    paving(s, (x0, z0), (17, 6.4), "#d2c7b4")
    for i in range(6):
        s.model("bicycle", (x0 - 7 + i * 1.0, 0.02, z0 - 1.2), 180, (0.5, 1, 1.7))
    s.node("bike-rail", (x0 - 4.5, 0, z0 - 0.2), shape=box((6.2, 0.5, 0.08), "#8a8f8c", "metal"))
    s.model("concept-car", (x0 + 4.6, 0.02, z0 - 0.6), 180, (1.6, 1.5, 3.0))
    for x in (x0 + 3.1, x0 + 6.4):
        s.node("charger", (x, 0, z0 - 2.6), shape=box((0.4, 1.5, 0.3), "#f2efe8"), collider=solid(),
               children=[part("glow", (0, 1.1, 0.155), shape=box((0.26, 0.2, 0.01), "#6fd3a0", "emissive"))])
    roof = [part("panel", (0, 3.0, 0), rotation=(0.069756, 0, 0, 0.997564), shape=box((6.6, 0.08, 3.0), "#1f3f5c"))]
    roof += [part(f"post-{i + 1}", (x, 0, z), shape=box((0.14, 3.0, 0.14), OAK, "wood")) for i, (x, z) in enumerate(((-3, 1.2), (3, 1.2)))]
    s.node("solar-roof", (x0 - 4.5, 0, z0 - 1.2), children=roof)
    for x in (x0 - 7.5, x0 - 1.5):
        s.node("solar-post", (x, 0, z0), collider=solid(0.16, 3, 0.16))
    s.exhibit("mobility-station", (x0 - 0.2, 0, z0 + 2.2), 180, text("Mobilitätsstation", "Mobility station"),
              text("Station mit Leihrädern unter einem Solardach, Ladesäulen und einem geteilten Elektroauto.",
                   "Station with hire bicycles under a solar roof, charging posts and a shared electric car."),
              text("Bahn, Rad und Auto an einem Ort: Wer umsteigt, fährt mit einer einzigen Buchung weiter.",
                   "Tram, bicycle and car in one place: change here and go on with a single booking."),
              shape=box((0.9, 1.0, 0.12), "#2f8f83"), collider=solid())
    s.sign("mobility", (x0 + 1.4, 1.5, z0 + 2.6), 180, (2.2, 0.6), text("Mobilitätsstation", "Mobility station"), board=True)
    s.node("sign-post", (x0 + 1.4, 0, z0 + 2.55), shape=cylinder(0.08, 1.6, "#3a3d40", "metal"), collider=solid(0.1, 2, 0.1))
    s.area("mobility-talk", "voice", (x0, 0, z0 + 2.2), (10, 2.6, 3.4), text("Treffpunkt Mobilität", "Mobility meeting point"),
           text("Sprechbereich vor der Mobilitätsstation.", "Talking area in front of the mobility station."), capacity=16)


def park(s):
    # Ways: one from the zebra to the pavilion, one around the pond.
    paving(s, (0, -9.9), (3.2, 22.6), PATH)
    paving(s, (0, 14.8), (3.2, 20), PATH)
    s.node("square", (0, 0.001, 3.2), shape=cylinder(12, 0.02, PATH))
    paving(s, (-19, 3.2), (28, 2.4), PATH, 0.002)
    paving(s, (18, 3.2), (26, 2.4), PATH, 0.002)
    # The pond west of the square, with a deck.
    s.node("pond!", (-19, 0.0, 13.6), title=text("Teich", "Pond"),
           alt=text("Teich mit Schilf, Steinen und einem Holzsteg. Er sammelt Regenwasser.",
                    "Pond with reeds, stones and a wooden deck. It collects rain water."),
           shape=shape("cylinder", (22, 0.07, 13), "#1f6283", "water"))
    s.node("pond-shore", (-19, 0.0, 13.6), shape=shape("cylinder", (23.4, 0.03, 14.2), "#a79a78", "matte"))
    for width, depth in ((21.4, 4.6), (19.2, 7.6), (15.4, 10.2), (10.4, 12.2)):
        s.node("water-edge", (-19, 0, 13.6), collider=solid(width, 0.28, depth))
    for i in range(16):
        a = 2 * math.pi * i / 16 + 0.2
        r = 0.5 + 0.18 * ((i * 7) % 4)
        s.node("stone", (-19 + 11.4 * math.cos(a), -0.08, 13.6 + 6.9 * math.sin(a)), 31 * i,
               shape=shape("sphere", (1.1 * r, 0.6 * r, 0.9 * r), ("#a8a39a", "#8f8b84", "#bdb6aa")[i % 3]))
    for i in range(9):
        a = math.pi * (0.62 + 0.1 * i)
        s.model("plant-low", (-19 + 10.2 * math.cos(a), -0.42, 13.6 + 6.0 * math.sin(a)), 40 * i, scale=1.9, stem="reed")
    platform(s, (-19, 0, 8.4), (4.2, 0.3, 6.0), "#b98a5a", stem="deck")
    s.ramp((-19, 0, 4.9), 180, 4.2, 0.3, 1.0, "#b98a5a", "wood")
    seat_bench(s, (-20.3, 0.3, 9.2), 90 + 180, "Steg", "Deck")
    s.area("pond-quiet", "quiet", (-19, 0.3, 8.4), (4.2, 2.6, 6.0), text("Holzsteg am Teich", "Deck at the pond"),
           text("Stiller Ort auf dem Holzsteg über dem Wasser.", "Quiet place on the wooden deck above the water."))
    for x, z, yaw, german, english in ((-4.4, 7.0, 215, "Platz, Bank 1", "Square, bench 1"), (4.4, 7.0, 145, "Platz, Bank 2", "Square, bench 2"),
                                       (-2.6, -8, -90, "Weg, Bank 1", "Path, bench 1"), (2.6, -13, 90, "Weg, Bank 2", "Path, bench 2"),
                                       (13, 5.4, 0, "Wiese, Bank", "Meadow, bench")):
        seat_bench(s, (x, 0, z), yaw, german, english)
    s.area("square-talk", "voice", (0, 0, 3.2), (9, 2.8, 9), text("Parkplatz der Ideen", "Square of ideas"),
           text("Sprechbereich auf dem runden Platz in der Mitte des Parks.", "Talking area on the round square in the middle of the park."), capacity=40)
    # A small robot brings parcels along the east way.
    s.node("delivery-robot!", title=text("Lieferroboter", "Delivery robot"),
           alt=text("Kleiner Lieferroboter, der zwischen Park und Stadtgarten pendelt.", "Small delivery robot that shuttles between park and city garden."),
           model={"asset": "delivery-robot"},
           dynamic={"motion": "path", "points": [[8.5, 0.03, 3.9], [30, 0.03, 3.9], [30, 0.03, 14]], "metersPerSecond": 1.2, "dwellSeconds": 10, "loop": False})
    paving(s, (30, 8.6), (2.4, 13), PATH, 0.001)


def seat_bench(s, at, yaw, german, english):
    s.model("park-bench", at, yaw, (1.8, 0.85, 0.5))
    for i, dx in enumerate((-0.45, 0.45)):
        ox, oz = turned(dx, -0.02, yaw)
        seat(s, "bench-seat", (at[0] + ox, at[1], at[2] + oz), yaw, text(f"{german}, Platz {i + 1}", f"{english}, place {i + 1}"))


def pavilion(s):
    """Open on all sides, at the south end of the way."""
    z0 = 22.6
    platform(s, (0, 0, z0), (11, 0.3, 8), "#c2a17c", stem="pavilion-floor")
    s.ramp((0, 0, z0 - 4.9), 180, 4.0, 0.3, 1.8, "#c2a17c", "wood")
    for x in (-5, 0, 5):
        for z in (-3.6, 3.6):
            if (x, z) != (0, -3.6):
                s.column((x, z0 + z), 3.8, 0.26, OAK, "wood")
    for i in range(9):
        s.node("rafter", (-4.8 + 1.2 * i, 3.8, z0), shape=box((0.14, 0.26, 9.0), OAK, "wood"))
    s.node("pavilion-roof", (0, 4.06, z0), shape=box((12.4, 0.16, 9.6), "#6f8a5c", "grass"))
    table(s, (0, 0.3, z0 + 0.2), 0, (3.0, 1.1), color="#dcc09a")
    for i, (dx, dz, yaw) in enumerate([(dx, dz, yaw) for dx in (-0.9, 0, 0.9) for dz, yaw in ((-0.85, 180), (0.85, 0))]):
        seat(s, "pavilion-stool", (dx, 0.3, z0 + 0.2 + dz), yaw, text(f"Pavillon, Hocker {i + 1}", f"Pavilion, stool {i + 1}"), "stool")
    for x in (-3.4, 3.4):
        s.node("string-light", (x, 3.2, z0), shape=shape("sphere", (0.26, 0.26, 0.26), "#ffe6b5", "emissive"),
               light={"kind": "point", "color": "#ffd79a", "intensity": 0.8, "rangeMeters": 6})
    s.sign("pavilion", (0, 3.1, z0 - 4.4), 0, (3.0, 0.6), text("Bürgerpavillon", "Citizens' pavilion"), board=True)
    s.area("pavilion", "bookable", (0, 0.3, z0), (11, 3, 8), text("Bürgerpavillon", "Citizens' pavilion"),
           text("Buchbarer offener Pavillon mit langem Tisch und Gründach.", "Bookable open pavilion with a long table and a green roof."), capacity=40)


def sensors(s):
    """Masts that tell what they measure."""
    places = (
        ("air", -7.0, -19.4, "Luftmessung", "Air quality",
         "Misst Feinstaub und Stickoxid an der Straße, jede Minute.", "Measures fine dust and nitrogen oxide beside the street, every minute.", "#6fd3a0"),
        ("noise", 9.0, -20.0, "Lärmmessung", "Noise",
         "Hört nur, wie laut es ist; Worte werden nicht aufgezeichnet.", "Hears only how loud it is; words are never recorded.", "#ffc861"),
        ("soil", 15.5, 10.0, "Bodenfeuchte", "Soil moisture",
         "Sagt, welche Bäume heute Wasser brauchen.", "Tells which trees need water today.", "#8fd3ff"),
        ("water", -9.0, 17.5, "Wasserstand", "Water level",
         "Misst, wie viel Regen der Teich noch aufnehmen kann.", "Measures how much rain the pond can still take.", "#5fb4e0"),
        ("people", 3.6, -17.8, "Zählstelle", "Counter",
         "Zählt Menschen und Räder auf dem Weg, ohne Bilder zu speichern.", "Counts people and bicycles on the path without keeping pictures.", "#e2624a"))
    for key, x, z, german, english, about_de, about_en, color in places:
        parts = [part("box", (0, 1.5, 0), shape=box((0.4, 0.5, 0.26), "#eef0ef")), part("glow", (0, 2.02, 0), shape=cylinder(0.16, 0.1, color, "emissive")),
                 part("plate", (0, 0.95, 0.12), shape=box((0.7, 0.4, 0.03), "#2f8f83"))]
        s.exhibit(f"sensor-{key}", (x, 0, z), 0, text(german, english),
                  text(f"Messmast: {german}. {about_de}", f"Sensor mast: {english.lower()}. {about_en}"), text(about_de, about_en),
                  shape=cylinder(0.12, 2.4, "#8a8f8c", "metal"), collider=solid(0.4, 2.4, 0.4), children=parts)


def garden(s):
    """Raised beds of the neighbourhood, east."""
    blooms = ("#d9668a", "#e0b13f", "#f0ead8", "#9a5fb0")
    for i, (x, z) in enumerate(((-2.7, 11), (2.7, 11), (-2.7, 16), (2.7, 16))):
        heads = [part(f"bloom-{k + 1}", (-1.2 + 0.4 * k, 0.1, 0.2 * (-1) ** k), shape=shape("sphere", (0.3, 0.22, 0.3), blooms[(i + k) % 4]))
                 for k in range(7)]
        s.node("flowers", (x, 0, z), 90, shape=box((3, 0.16, 0.9), "#5f8a48", "grass"), children=heads)
    for row in range(2):
        for column in range(3):
            planter(s, (22.5 + column * 4.6, 0, 17.5 + row * 4.2), (3.2, 1.4), "plant-low", "#8a6a4a", 1.5, 0.5, 4)
    s.exhibit("garden", (20, 0, 15.2), 0, text("Stadtgarten", "City garden"),
              text("Hochbeete der Nachbarschaft mit Kräutern und Gemüse.", "Raised beds of the neighbourhood with herbs and vegetables."),
              text("Sensoren im Beet melden Trockenheit; gegossen wird gemeinsam.", "Sensors in the beds report dryness; people water together."),
              shape=box((0.9, 1.0, 0.12), "#8a6a4a", "wood"), collider=solid())
    s.area("garden-talk", "voice", (27, 0, 19.6), (15, 2.6, 8.4), text("Stadtgarten", "City garden"),
           text("Sprechbereich zwischen den Hochbeeten.", "Talking area among the raised beds."), capacity=24)


def houses(s):
    """Beyond the tram line: the rest of the city."""
    fronts = [(-57.4, -14, 90, 16, 7, "#d9a98a"), (-57.4, 4, 90, 18, 8, "#e7d3ac"), (-57.4, 24, 90, 20, 6.6, "#c9b3a0"),
              (57.4, -14, -90, 16, 8, "#e0c3a2"), (57.4, 4, -90, 18, 6.6, "#c98f78"), (57.4, 24, -90, 20, 7.4, "#dccfb8"),
              (-32, 42.6, 0, 22, 7, "#dcc3a8"), (-8, 42.6, 0, 22, 8, "#c9826a"), (16, 42.6, 0, 22, 6.6, "#e6d8bc"), (39, 42.6, 0, 20, 7.6, "#b9c0b4")]
    for x, z, yaw, width, height, color in fronts:
        count = int(width / 3.4)
        parts = [part("roof", (0, height, 0), shape=box((width + 0.4, 0.3, 5.4), "#8f5f4c"))]
        front = -2.52 if yaw in (0,) else -2.52
        for level in range(2):
            for i in range(count):
                px = (i - (count - 1) / 2) * width / count
                parts.append(part(f"window-{level * count + i + 1}", (px, 1.3 + level * 2.7, front), shape=box((1.3, 1.5, 0.06), ("#7f9aa6", "#ffe2ac")[(i * 3 + level + int(width)) % 5 == 0], "metal" if (i * 3 + level + int(width)) % 5 else "emissive")))
        turned_yaw = yaw if yaw == 0 else (-90 if x < 0 else 90)
        s.node("house", (x, 0, z), turned_yaw, shape=box((width, height, 5.0), color), collider=solid(), children=parts)


def greenery(s):
    trees = [(-9, -15, 1.1), (-14, -18, 0.9), (-24, -16, 1.15), (-33, -12, 1.0), (-37, -18, 1.2), (-30, -4, 1.1), (-37, 6, 1.0), (-36, 16, 1.2),
             (-30, 24, 1.05), (-20, 25, 0.9), (-9, 24, 1.1), (9, 26, 1.0), (15, 27.5, 1.2), (37, 26, 1.05), (37.5, 10, 1.15), (37, -4, 1.0), (34, -14, 1.1),
             (9, -9, 1.0), (12, -3, 0.85), (20, -6, 1.1), (27, -9, 0.9), (-10, -3, 1.05), (-18, -6, 0.95), (-12, 8, 0.8), (9, 12, 1.0), (14, 17, 0.9), (33, 2, 0.8)]
    for i, (x, z, scale) in enumerate(trees):
        tree(s, "tree-birch" if i % 3 == 2 else "tree-round", (x, z), scale, 47 * i)
    for i, (x, z) in enumerate([(-6, -12), (6, -6), (-7.5, 1), (7.6, -0.6), (-28, 6), (-30, 20), (-10, 20.6), (8.4, 20), (-7.6, 26), (18, 6), (26, -2), (-22, -12), (-40, -8), (40, 18), (30, -18.6), (-16, -20), (-30, -20)]):
        s.model("shrub", (x, 0, z), 70 * i, (0.9, 0.8, 0.9), 1.2 + 0.15 * (i % 3))
    rows = [(-41, -13), (-41.5, 0), (-41, 12), (-41, 22), (41.5, -9), (41, 2), (41.5, 12), (41, 22), (-24, 29.5), (-12, 30),
            (12, 30.5), (24, 30), (-26, -9), (23, -1.6), (16, -12), (-32, 9), (33, -8)]
    for i, (x, z) in enumerate(rows):
        tree(s, "tree-birch" if i % 2 else "tree-round", (x, z), 1.15 + 0.1 * (i % 4), 61 * i)
    for x in (-54, -42, 42, 54):
        tree(s, "tree-birch", (x, -36), 1.1, 20 * x)
    for x, z, yaw in ((-2.4, -4, 90), (2.4, -10, -90), (-5.8, 4, 90), (-13, 5.2, 0), (12, 1.2, 180), (-2.4, 14, 90), (27, 5.4, 0)):
        s.lamp((x, 0, z), 0.5, 7, asset="street-lamp").update({"yawDegrees": yaw} if yaw else {})
