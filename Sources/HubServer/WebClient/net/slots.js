/** Slots a page can have; the stride of the columns. */
export const pageSlots = 254;
const columns = {
  id: Int32Array, x: Int32Array, y: Int32Array, z: Int32Array, vx: Int16Array, vz: Int16Array, yaw: Uint16Array,
  animation: Uint8Array, flags: Uint8Array, tier: Uint8Array, base: Float64Array,
};

/**
 * The predictors of all told pages as columns: block b owns the slots b*254 ... b*254+253. `id` is -1 where a slot
 * is empty. Blocks are recycled; the columns grow when more pages are told than ever before, never per frame.
 */
export class Slots {
  #free = [];

  constructor(blocks = 16) {
    this.blocks = 0;
    this.blockPage = new Int32Array(0);
    this.blockTier = new Uint8Array(0);
    for (const [name, Type] of Object.entries(columns)) this[name] = new Type(0);
    this.#grow(blocks);
  }

  take(page) {
    if (this.#free.length === 0) this.#grow(this.blocks * 2);
    const block = this.#free.pop();
    this.blockPage[block] = page;
    return block;
  }

  give(block) {
    this.id.fill(-1, block * pageSlots, (block + 1) * pageSlots);
    this.blockPage[block] = -1;
    this.#free.push(block);
  }

  #grow(blocks) {
    for (const [name, Type] of Object.entries(columns)) {
      const grown = new Type(blocks * pageSlots);
      if (name === 'id') grown.fill(-1);
      grown.set(this[name]);
      this[name] = grown;
    }
    const pages = new Int32Array(blocks).fill(-1);
    pages.set(this.blockPage);
    this.blockPage = pages;
    const tiers = new Uint8Array(blocks);
    tiers.set(this.blockTier);
    this.blockTier = tiers;
    for (let block = blocks - 1; block >= this.blocks; block -= 1) this.#free.push(block);
    this.blocks = blocks;
  }
}
