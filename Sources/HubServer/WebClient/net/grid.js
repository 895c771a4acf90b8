const marginSteps = 448;

/**
 * Where the words of a page count from, in steps of 2.5 mm. Built from the `grid` of a `space` message; cells lie
 * along x first, then z, then floor by floor; page = page number * cells + cell.
 */
export class Grid {
  constructor({ origin, cell, band, cells, digest = 2 }) {
    [this.originX, this.originY, this.originZ] = origin;
    this.cell = cell;
    this.band = band;
    [this.nx, this.ny, this.nz] = cells;
    this.count = this.nx * this.ny * this.nz;
    /** Cells along the edge of a coarse cell, and how many coarse cells there are. */
    this.coarseEdge = digest;
    this.coarseNx = Math.ceil(this.nx / digest);
    this.coarseNz = Math.ceil(this.nz / digest);
    this.coarseCount = this.coarseNx * this.coarseNz * this.ny;
  }

  holds(page) {
    return page < this.count * 8;
  }

  /** The coarse cell in which a page lies. */
  coarse(page) {
    const cell = page % this.count;
    const x = Math.floor((cell % this.nx) / this.coarseEdge);
    const z = Math.floor((Math.floor(cell / this.nx) % this.nz) / this.coarseEdge);
    return (Math.floor(cell / (this.nx * this.nz)) * this.coarseNz + z) * this.coarseNx + x;
  }

  /** The cell that holds a point in steps; -1 outside. */
  cellAt(x, y, z) {
    const cx = Math.floor((x - this.originX) / this.cell);
    const cy = Math.floor((y - this.originY) / this.band);
    const cz = Math.floor((z - this.originZ) / this.cell);
    const inside = cx >= 0 && cy >= 0 && cz >= 0 && cx < this.nx && cy < this.ny && cz < this.nz;
    return inside ? (cy * this.nz + cz) * this.nx + cx : -1;
  }

  /** Lowest corner of a coarse cell. */
  coarseX(coarse) {
    return this.originX + (coarse % this.coarseNx) * this.coarseEdge * this.cell;
  }

  coarseY(coarse) {
    return this.originY + Math.floor(coarse / (this.coarseNx * this.coarseNz)) * this.band;
  }

  coarseZ(coarse) {
    return this.originZ + (Math.floor(coarse / this.coarseNx) % this.coarseNz) * this.coarseEdge * this.cell;
  }

  x(page) {
    return this.originX + ((page % this.count) % this.nx) * this.cell - marginSteps;
  }

  y(page) {
    return this.originY + Math.floor((page % this.count) / (this.nx * this.nz)) * this.band;
  }

  z(page) {
    return this.originZ + (Math.floor((page % this.count) / this.nx) % this.nz) * this.cell - marginSteps;
  }
}
