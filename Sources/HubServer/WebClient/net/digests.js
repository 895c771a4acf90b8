const stepsPerMeter = 400;
const shareMax = 15;

/**
 * The crowds of a space (docs/protocol-binary.md, section 9): one digest per coarse cell, as columns in wire units.
 * `count` is 0 where nobody is known of. Applying allocates nothing.
 */
export class Digests {
  #grid = null;

  cells = 0;
  /** Grows with every frame that changed a digest. */
  version = 0;
  count = new Uint16Array(0);

  reset(grid) {
    this.#grid = grid;
    this.version += 1;
    this.cells = grid === null ? 0 : grid.coarseCount;
    this.count = new Uint16Array(this.cells);
    for (const name of ['x', 'z', 'y', 'spread', 'moving', 'seated', 'talking', 'handRaised', 'animation', 'seed']) {
      this[name] = new Uint8Array(this.cells);
    }
    this.vx = new Int8Array(this.cells);
    this.vz = new Int8Array(this.cells);
  }

  /** Reads the record of 14 bytes at `at`. */
  apply(view, at) {
    const coarse = view.getUint16(at, true);
    this.count[coarse] = view.getUint16(at + 2, true);
    this.x[coarse] = view.getUint8(at + 4);
    this.z[coarse] = view.getUint8(at + 5);
    this.y[coarse] = view.getUint8(at + 6);
    this.spread[coarse] = view.getUint8(at + 7);
    this.vx[coarse] = view.getInt8(at + 8);
    this.vz[coarse] = view.getInt8(at + 9);
    this.moving[coarse] = view.getUint8(at + 10) & 15;
    this.seated[coarse] = view.getUint8(at + 10) >> 4;
    this.talking[coarse] = view.getUint8(at + 11) & 15;
    this.handRaised[coarse] = view.getUint8(at + 11) >> 4;
    this.animation[coarse] = view.getUint8(at + 12);
    this.seed[coarse] = view.getUint8(at + 13);
    this.version += 1;
  }

  /** People in the space: the sum of all counts. */
  get total() {
    return this.count.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Fills `out` with a digest in metres, m/s and shares of 1: count, x, y, z (centroid), spread, vx, vz, moving, seated,
   * talking, handRaised, animation, seed, and the box of the coarse cell: minX, minZ, floor, edge. False: nobody there.
   */
  describe(coarse, out) {
    if (!(this.count[coarse] > 0)) return false;
    const edge = (this.#grid.coarseEdge * this.#grid.cell) / stepsPerMeter;
    out.count = this.count[coarse];
    out.edge = edge;
    out.minX = this.#grid.coarseX(coarse) / stepsPerMeter;
    out.minZ = this.#grid.coarseZ(coarse) / stepsPerMeter;
    out.floor = this.#grid.coarseY(coarse) / stepsPerMeter;
    out.x = out.minX + ((this.x[coarse] + 0.5) / 256) * edge;
    out.z = out.minZ + ((this.z[coarse] + 0.5) / 256) * edge;
    out.y = out.floor + this.y[coarse] * 0.04;
    out.spread = ((this.spread[coarse] + 0.5) / 256) * edge;
    out.vx = this.vx[coarse] / 16;
    out.vz = this.vz[coarse] / 16;
    out.moving = this.moving[coarse] / shareMax;
    out.seated = this.seated[coarse] / shareMax;
    out.talking = this.talking[coarse] / shareMax;
    out.handRaised = this.handRaised[coarse] / shareMax;
    out.animation = this.animation[coarse];
    out.seed = this.seed[coarse];
    return true;
  }
}
