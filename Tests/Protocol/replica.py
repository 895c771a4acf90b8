"""The binary lane, from docs/protocol-binary.md alone: MOVE and ACK, words, frames and the reader's replica."""

from __future__ import annotations

import copy
import struct
from dataclasses import dataclass, replace

STEPS_PER_METRE = 400
STEPS_PER_MPS = 32
MOVE, ACK, FRAME = 2, 3, 1
FOCUS_PAGE = 0xFFFF
DIGEST_PAGE = 0xFFFE
FOCUS_SLOTS = 16
PAGE_SLOTS = 254
PAGES_PER_CELL = 8
MARGIN = 448
MAXIMUM_FRAME_BYTES = 40_960
MAXIMUM_PAGES = 512
MAXIMUM_AVATARS = 2_048
DROP = 3
REPLACE_FLAG, LEAVES_FLAG, ENTERS_FLAG = 4, 8, 16
# Which fields of a word take how many bits, and the step of one unit (section 4).
FIELDS = ("slot", "x", "z", "y", "vx", "vz", "yaw", "animation", "flags")
BITS = ((8, 12, 12, 10, 9, 9, 8, 6, 6), (8, 10, 10, 7, 8, 8, 6, 5, 2), (8, 9, 9, 5, 7, 7, 5, 4, 2))
STEPS = ((1, 1, 1, 4, 1, 1, 256, 1, 1), (1, 4, 4, 32, 2, 2, 1024, 1, 1), (1, 8, 8, 128, 4, 4, 2048, 1, 1))
WORD_BYTES = tuple(sum(bits) // 8 for bits in BITS)


class Refused(Exception):
    """A frame that must not be applied; the reader reconnects."""


@dataclass(frozen=True)
class Pose:
    x: int = 0
    y: int = 0
    z: int = 0
    vx: int = 0
    vz: int = 0
    yaw: int = 0
    animation: int = 0
    flags: int = 0


@dataclass(frozen=True)
class Predictor:
    """A pose and the tick it is for; `at` says where it leads."""

    pose: Pose
    base: int

    def at(self, tick: float) -> tuple[float, float, float]:
        ticks = tick - self.base
        x, z = 5 * self.pose.vx * ticks / 8, 5 * self.pose.vz * ticks / 8
        if isinstance(tick, int):
            x, z = 5 * self.pose.vx * ticks // 8, 5 * self.pose.vz * ticks // 8
        return self.pose.x + x, self.pose.y, self.pose.z + z


@dataclass(frozen=True)
class Digest:
    """The crowd of a coarse cell (section 9), in wire units."""

    count: int
    x: int
    z: int
    y: int
    spread: int
    vx: int
    vz: int
    moving: int
    seated: int
    talking: int
    hand: int
    animation: int
    seed: int

    @classmethod
    def read(cls, data: bytes) -> tuple[int, Digest]:
        coarse, count, x, z, y, spread, vx, vz, share, more, animation, seed = struct.unpack("<HHBBBBbbBBBB", data)
        shares = share & 15, share >> 4, more & 15, more >> 4
        return coarse, cls(count, x, z, y, spread, vx, vz, *shares, animation, seed)


@dataclass(frozen=True)
class Grid:
    """Where the cells of a space lie (section 3), in steps."""

    origin: tuple[int, int, int]
    cell: int
    band: int
    cells: tuple[int, int, int]
    digest: int

    @classmethod
    def read(cls, grid: dict) -> Grid:
        return cls(tuple(grid["origin"]), grid["cell"], grid["band"], tuple(grid["cells"]), grid["digest"])

    @property
    def coarse_cells(self) -> int:
        nx, ny, nz = self.cells
        return -(-nx // self.digest) * -(-nz // self.digest) * ny

    def coarse(self, page: int) -> int:
        nx, ny, nz = self.cells
        cell = page % (nx * ny * nz)
        cx, cz, band = cell % nx, cell // nx % nz, cell // nx // nz
        return (band * -(-nz // self.digest) + cz // self.digest) * -(-nx // self.digest) + cx // self.digest

    @property
    def pages(self) -> int:
        nx, ny, nz = self.cells
        return nx * ny * nz * PAGES_PER_CELL

    def page_origin(self, page: int) -> tuple[int, int, int]:
        nx, ny, nz = self.cells
        cell = page % (nx * ny * nz)
        cx, cz, band = cell % nx, cell // nx % nz, cell // nx // nz
        ox, oy, oz = self.origin
        return ox + cx * self.cell - MARGIN, oy + band * self.band, oz + cz * self.cell - MARGIN


def encode_move(seq: int, ack_tick: int, epoch: int, pose: Pose, at_ms: int) -> bytes:
    return struct.pack(
        "<BBHBBiiihhHBH",
        MOVE,
        seq & 0xFF,
        ack_tick & 0xFFFF,
        epoch & 0xFF,
        pose.animation,
        pose.x,
        pose.y,
        pose.z,
        pose.vx,
        pose.vz,
        pose.yaw & 0xFFFF,
        pose.flags,
        at_ms & 0xFFFF,
    )


def encode_ack(tick: int) -> bytes:
    return struct.pack("<BH", ACK, tick & 0xFFFF)


def read_word(tier: int, data: bytes) -> dict[str, int]:
    """The coded fields of a word."""
    whole = int.from_bytes(data, "little")
    word = {}
    for name, bits in zip(FIELDS, BITS[tier]):
        value = whole & (1 << bits) - 1
        whole >>= bits
        word[name] = value - (1 << bits) if name in ("vx", "vz") and value >> bits - 1 else value
    return word


def write_word(tier: int, word: dict[str, int]) -> bytes:
    whole = shift = 0
    for name, bits in zip(FIELDS, BITS[tier]):
        whole |= (word[name] & (1 << bits) - 1) << shift
        shift += bits
    return whole.to_bytes(WORD_BYTES[tier], "little")


def code(tier: int, slot: int, pose: Pose, origin: tuple[int, int, int]) -> dict[str, int]:
    """The word of a pose, by the rounding of section 4."""
    word = {"slot": slot}
    for name, bits, step in list(zip(FIELDS, BITS[tier], STEPS[tier]))[1:]:
        value = getattr(pose, name)
        start = origin["xyz".index(name)] if name in ("x", "y", "z") else 0
        if name == "animation":
            word[name] = value if value < 1 << bits else 0
        elif name == "flags":
            word[name] = value & ~2 & (1 << bits) - 1  # 2 is reserved: sent as 0
        else:
            coded = (value - start + step // 2) // step
            if name == "yaw":
                coded &= (1 << bits) - 1
            elif name in ("vx", "vz"):
                coded = max(-(1 << bits - 1), min((1 << bits - 1) - 1, coded))
            else:
                coded = max(0, min((1 << bits) - 1, coded))
            word[name] = coded
    return word


def decode(tier: int, word: dict[str, int], origin: tuple[int, int, int]) -> Pose:
    """The pose a word stands for, in coordinates of the space."""
    value = {name: word[name] * step for name, step in zip(FIELDS, STEPS[tier])}
    del value["slot"]
    for axis, start in zip(("x", "y", "z"), origin):
        value[axis] += start
    return Pose(**value)


@dataclass(frozen=True)
class Occupant:
    """Who stands in a slot: in focus, `page` is the one its words count from."""

    id: int
    predictor: Predictor
    page: int


class Reader:
    """Takes a message apart; refuses where it is cut short."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str):
        return struct.unpack("<" + layout, self.bytes(struct.calcsize("<" + layout)))

    def bytes(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise Refused("truncated")
        self.at += count
        return self.data[self.at - count : self.at]

    @property
    def more(self) -> bool:
        return self.at < len(self.data)


class Replica:
    """What one connection has been told of one space (section 7)."""

    def __init__(self, grid: Grid, tick_hint: int, own_id: int | None = None) -> None:
        self.grid, self.own_id = grid, own_id
        self.tick: int | None = None
        self.tick_hint = tick_hint
        self.server_ms = self.acked_input = self.header_flags = None
        self.tiers: dict[int, int] = {}
        self.pages: dict[int, dict[int, Occupant]] = {}
        self.focus: dict[int, Occupant] = {}
        self.homes: dict[int, tuple[int, int]] = {}
        self.digests: dict[int, Digest] = {}
        self.nodes: set[int] = set()

    @property
    def entities(self) -> dict[int, Predictor]:
        """Whom to draw: focus first, else home; oneself not."""
        shown = {id: self.pages[page][slot].predictor for id, (page, slot) in self.homes.items()}
        shown.update((one.id, one.predictor) for one in self.focus.values())
        shown.pop(self.own_id, None)
        return shown

    def tier_of(self, id: int) -> int:
        if any(one.id == id for one in self.focus.values()):
            return 0
        return self.tiers[self.homes[id][0]]

    def impostors(self, coarse: int) -> int:
        """How many of a coarse cell's people aren't known one by one."""
        pages = {one.id: one.page for one in self.focus.values()}
        pages.update((id, page) for id, (page, _) in self.homes.items())
        known = sum(self.grid.coarse(page) == coarse for id, page in pages.items() if id not in self.nodes)
        return max(0, self.digests[coarse].count - known) if coarse in self.digests else 0

    def apply(self, data: bytes) -> bool:
        """Applies a whole frame or, refusing, nothing of it. False for messages of another type, which are ignored."""
        if data[:1] != bytes([FRAME]):
            if not data:
                raise Refused("truncated")
            return False
        if len(data) > MAXIMUM_FRAME_BYTES:
            raise Refused("too big")
        after = copy.copy(self)
        after.tiers, after.focus, after.homes = dict(self.tiers), dict(self.focus), dict(self.homes)
        after.pages = {page: dict(slots) for page, slots in self.pages.items()}
        after.digests = dict(self.digests)
        after._apply(Reader(data))
        self.__dict__.update(after.__dict__)
        return True

    def _apply(self, reader: Reader) -> None:
        _, tick, self.server_ms, self.acked_input, self.header_flags = reader.take("BHHBB")
        near = self.tick_hint if self.tick is None else self.tick
        ahead = (tick - near + 0x8000 & 0xFFFF) - 0x8000
        if self.tick is not None and ahead <= 0:
            raise Refused("tick not newer")
        self.tick = near + ahead
        told = set()
        while reader.more:
            (page,) = reader.take("H")
            if page == DIGEST_PAGE:
                self._digests(reader)
                continue
            if page in told:
                raise Refused("page comes twice")
            if page != FOCUS_PAGE and page >= self.grid.pages:
                raise Refused("page not in the grid")
            told.add(page)
            self._block(page, reader)
        if len(self.pages) > MAXIMUM_PAGES or len(self.homes) > MAXIMUM_AVATARS:
            raise Refused("caps exceeded")

    def _digests(self, reader: Reader) -> None:
        head, count = reader.take("BB")
        if head != 0 or count == 0:
            raise Refused("head of digests")
        for _ in range(count):
            coarse, digest = Digest.read(reader.bytes(14))
            if coarse >= self.grid.coarse_cells:
                raise Refused("coarse cell not in the grid")
            self.digests.pop(coarse, None)
            if digest.count > 0:
                self.digests[coarse] = digest

    def _block(self, page: int, reader: Reader) -> None:
        (head,) = reader.take("B")
        tier = head & 3
        if head & 0xE0 or tier == DROP and head != DROP:
            raise Refused("head bits")
        in_focus = page == FOCUS_PAGE
        if not in_focus and not head & REPLACE_FLAG and page not in self.tiers:
            raise Refused("page not told")
        if tier == DROP:
            self._clear(page)
            self.tiers.pop(page, None)
            self.pages.pop(page, None)
            return
        if in_focus and tier != 0:
            raise Refused("focus not at S0")
        if head & REPLACE_FLAG:
            self._clear(page)
            if not in_focus:
                self.tiers[page], self.pages[page] = tier, {}
        elif not in_focus and self.tiers[page] != tier:
            raise Refused("another tier than told")
        leaves = reader.take("B")[0] if head & LEAVES_FLAG else 0
        enters = reader.take("B")[0] if head & ENTERS_FLAG else 0
        (updates,) = reader.take("B")
        for _ in range(leaves):
            self._leave(page, self._slot(page, reader.take("B")[0]))
        for _ in range(enters):
            (id,) = reader.take("H")
            (from_page,) = reader.take("H") if in_focus else (page,)
            if from_page >= self.grid.pages:
                raise Refused("page not in the grid")
            self._enter(page, id, from_page, read_word(tier, reader.bytes(WORD_BYTES[tier])), tier)
        slots = self.focus if in_focus else self.pages[page]
        for _ in range(updates):
            word = read_word(tier, reader.bytes(WORD_BYTES[tier]))
            slot = self._slot(page, word["slot"])
            if slot not in slots:
                raise Refused("update of an empty slot")
            slots[slot] = replace(slots[slot], predictor=self._predictor(tier, word, slots[slot].page))

    def _predictor(self, tier: int, word: dict[str, int], page: int) -> Predictor:
        return Predictor(decode(tier, word, self.grid.page_origin(page)), self.tick)

    @staticmethod
    def _slot(page: int, slot: int) -> int:
        if slot >= (FOCUS_SLOTS if page == FOCUS_PAGE else PAGE_SLOTS):
            raise Refused("slot out of range")
        return slot

    def _clear(self, page: int) -> None:
        for slot in list(self.focus if page == FOCUS_PAGE else self.pages.get(page, {})):
            self._leave(page, slot)

    def _leave(self, page: int, slot: int) -> None:
        if page == FOCUS_PAGE:
            self.focus.pop(slot, None)
        elif (left := self.pages[page].pop(slot, None)) and self.homes.get(left.id) == (page, slot):
            del self.homes[left.id]

    def _enter(self, page: int, id: int, from_page: int, word: dict[str, int], tier: int) -> None:
        slot = self._slot(page, word["slot"])
        self._leave(page, slot)
        occupant = Occupant(id, self._predictor(tier, word, from_page), from_page)
        if page == FOCUS_PAGE:
            self.focus[slot] = occupant
        else:
            self.pages[page][slot] = occupant
            self.homes[id] = (page, slot)
