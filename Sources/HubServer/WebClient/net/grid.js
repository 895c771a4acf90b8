import { focusPage } from './frames.js';

const marginSteps = 448;

/**
 * Where the words of a page count from, in steps of 2.5 mm. Built from the `grid` of a `space` message; cells lie
 * along x first, then z, then floor by floor; page = page number * cells + cell.
 */
export class Grid {
  constructor({ origin, cell, band, cells }) {
    [this.originX, this.originY, this.originZ] = origin;
    this.cell = cell;
    this.band = band;
    [this.nx, this.ny, this.nz] = cells;
    this.count = this.nx * this.ny * this.nz;
  }

  holds(page) {
    return page !== focusPage && page < this.count * 8;
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
