/**
 * A space's nodes as few meshes: everything that stands still is merged by material, light baked into its vertices;
 * whatever moves gets a group of its own that `dynamics.js` drives.
 */
import {
  BufferGeometry, Float32BufferAttribute, Group, Mesh, Uint32BufferAttribute,
} from '/three/build/three.module.js';
import { Ambient } from './ambient.js';
import {
  MeshSink, addBox, addCone, addCylinder, addPlane, addSphere, linearColor, placementOf,
} from './geometry.js';
import { TILE_METERS } from './materials.js';
import { addPortalFrames } from './portals.js';
import { multiplyMatrices } from './space-nodes.js';

/** Above this many boxes their edges stay sharp. */
const BEVEL_BOXES_MAX = 1400;

/** Sinks by material name, created when first used. */
export class SinkSet {
  constructor() {
    this.byMaterial = new Map();
  }
  get(name) {
    if (!this.byMaterial.has(name)) this.byMaterial.set(name, new MeshSink());
    return this.byMaterial.get(name);
  }
}

/**
 * @param {import('./space-nodes.js').FlatNode[]} nodes
 * @returns {{group: Group, carriers: Map<string, Group>, ambient: Ambient, portals: object, dispose(): void}}
 *   `carriers`: node id of a moving node to the group to move. `portals`: what `addPortalFrames` returned.
 */
export function buildWorld(world, space, nodes, materials) {
  const indoor = space.environment?.kind !== 'outdoor';
  const ambient = new Ambient({ strength: indoor ? 0.8 : 0.7 });
  let boxes = 0;
  for (const flat of nodes) {
    const { shape, light } = flat.components;
    if (light) addLamp(ambient, flat, light);
    if (shape?.kind === 'box') boxes++;
    if (shape && flat.carrier < 0 && castsOcclusion(shape)) ambient.addOccluder(flat.matrix, shape.size, shape.kind);
  }
  const still = new SinkSet();
  addGround(still, space, indoor);
  const moving = new Map();
  const context = { bevel: boxes <= BEVEL_BOXES_MAX, indoor };
  for (const flat of nodes) {
    if (!flat.components.shape) continue;
    if (flat.carrier < 0) addShape(still, flat.components.shape, flat.matrix, context);
    else {
      const carrier = nodes[flat.carrier];
      if (!moving.has(carrier)) moving.set(carrier, new SinkSet());
      const matrix = multiplyMatrices(inverseOfPose(carrier.matrix), flat.matrix);
      addShape(moving.get(carrier), flat.components.shape, matrix, context);
    }
  }
  const portals = addPortalFrames(still, nodes, world);
  const group = new Group();
  for (const [name, sink] of still.byMaterial) {
    if (name !== 'emissive') ambient.bake(sink);
    group.add(meshOf(sink, name, materials));
  }
  const carriers = new Map();
  for (const flat of nodes) {
    if (!flat.components.dynamic) continue;
    const carrier = new Group();
    poseOf(carrier, flat.matrix);
    for (const [name, sink] of moving.get(flat)?.byMaterial ?? []) carrier.add(meshOf(sink, name, materials));
    carriers.set(flat.id, carrier);
    group.add(carrier);
  }
  return {
    group,
    carriers,
    ambient,
    portals,
    dispose() {
      group.traverse((object) => object.geometry?.dispose());
    },
  };
}

/** Glass and glow hide no light. */
function castsOcclusion(shape) {
  return shape.material !== 'glass' && shape.material !== 'emissive' && shape.kind !== 'plane';
}

function addLamp(ambient, flat, light) {
  const color = linearColor(light.color ?? '#ffe2b8');
  const [x, y, z] = [flat.matrix[12], flat.matrix[13], flat.matrix[14]];
  ambient.addLamp(x, y, z, color, Math.min(2, (light.intensity ?? 1) * 0.8), light.rangeMeters ?? 8);
}

function addGround(sinks, space, indoor) {
  const { min, max } = space.bounds;
  const color = linearColor(space.environment?.floor ?? '#b8a58a');
  const green = color[1] > color[0] * 1.05 && color[1] > color[2] * 1.1;
  const warm = color[0] > color[2] * 1.35;
  const sink = sinks.get(green ? 'grass' : indoor && warm ? 'planks' : 'stone');
  const width = max[0] - min[0], depth = max[2] - min[2];
  const at = (w, d, y, segment) => {
    const matrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, (min[0] + max[0]) / 2, y, (min[2] + max[2]) / 2, 1];
    const columns = Math.min(130, Math.ceil(w / segment)), rows = Math.min(130, Math.ceil(d / segment));
    const placement = placementOf(matrix);
    const first = sink.vertexCount;
    for (let j = 0; j <= rows; j++) {
      for (let i = 0; i <= columns; i++) {
        const x = (i / columns - 0.5) * w, z = (j / rows - 0.5) * d;
        sink.vertex(placement, x, 0, z, 0, 1, 0, x + matrix[12], z + matrix[14], color);
      }
    }
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const a = first + j * (columns + 1) + i;
        sink.quad(a, a + columns + 1, a + columns + 2, a + 1);
      }
    }
  };
  // A hair under the base ground, so that floors of the world file lie on it.
  at(width, depth, -0.004, 0.6);
  // And beyond the bounds, so that the world doesn't end in a line.
  at(width + 500, depth + 500, -0.06, 60);
}

function addShape(sinks, shape, matrix, context) {
  const material = TILE_METERS[shape.material] ? shape.material : 'matte';
  const color = linearColor(shape.color);
  const size = shape.size.map((length) => Math.max(Math.abs(length), 0.002));
  const placement = placementOf(matrix);
  const low = Math.min(...size), long = Math.max(...size);
  const sink = sinks.get(material === 'wood' && isFloor(size) ? 'planks' : material);
  const onGround = matrix[13] < 0.02 && matrix[5] > 0.99 * Math.hypot(matrix[4], matrix[5], matrix[6]);
  switch (shape.kind) {
    case 'cylinder':
      return addCylinder(sink, placement, size, color, { bottom: !onGround });
    case 'sphere':
      return addSphere(sink, placement, size, color);
    case 'cone':
      return addCone(sink, placement, size, color);
    case 'plane':
      return addPlane(sink, placement, [shape.size[0], shape.size[1], shape.size[2]], color);
    default: {
      const round = context.bevel && low >= 0.03 && long <= 6 && material !== 'emissive';
      const soft = material === 'fabric' ? 0.3 : 0.12;
      return addBox(sink, placement, size, color, {
        bevel: round ? Math.min(low * soft, material === 'fabric' ? 0.08 : 0.025) : 0,
        segment: isFloor(size) ? 0.7 : long > 3 ? 0.8 : 1.2,
        bottom: !onGround,
      });
    }
  }
}

function isFloor(size) {
  return size[1] <= 0.6 && size[0] > 3 && size[2] > 3;
}

/** The mesh of a sink; texture coordinates in metres become repetitions. */
export function meshOf(sink, name, materials) {
  const tile = TILE_METERS[name];
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new Float32BufferAttribute(sink.positions, 3));
  geometry.setAttribute('normal', new Float32BufferAttribute(sink.normals, 3));
  geometry.setAttribute('uv', new Float32BufferAttribute(sink.uvs.map((metres) => metres / tile), 2));
  geometry.setAttribute('color', new Float32BufferAttribute(sink.colors, 3));
  geometry.setIndex(new Uint32BufferAttribute(sink.indices, 1));
  geometry.computeBoundingSphere();
  const mesh = new Mesh(geometry, materials[name]);
  const solid = name !== 'glass' && name !== 'emissive' && name !== 'water';
  mesh.castShadow = solid;
  mesh.receiveShadow = solid || name === 'water';
  mesh.renderOrder = name === 'glass' ? 4 : name === 'water' ? 2 : 0;
  mesh.matrixAutoUpdate = false;
  return mesh;
}

/** Sets a group's position and heading from a node's matrix. */
export function poseOf(group, matrix) {
  group.position.set(matrix[12], matrix[13], matrix[14]);
  group.rotation.set(0, Math.atan2(-matrix[2], matrix[0]), 0);
}

/** Inverse of the position and heading of a matrix, without its scale: what a carrier's group will apply. */
function inverseOfPose(matrix) {
  const yaw = Math.atan2(-matrix[2], matrix[0]);
  const c = Math.cos(yaw), s = Math.sin(yaw);
  const [x, y, z] = [matrix[12], matrix[13], matrix[14]];
  return [c, 0, s, 0, 0, 1, 0, 0, -s, 0, c, 0, -(c * x - s * z), -y, -(s * x + c * z), 1];
}
