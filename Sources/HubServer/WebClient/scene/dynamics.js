/** Doors, turntables and trams: their groups follow the poses the replica shows. */

/** The `animation` of a door's pose: only a closed one is solid. */
const DOOR_CLOSED = 0;

export class Dynamics {
  /**
   * @param {Map<string, import('/three/build/three.module.js').Group>} carriers
   * @param {import('./collision.js').Collision} collision
   */
  constructor(carriers, collision) {
    this.carriers = carriers;
    this.collision = collision;
    this.nodeOf = new Map();
    this.groupOf = new Map();
    this.stateOf = new Map();
  }

  /** Entity id to node id; the replaced map is forgotten. */
  setEntities(entities) {
    this.nodeOf = entities ?? new Map();
    this.groupOf.clear();
    for (const [entity, nodeId] of this.nodeOf) {
      const group = this.carriers.get(nodeId);
      if (group) this.groupOf.set(entity, group);
    }
  }

  /** True if the entity is a moving node (it is then no person). */
  apply(entity, x, y, z, yaw, animation) {
    const group = this.groupOf.get(entity);
    if (group === undefined) return this.nodeOf.has(entity);
    group.position.set(x, y, z);
    group.rotation.y = yaw;
    if (this.stateOf.get(entity) !== animation) {
      this.stateOf.set(entity, animation);
      this.collision.setDoorClosed(this.nodeOf.get(entity), animation === DOOR_CLOSED);
    }
    return true;
  }
}
