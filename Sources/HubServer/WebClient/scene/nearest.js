/** Keeps the k nearest of many without allocation: for name tags. Pure. */
export class NearestList {
  constructor(capacity) {
    this.capacity = capacity;
    this.count = 0;
    this.distance = new Float64Array(capacity);
    this.id = new Int32Array(capacity);
    this.x = new Float64Array(capacity);
    this.y = new Float64Array(capacity);
    this.z = new Float64Array(capacity);
  }

  clear() {
    this.count = 0;
  }

  /** O(capacity) when the body is among the nearest so far, else O(1). */
  offer(distance, id, x, y, z) {
    let i = this.count;
    if (i === this.capacity) {
      if (distance >= this.distance[i - 1]) return;
      i--;
    } else this.count++;
    while (i > 0 && this.distance[i - 1] > distance) {
      this.#copy(i - 1, i);
      i--;
    }
    this.distance[i] = distance;
    this.id[i] = id;
    this.x[i] = x;
    this.y[i] = y;
    this.z[i] = z;
  }

  #copy(from, to) {
    this.distance[to] = this.distance[from];
    this.id[to] = this.id[from];
    this.x[to] = this.x[from];
    this.y[to] = this.y[from];
    this.z[to] = this.z[from];
  }
}
