"""The hub's exhibit pictures: 960 × 600 pixels, drawn on 1200 × 750 units. No words in them: those are the exhibits'."""
import math

from raster import Canvas


def canvas(background):
    return Canvas(960, 600, 1200, background)


def mobility_map():
    c = canvas("#efe6d6")
    shore = [(12 * i, 560 + 46 * math.sin(i / 14) + 18 * math.sin(i / 5)) for i in range(101)]
    c.polygon(shore + [(x, y + 96) for x, y in reversed(shore)], "#a9d0da")
    for x, y, w, h in ((80, 70, 240, 150), (420, 250, 200, 160), (820, 90, 280, 170), (880, 690, 220, 60)):
        c.box(x, y, w, h, "#cfe0b8")
        for i in range(7):
            c.disc(x + 24 + (i * 71) % (w - 44), y + 24 + (i * 53) % (h - 44), 11, "#a9c694")
    for y in range(60, 750, 115):
        c.line([(0, y), (1200, y + 30)], "#fffdf7", 9)
    for x in range(90, 1250, 170):
        c.line([(x, 0), (x - 40, 750)], "#fffdf7", 9)
    lines = [("#e2624a", [(60, 300), (330, 300), (470, 180), (760, 180), (900, 320), (1140, 320)]),
             ("#2f8f83", [(200, 40), (330, 300), (520, 430), (740, 430), (900, 320), (1050, 120)]),
             ("#d8a431", [(120, 700), (300, 520), (520, 430), (640, 330), (760, 180), (840, 40)])]
    for color, way in lines:
        c.line(way, color, 18)
    for color, way in lines:
        for x, y in way:
            c.ring(x, y, 14, color, 8, "#fffdf7")
    c.ring(520, 430, 36, "#2c3034", 12, "#fffdf7")
    c.polygon([(500, 445), (500, 426), (520, 408), (540, 426), (540, 445)], "#2c3034")
    return c


def energy_day():
    c = canvas("#fbf6ec")
    for hour in range(0, 25, 3):
        c.line([(96 + hour * 42, 90), (96 + hour * 42, 660)], "#e2d8c8", 3)

    def sun(hour):
        return max(0.0, math.sin(math.pi * (hour - 5.5) / 14)) ** 1.4 * 0.95 if 5.5 < hour < 19.5 else 0.0

    def use(hour):
        return (0.2 + 0.36 * math.exp(-((hour - 8) / 2.2) ** 2) + 0.26 * math.exp(-((hour - 13) / 3.5) ** 2)
                + 0.44 * math.exp(-((hour - 19.5) / 2.4) ** 2))

    def curve(value):
        return [(96 + 10.5 * i, 660 - 520 * value(i / 4)) for i in range(97)]

    c.polygon([(96, 660)] + curve(sun) + [(1104, 660)], "#f6d687")
    c.line(curve(sun), "#d8962a", 9)
    c.line(curve(use), "#3f6f96", 13)
    c.line([(96, 660), (1104, 660)], "#2c3034", 6)
    # A sun above noon, moons at the ends.
    c.disc(621, 62, 30, "#f2c14e")
    for i in range(12):
        a = math.pi * i / 6
        c.line([(621 + 40 * math.cos(a), 62 + 40 * math.sin(a)), (621 + 54 * math.cos(a), 62 + 54 * math.sin(a))], "#f2c14e", 6)
    for x in (110, 1090):
        c.disc(x, 62, 26, "#3f4a66")
        c.disc(x + 12, 54, 22, "#fbf6ec")
    return c


def city_green():
    c = canvas("#fbf6ec")
    colors = ["#c8553d", "#de7f4f", "#eeb165", "#e5d58a", "#a9c77c", "#6da96a", "#3f8a63"]
    for row in range(9):
        for column in range(15):
            d = min(math.hypot(column - 4, row - 5.5), math.hypot(column - 11, row - 2) * 0.8, abs(row - 7.2) + 1.2)
            level = max(0, min(6, int(6.6 - d * 1.35 + 0.9 * math.sin(column * 2.1 + row * 1.3))))
            c.box(75 + column * 70, 45 + row * 70, 64, 64, colors[level])
            if level >= 5:
                c.disc(107 + column * 70, 77 + row * 70, 14, "#2f6f4f")
    for i, color in enumerate(colors):
        c.box(418 + i * 52, 694, 52, 26, color)
    return c
