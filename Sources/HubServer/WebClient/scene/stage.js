/** One space as it is shown: everything that is built on entering and thrown away on leaving. */
import { Group } from '/three/build/three.module.js';
import { collectBoards } from './boards.js';
import { buildCollision } from './collision.js';
import { Dynamics } from './dynamics.js';
import { createEnvironment } from './environment.js';
import { createExhibitStands } from './exhibit-stands.js';
import { collectInteractables } from './interactables.js';
import { createAreaMarks, createVeils } from './portals.js';
import { createNoteBoards } from './note-boards.js';
import { createSigns } from './signs.js';
import { createRoomSigns } from './room-signs.js';
import { flattenSpace } from './space-nodes.js';
import { buildWorld } from './world-builder.js';

export class Stage {
  /** @param {() => void} onChange Something that casts shadows came later (models). */
  constructor(world, space, materials, models, lang, onChange) {
    this.space = space;
    this.materials = materials;
    this.nodes = flattenSpace(space);
    this.collision = buildCollision(space, this.nodes);
    this.interactables = collectInteractables(this.nodes);
    this.environment = createEnvironment(space);
    this.built = buildWorld(world, space, this.nodes, materials);
    this.dynamics = new Dynamics(this.built.carriers, this.collision);
    this.veils = createVeils(this.built.portals.planes);
    this.marks = createAreaMarks(this.nodes);
    this.signs = createSigns([...collectBoards(this.nodes, (id) => models.paths.get(id)), ...this.built.portals.boards], lang);
    this.notes = createNoteBoards(this.nodes);
    this.stands = createExhibitStands(onChange);
    this.group = new Group();
    this.group.add(this.environment.group, this.built.group, this.marks.group, this.notes.group, this.stands.group);
    for (const part of [this.veils, this.signs]) if (part.mesh) this.group.add(part.mesh);
    this.roomSigns = createRoomSigns(this.group);
    this.left = false;
    this.#addModels(models, onChange);
  }

  async #addModels(models, onChange) {
    const built = await models.build(this.nodes, this.materials, this.built.ambient, this.built.carriers);
    if (this.left) {
      built.dispose();
      return;
    }
    this.models = built;
    this.group.add(built.group);
    onChange();
  }

  setBarred(ids) {
    this.collision.setBarred(ids);
    this.marks.setBarred(ids);
  }

  setTime(seconds) {
    this.veils.setTime(seconds);
    this.materials.waterMap.offset.set(seconds * 0.012, seconds * 0.007);
  }

  dispose() {
    this.left = true;
    this.models?.dispose();
    for (const part of [this.environment, this.built, this.veils, this.marks, this.signs, this.roomSigns, this.notes, this.stands]) part.dispose();
  }
}
