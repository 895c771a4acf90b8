"""The showroom: white walls, graphite floor, coral accents; open to the sky light above a frame of beams."""
from .furniture import beams, sofa, tree_bench, wall_picture
from .kit import Space, box, cylinder, part, solid, text, floor
from .names import TITLES

WHITE, CORAL, GRAPHITE = "#e8e1d4", "#cf4a31", "#4a4f54"
HEIGHT = 5.0


def build():
    s = Space(
        "showroom", TITLES["showroom"],
        text("Ausstellung zum Umhergehen: Fahrzeug, Skulptur, Stadtmodell, Roboterarm und Bilder aus städtischen Daten.",
             "An exhibition to stroll through: vehicle, sculpture, city model, robot arm and pictures made of city data."),
        ([-19, -1, -12], [19, 9, 16]),
        {"kind": "indoor", "sky": "#e4eef5", "floor": "#6f6b66", "ambient": 0.74, "sunDirection": [-0.35, -1, 0.45]}, 200)
    s.surroundings((-14, -11, 14, 11), [(-17, 7), (-16.5, 1), (17, 6), (16.5, -1), (17, 1.8), (8, 14), (2, 14)])
    s.wall((-14, -11), (14, -11), HEIGHT, "#2f4a52")
    s.wall((-14, 11), (-14, -11), HEIGHT, WHITE, windows=[(4.2, 3.6, 0.4, 4.2)])
    s.wall((14, -11), (14, 11), HEIGHT, WHITE, windows=[(15.5, 7.0, 0.4, 4.2)])
    s.wall((-14, 11), (14, 11), HEIGHT, "#e9dccb", windows=[(21, 9, 2.6, 4.2)])
    beams(s, (-10.5, -7, -3.5, 0, 3.5, 7, 10.5), (-10.9, 10.9), HEIGHT, (0.12, 0.34), "#d8d2c6")
    s.portal("foyer", (-13.9, -5), -90, TITLES["foyer"])
    s.portal("event-hall", (11.2, -10.9), 180, TITLES["event-hall"])
    turntable(s)
    objects(s)
    pictures(s)
    dialogue(s)
    for x, z in ((0, 1), (-8, 5), (8.5, 3.4), (0, -7), (8.5, -4)):
        s.lamp((x, 3.2, z), 0.7, 7)
    return s


def turntable(s):
    s.node("turntable-base", (0, 0, 1), shape=cylinder(5.0, 0.2, GRAPHITE, "metal"), collider=solid(4.2, 1.6, 4.2))
    s.node("turntable-ring", (0, 0.02, 1), shape=cylinder(5.3, 0.05, "#ffb59f", "emissive"))
    car = [part("disc", shape=cylinder(4.4, 0.05, "#d9d5cc", "metal")), part("car", (0, 0.05, 0), model={"asset": "concept-car"})]
    s.exhibit("turntable", (0, 0.2, 1), 0, text("Leichtes Elektroauto", "Light electric car"),
              text("Kleines rotes Elektroauto auf einer Drehscheibe, die sich langsam dreht.",
                   "Small red electric car on a turntable that turns slowly."),
              text("Zwei Sitze, 450 Kilogramm, 120 Kilometer Reichweite: ein Fahrzeugkonzept für kurze Wege in der Stadt.",
                   "Two seats, 450 kilograms, 120 kilometres of range: a vehicle concept for short trips in town."),
              dynamic={"motion": "turntable", "secondsPerTurn": 36}, children=car)
    s.sign("turntable", (0, 0.5, 4.1), 180, (1.6, 0.5), text("Leichtes Elektroauto", "Light electric car"), board=True)


def plinth(s, at, size, color=WHITE):
    s.node("plinth", at, shape=box(size, color), collider=solid(size[0], 2.2, size[2]))


def objects(s):
    plinth(s, (-7.5, 0, -2.6), (1.3, 0.5, 1.3))
    s.exhibit("data-stream", (-7.5, 0.5, -2.6), 0, text("Skulptur „Datenstrom“", "Sculpture “Stream of data”"),
              text("Skulptur aus farbigen Metallstäben, die sich beim Aufsteigen drehen.",
                   "Sculpture of coloured metal bars that twist as they rise."),
              text("Jeder Stab steht für eine Stunde Verkehr auf einer Brücke: je länger, desto mehr Menschen sind unterwegs.",
                   "Each bar stands for one hour of traffic on a bridge: the longer it is, the more people are on their way."),
              model={"asset": "sculpture"})
    plinth(s, (-7.5, 0, 4.4), (3.0, 0.75, 2.2), "#e9e3d8")
    blocks = [part("ground", shape=box((2.7, 0.03, 1.9), "#cfe0b8")), part("river", (0, 0.03, 0.45), shape=box((2.7, 0.008, 0.28), "#8fc1d0"))]
    heights = (0.16, 0.3, 0.22, 0.5, 0.26, 0.18, 0.38, 0.24, 0.6, 0.2, 0.28, 0.16, 0.34, 0.22)
    for i, h in enumerate(heights):
        x, z = -1.14 + 0.38 * (i % 7), (-0.62, -0.12)[i // 7]
        tone = ("#f4efe6", "#e7d9c4", "#d9c3a6", "#e2624a")[3 if i == 3 else i % 3]
        blocks.append(part(f"house-{i + 1}", (x, 0.03, z), shape=box((0.26, h, 0.3), tone)))
    s.exhibit("city-model", (-7.5, 0.75, 4.4), 0, text("Stadtmodell: digitaler Zwilling", "City model: digital twin"),
              text("Tischmodell eines Stadtteils mit hellen Häusern, Fluss und einem roten Haus: dem Hub.",
                   "Table model of a quarter with pale houses, a river and one red house: the hub."),
              text("Der digitale Zwilling zeigt, wie sich neue Gebäude, Bäume oder Haltestellen auswirken, bevor gebaut wird.",
                   "The digital twin shows what new buildings, trees or stops will change before anything is built."),
              children=blocks)
    s.node("robot-base", (8.4, 0, -3.6), shape=cylinder(2.6, 0.16, GRAPHITE, "metal"), collider=solid(2.0, 2, 2.0))
    s.exhibit("robot-arm", (8.4, 0.16, -3.6), 130, text("Roboterarm", "Robot arm"),
              text("Weißer Roboterarm mit gelben Gelenken auf einem runden Sockel.", "White robot arm with yellow joints on a round base."),
              text("Menschen und Roboter arbeiten Hand in Hand: Der Arm reicht Werkzeug an und hört auf, wenn man ihn berührt.",
                   "People and robots work hand in hand: the arm passes tools and stops when somebody touches it."),
              model={"asset": "robot-arm"})
    plinth(s, (-11.4, 0, 0.6), (1.4, 0.4, 1.4), "#d8cdb8")
    s.exhibit("delivery-robot", (-11.4, 0.4, 0.6), -60, text("Lieferroboter", "Delivery robot"),
              text("Kleiner weißer Lieferroboter auf sechs Rädern, mit Fahne.", "Small white delivery robot on six wheels, with a flag."),
              text("Er bringt Pakete die letzten hundert Meter. Im Reallabor ist er schon unterwegs.",
                   "It brings parcels the last hundred metres. In the living lab it is already on its way."),
              model={"asset": "delivery-robot"})
    plinth(s, (3.6, 0, 7.6), (1.2, 0.3, 2.2), "#d8cdb8")
    s.exhibit("sensor-bike", (3.6, 0.3, 7.6), 0, text("Rad mit Sensor", "Bicycle with a sensor"),
              text("Gelbes Fahrrad mit Holzkiste und Messgerät.", "Yellow bicycle with a wooden box and a measuring device."),
              text("Beim Fahren misst es Schlaglöcher und überholende Autos: Daten für bessere Radwege.",
                   "While riding it measures potholes and overtaking cars: data for better cycle paths."),
              model={"asset": "bicycle"})
    plinth(s, (8.4, 0, 3.4), (0.9, 0.9, 0.9))
    sensor = [part("body", shape=cylinder(0.3, 0.5, "#eef0ef")), part("cap", (0, 0.5, 0), shape={"kind": "cone", "size": [0.46, 0.16, 0.46], "color": "#8a8f8c", "material": "metal"}),
              part("eye", (0, 0.3, -0.15), shape={"kind": "sphere", "size": [0.09, 0.09, 0.09], "color": "#6fd3a0", "material": "emissive"})]
    s.exhibit("air-sensor", (8.4, 0.9, 3.4), 60, text("Luftsensor zum Selbstbauen", "Build-it-yourself air sensor"),
              text("Kleiner runder Luftsensor mit grünem Licht auf einem Sockel.", "Small round air sensor with a green light on a plinth."),
              text("Feinstaub, Temperatur und Feuchte: Diesen Sensor bauen Bürgerinnen und Bürger im Labor nebenan selbst.",
                   "Fine dust, temperature and humidity: citizens build this sensor themselves in the lab next door."),
              link="https://sensor.community", children=sensor)


def pictures(s):
    wall_picture(s, "picture-mobility", (-8.6, 1.35, -10.82), 180, text("Mobilitätskarte", "Mobility map"),
                 text("Bild: Stadtplan mit drei farbigen Buslinien, die sich am Hub kreuzen.", "Picture: city map with three coloured bus lines that cross at the hub."),
                 text("Wo fehlt eine Verbindung? Offene Kartendaten und Fahrpläne, zusammen gezeichnet.",
                      "Where is a connection missing? Open map data and timetables, drawn together."),
                 "picture-mobility", 3.6, "https://www.openstreetmap.org")
    wall_picture(s, "picture-heat", (-3.4, 1.35, -10.82), 180, text("Wärmekarte der Stadt", "Heat map of the city"),
                 text("Bild: Felder von Grün bis Rot zeigen kühle Parks und heiße Viertel.", "Picture: squares from green to red show cool parks and hot quarters."),
                 text("An heißen Tagen ist es im Park sieben Grad kühler als auf dem Parkplatz.",
                      "On hot days the park is seven degrees cooler than the car park."), "picture-heat", 3.6)
    wall_picture(s, "picture-energy", (1.8, 1.35, -10.82), 180, text("Ein Tag Energie", "A day of energy"),
                 text("Bild: zwei Kurven über 24 Stunden, Solarstrom und Verbrauch.", "Picture: two curves over 24 hours, solar power and use."),
                 text("Mittags gibt es Strom im Überfluss, abends fehlt er. Speicher und kluge Zeiten helfen.",
                      "At noon there is plenty of power, in the evening too little. Storage and smart timing help."), "picture-energy", 3.6)
    steps = [("1", "Idee", "Idea"), ("2", "Prototyp", "Prototype"), ("3", "Test im Reallabor", "Test in the living lab"), ("4", "Im Alltag", "In daily life")]
    for i, (number, german, english) in enumerate(steps):
        s.sign(f"step-{number}", (-7.2 + i * 3.4, 1.5, 10.88), 0, (2.6, 0.9), text(f"{number}. {german}", f"{number}. {english}"))
    s.node("timeline!", (-2.1, 1.2, 10.86), 180, text("Vom Einfall zum Alltag", "From idea to daily life"),
           text("Wandtafel mit vier Schritten: Idee, Prototyp, Test im Reallabor, im Alltag.",
                "Wall with four steps: idea, prototype, test in the living lab, in daily life."),
           shape=box((13, 0.08, 0.04), CORAL), exhibit={"text": text(
               "Jedes Projekt im Hub geht diese vier Schritte. Wo steht Ihres?", "Every project of the hub takes these four steps. Where is yours?")})


def dialogue(s):
    s.node("partition", (5.6, 0, -8.0), shape=box((0.2, 3, 4.4), CORAL), collider=solid())
    s.sign("showroom", (5.48, 1.7, -8.0), 90, (2.6, 0.7), text("Anfassen erlaubt", "Please touch"))
    for x, z, w, d, tone in ((0, 1, 8.4, 8.4, "#8a5a4a"), (-7.5, -2.6, 4.6, 4.6, "#5a6f78"), (-7.8, 4.4, 5.4, 4.6, "#5f7a5c"),
                             (8.4, -3.6, 5, 5, "#a9823f")):
        s.rug((x, z), (w, d), tone, round_=True)
    s.node("partition", (-2.6, 0, 7.4), shape=box((0.2, 2.8, 4.4), "#2f6668"), collider=solid())
    s.sign("touch", (-2.72, 1.6, 7.4), 90, (2.6, 0.7), text("Was bewegt die Stadt?", "What moves the city?"))
    tree_bench(s, (4.6, -3.4), text("Baumbank", "Tree bench"), 2.4, "tree-birch", 0.62)
    s.rug((9.6, 8.0), (5.6, 4.0), "#e9b9a6", round_=True)
    names = text("Sofa in der Dialogecke", "Sofa in the dialogue corner")
    sofa(s, "dialogue-sofa", (9.6, 0, 9.3), 0, CORAL, names)
    sofa(s, "dialogue-bench", (12.2, 0, 7.2), 90, CORAL, names, 1.8, 2, first=4)
    s.area("dialogue-corner", "voice", (10.0, 0, 8.0), (6.4, 2.6, 4.8), text("Dialogecke", "Dialogue corner"),
           text("Sprechbereich mit zwei Sofas am Fenster.", "Talking area with two sofas at the window."), capacity=12)
    for x, z in ((13.3, 10.3), (6.2, 10.3), (-13.3, 10.3), (-13.3, -10.3), (13.3, -10.3)):
        s.model("plant-tall", (x, 0, z), 29 * x, (0.5, 1.4, 0.5))
