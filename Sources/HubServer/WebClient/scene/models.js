/**
 * glTF models of the manifest. Small untextured ones are melted into the merged meshes (their colours become vertex
 * colours); anything with a texture is kept as instanced meshes, one draw call a part. What can't be loaded is shown
 * by the node's own shape.
 */
import { Group, InstancedMesh, Matrix4 } from '/three/build/three.module.js';
import { GLTFLoader } from '/three/examples/jsm/loaders/GLTFLoader.js';
import { placementOf } from './geometry.js';
import { SinkSet, meshOf } from './world-builder.js';
import { multiplyMatrices } from './space-nodes.js';

/** More merged vertices than this and the rest is instanced instead. */
const MERGED_VERTICES_MAX = 400000;

export class ModelLibrary {
  /** @param manifest The assets manifest or null. @param {string} assetsUrl Ends in `/`. */
  constructor(manifest, assetsUrl) {
    this.paths = new Map((manifest?.assets ?? []).map((asset) => [asset.id, assetsUrl + asset.path]));
    this.loader = new GLTFLoader();
    this.loaded = new Map();
  }

  /** Parts of a model: `{geometry, matrix, color, material, textured}[]`; null if it can't be had. */
  load(assetId) {
    const path = this.paths.get(assetId);
    if (!path) return Promise.resolve(null);
    if (!this.loaded.has(assetId)) {
      const parts = new Promise((resolve) => {
        this.loader.load(path, (gltf) => resolve(partsOf(gltf.scene)), undefined, (error) => {
          console.warn(`model ${assetId} could not be loaded`, error);
          resolve(null);
        });
      });
      this.loaded.set(assetId, parts);
    }
    return this.loaded.get(assetId);
  }

  /**
   * All models of a space's standing nodes as one group.
   * @param {import('./ambient.js').Ambient} ambient
   * @returns {Promise<{group: Group, dispose(): void, missing: number}>}
   */
  async build(nodes, materials, ambient, carriers) {
    const still = new SinkSet();
    const group = new Group();
    const instances = new Map();
    let missing = 0, vertices = 0;
    for (const flat of nodes) {
      const asset = flat.components.model?.asset;
      if (!asset) continue;
      const parts = await this.load(asset);
      if (!parts) {
        missing++;
        continue;
      }
      if (flat.carrier >= 0) {
        const sinks = new SinkSet();
        const base = nodes[flat.carrier];
        const local = multiplyMatrices(inverseOf(base.matrix), flat.matrix);
        for (const part of parts) melt(sinks.get(part.surface), part, local);
        for (const [name, sink] of sinks.byMaterial) carriers.get(base.id)?.add(meshOf(sink, name, materials));
        continue;
      }
      for (const part of parts) {
        const count = part.geometry.getAttribute('position').count;
        if (part.material.map || vertices + count > MERGED_VERTICES_MAX) {
          if (!instances.has(part)) instances.set(part, []);
          instances.get(part).push(multiplyMatrices(flat.matrix, part.matrix));
        } else {
          vertices += count;
          melt(still.get(part.surface), part, flat.matrix);
        }
      }
    }
    for (const [name, sink] of still.byMaterial) {
      if (name !== 'emissive') ambient.bake(sink);
      group.add(meshOf(sink, name, materials));
    }
    for (const [part, matrices] of instances) group.add(instanced(part, matrices));
    return {
      group,
      missing,
      dispose() {
        group.traverse((object) => {
          if (object.isMesh && !object.isInstancedMesh) object.geometry.dispose();
        });
      },
    };
  }

  dispose() {
    for (const parts of this.loaded.values()) {
      parts.then((list) => list?.forEach((part) => {
        part.geometry.dispose();
        part.material.dispose();
      }));
    }
    this.loaded.clear();
  }
}

function inverseOf(matrix) {
  const m = new Matrix4().fromArray(matrix);
  const inverse = new Matrix4().makeRotationY(-Math.atan2(-matrix[2], matrix[0]));
  return inverse.multiply(new Matrix4().makeTranslation(-m.elements[12], -m.elements[13], -m.elements[14])).elements;
}

function partsOf(scene) {
  const parts = [];
  scene.updateMatrixWorld(true);
  scene.traverse((object) => {
    if (!object.isMesh) return;
    const material = Array.isArray(object.material) ? object.material[0] : object.material;
    parts.push({
      geometry: object.geometry,
      matrix: Float64Array.from(object.matrixWorld.elements),
      material,
      color: [material.color?.r ?? 0.8, material.color?.g ?? 0.8, material.color?.b ?? 0.8],
      surface: surfaceOf(material),
    });
  });
  return parts;
}

/** Which of our surfaces stands for a glTF material. */
function surfaceOf(material) {
  const name = (material.name ?? '').toLowerCase();
  for (const known of ['wood', 'fabric', 'glass', 'metal', 'grass', 'water']) if (name.includes(known)) return known;
  if (material.transparent && material.opacity < 0.95) return 'glass';
  const glow = material.emissive;
  if (glow && glow.r + glow.g + glow.b > 0.3) return 'emissive';
  return (material.metalness ?? 0) > 0.6 ? 'metal' : 'matte';
}

function melt(sink, part, matrix) {
  const placement = placementOf(multiplyMatrices(matrix, part.matrix));
  const { position, normal, color } = part.geometry.attributes;
  const first = sink.vertexCount;
  const tint = [0, 0, 0];
  for (let i = 0; i < position.count; i++) {
    tint[0] = part.color[0] * (color ? color.getX(i) : 1);
    tint[1] = part.color[1] * (color ? color.getY(i) : 1);
    tint[2] = part.color[2] * (color ? color.getZ(i) : 1);
    const x = position.getX(i), y = position.getY(i), z = position.getZ(i);
    const [nx, ny, nz] = normal ? [normal.getX(i), normal.getY(i), normal.getZ(i)] : [0, 1, 0];
    sink.vertex(placement, x, y, z, nx, ny, nz, x + z, y, tint);
  }
  const index = part.geometry.getIndex();
  const count = index ? index.count : position.count;
  for (let i = 0; i < count; i++) sink.indices.push(first + (index ? index.getX(i) : i));
}

function instanced(part, matrices) {
  const mesh = new InstancedMesh(part.geometry, part.material, matrices.length);
  matrices.forEach((matrix, i) => mesh.setMatrixAt(i, new Matrix4().fromArray(matrix)));
  mesh.frustumCulled = false;
  mesh.castShadow = mesh.receiveShadow = true;
  return mesh;
}
