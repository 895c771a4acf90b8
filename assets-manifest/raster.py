"""A small canvas and its PNG file. Standard library only. The deflate stream is written here, too, because zlib's bytes
differ between its implementations and the files have to be the same everywhere.
"""
import math
import struct
import zlib

FINE = 2  # Samples along an edge of a pixel, four in all: lines come out smooth.


class Canvas:
    """`width` × `height` pixels, drawn on in units of which `units` make the width; y grows downwards."""

    def __init__(self, width, height, units, background):
        self.width, self.height = width, height
        self.scale = width * FINE / units
        self.rows = [bytearray(_rgb(background) * (width * FINE)) for _ in range(height * FINE)]

    def _span(self, row, x0, x1, color):
        x0, x1 = max(0, math.ceil(x0 - 0.5)), min(self.width * FINE, math.ceil(x1 - 0.5))
        if x1 > x0 and 0 <= row < len(self.rows):
            self.rows[row][3 * x0:3 * x1] = color * (x1 - x0)

    def polygon(self, points, color):
        points = [(round(x * self.scale, 3), round(y * self.scale, 3)) for x, y in points]
        color = _rgb(color)
        edges = list(zip(points, points[1:] + points[:1]))
        for row in range(math.floor(min(y for _, y in points)), math.ceil(max(y for _, y in points)) + 1):
            y = row + 0.5
            cuts = sorted(x0 + (y - y0) * (x1 - x0) / (y1 - y0) for (x0, y0), (x1, y1) in edges if (y0 <= y) != (y1 <= y))
            for left, right in zip(cuts[::2], cuts[1::2]):
                self._span(row, left, right, color)

    def box(self, x, y, width, height, color):
        self.polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], color)

    def disc(self, x, y, radius, color):
        x, y, r = x * self.scale, y * self.scale, radius * self.scale
        color = _rgb(color)
        for row in range(math.floor(y - r), math.ceil(y + r) + 1):
            half = r * r - (row + 0.5 - y) ** 2
            if half > 0:
                self._span(row, x - math.sqrt(half), x + math.sqrt(half), color)

    def ring(self, x, y, radius, color, line, inside):
        self.disc(x, y, radius + line / 2, color)
        self.disc(x, y, radius - line / 2, inside)

    def line(self, points, color, width):
        for (x0, y0), (x1, y1) in zip(points, points[1:]):
            length = math.hypot(x1 - x0, y1 - y0)
            dx, dy = (y1 - y0) / length * width / 2, (x0 - x1) / length * width / 2
            self.polygon([(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)], color)
        for x, y in points:
            self.disc(x, y, width / 2, color)

    def png(self):
        """The file's bytes: 8-bit RGB, no filters."""
        data = bytearray()
        for y in range(self.height):
            data.append(0)
            above, below = self.rows[y * FINE:(y + 1) * FINE]
            line = bytearray(3 * self.width)
            for k in range(3):
                samples = zip(above[k::6], above[k + 3::6], below[k::6], below[k + 3::6])
                line[k::3] = bytes((p + q + r + s) // 4 for p, q, r, s in samples)
            data += line
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        stream = b"\x78\x01" + deflate(bytes(data), 3 * self.width + 1) + struct.pack(">I", zlib.adler32(bytes(data)))
        return (b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"sRGB", b"\0") + _chunk(b"IDAT", stream)
                + _chunk(b"IEND", b""))


def _rgb(color):
    return bytes(int(color[i:i + 2], 16) for i in (1, 3, 5))


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# Lengths and distances of RFC 1951, section 3.2.5: (base, extra bits) by code.
_LENGTHS = [(3 + i, 0) for i in range(8)] + [(b, 1) for b in (11, 13, 15, 17)] + [(b, 2) for b in (19, 23, 27, 31)] + [
    (b, 3) for b in (35, 43, 51, 59)] + [(b, 4) for b in (67, 83, 99, 115)] + [
    (b, 5) for b in (131, 163, 195, 227)] + [(258, 0)]
_DISTANCES = [(1 + i, 0) for i in range(4)] + [
    (base, extra) for extra in range(1, 14) for base in ((2 << extra) + 1, (3 << extra) + 1)]


def deflate(data, stride):
    """One block with fixed codes (RFC 1951, 3.2.6). Looks for repeats one pixel and one row back only."""
    out, bits, filled = bytearray(), 0, 0

    def put(value, count):
        nonlocal bits, filled
        bits |= value << filled
        filled += count
        while filled >= 8:
            out.append(bits & 255)
            bits >>= 8
            filled -= 8

    def put_code(value, count):
        put(int(format(value, f"0{count}b")[::-1], 2), count)

    def put_symbol(symbol):
        if symbol < 144:
            put_code(0x30 + symbol, 8)
        elif symbol < 256:
            put_code(0x190 + symbol - 144, 9)
        elif symbol < 280:
            put_code(symbol - 256, 7)
        else:
            put_code(0xC0 + symbol - 280, 8)

    def coded(value, table):
        code = max(i for i, (base, _) in enumerate(table) if base <= value)
        return code, value - table[code][0], table[code][1]

    put(0b011, 3)
    at, end = 0, len(data)
    distance_codes = {d: coded(d, _DISTANCES) for d in (3, stride)}
    while at < end:
        best, way = 0, 0
        for distance in (3, stride):
            if distance > at:
                continue
            most = min(258, end - at)
            # The usual case first: a flat surface goes on.
            length = most if data[at:at + most] == data[at - distance:at - distance + most] else 0
            while length < most and data[at + length] == data[at + length - distance]:
                length += 1
            if length > best:
                best, way = length, distance
        if best < 3:
            put_symbol(data[at])
            at += 1
            continue
        code, rest, extra = coded(best, _LENGTHS)
        put_symbol(257 + code)
        put(rest, extra)
        code, rest, extra = distance_codes[way]
        put_code(code, 5)
        put(rest, extra)
        at += best
    put_symbol(256)
    if filled:
        put(0, 8 - filled)
    return bytes(out)
