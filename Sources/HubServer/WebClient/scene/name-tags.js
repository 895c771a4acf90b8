/**
 * Names above the nearest heads, and one prompt for the thing that can be worked: pills painted into the slots of one
 * texture and drawn as billboards in one call. A slot is painted again only when what it says changes.
 */
import {
  CanvasTexture, DynamicDrawUsage, InstancedBufferAttribute, InstancedBufferGeometry, LinearFilter, Mesh,
  PlaneBufferGeometry, ShaderMaterial, Vector3,
} from '/three/build/three.module.js';
import { roundedRectangle } from './signs.js';
import { NearestList } from './nearest.js';
import { fitText } from './text-fit.js';

const COLUMNS = 4;
const ROWS = 16;
const SLOT_WIDTH = 256;
const SLOT_HEIGHT = 64;
/** Tags shown at once; the slots beyond serve those that come and go. */
export const TAGS_SHOWN = 40;
/** Paintings a frame, so that a crowd turning a corner costs no hitch. */
const PAINTS_PER_FRAME = 4;
const FONT = '"Source Sans 3", "Noto Sans", "DejaVu Sans", system-ui, sans-serif';
const STATUS_COLORS = { available: '#3fb66b', busy: '#e0a021', away: '#9aa0a6', dnd: '#d6453d' };

const VERTEX = `
attribute vec4 iTag;
attribute vec2 iCell;
varying vec2 vUv;
varying float vFade;
void main() {
  vec4 mv = viewMatrix * vec4(iTag.xyz, 1.0);
  float distance = -mv.z;
  float size = iTag.w * clamp(distance / 7.0, 0.34, 2.6);
  mv.xy += position.xy * vec2(${(SLOT_WIDTH / SLOT_HEIGHT).toFixed(1)}, 1.0) * size;
  vUv = (iCell + vec2(uv.x, 1.0 - uv.y)) / vec2(${COLUMNS}.0, ${ROWS}.0);
  vFade = smoothstep(46.0, 32.0, distance) * smoothstep(0.5, 1.1, distance);
  gl_Position = projectionMatrix * mv;
}`;
const FRAGMENT = `
uniform sampler2D map;
varying vec2 vUv;
varying float vFade;
void main() {
  vec4 texel = texture2D(map, vUv);
  texel.a *= vFade;
  if (texel.a < 0.02) discard;
  gl_FragColor = texel;
}`;

export class NameTags {
  /** @param {Float32Array} handOf By entity id: above 0.5 the body itself raises its hand. */
  constructor(renderer, handOf) {
    this.handOf = handOf;
    this.screen = new Float32Array((TAGS_SHOWN + 1) * 3);
    this.point = new Vector3();
    this.renderer = renderer;
    this.people = null;
    this.nearest = new NearestList(TAGS_SHOWN);
    const slots = COLUMNS * ROWS;
    /** What each slot shows: entity id (-1 free, -2 prompt), the look it was painted from, last frame used. */
    this.owner = new Int32Array(slots).fill(-1);
    this.painted = new Array(slots).fill(null);
    this.used = new Uint32Array(slots);
    this.slotOf = new Map();
    this.frame = 0;
    this.prompt = { text: '', x: 0, y: 0, z: 0, visible: false };
    this.brush = document.createElement('canvas');
    this.brush.width = SLOT_WIDTH;
    this.brush.height = SLOT_HEIGHT;
    this.context = this.brush.getContext('2d');
    this.#createMesh();
  }

  #createMesh() {
    const sheet = document.createElement('canvas');
    sheet.width = COLUMNS * SLOT_WIDTH;
    sheet.height = ROWS * SLOT_HEIGHT;
    sheet.getContext('2d').clearRect(0, 0, 1, 1);
    this.texture = new CanvasTexture(sheet);
    this.texture.flipY = false;
    this.texture.generateMipmaps = false;
    this.texture.minFilter = this.texture.magFilter = LinearFilter;
    const plane = new PlaneBufferGeometry(1, 1);
    this.geometry = new InstancedBufferGeometry();
    for (const name of ['position', 'uv']) this.geometry.setAttribute(name, plane.getAttribute(name));
    this.geometry.setIndex(plane.getIndex());
    this.tags = new InstancedBufferAttribute(new Float32Array((TAGS_SHOWN + 1) * 4), 4);
    this.cells = new InstancedBufferAttribute(new Float32Array((TAGS_SHOWN + 1) * 2), 2);
    for (const attribute of [this.tags, this.cells]) attribute.setUsage(DynamicDrawUsage);
    this.geometry.setAttribute('iTag', this.tags);
    this.geometry.setAttribute('iCell', this.cells);
    this.material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: { map: { value: this.texture } },
      transparent: true,
      depthWrite: false,
    });
    this.mesh = new Mesh(this.geometry, this.material);
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = 10;
  }

  setPeople(people) {
    this.people = people;
  }

  begin() {
    this.frame++;
    this.nearest.clear();
  }

  /** A body in view at `distance`; (x, y, z) are its feet. */
  offer(distance, id, x, y, z) {
    if (distance < 46) this.nearest.offer(distance, id, x, y, z);
  }

  setPrompt(text, x, y, z) {
    const prompt = this.prompt;
    prompt.visible = text !== '';
    prompt.text = text;
    prompt.x = x;
    prompt.y = y;
    prompt.z = z;
  }

  /** Nearest first; a name that would cover a nearer one is left out. */
  finish(camera) {
    let count = 0, paints = PAINTS_PER_FRAME;
    const near = this.nearest;
    if (this.prompt.visible) count = this.#placePrompt(count, camera);
    for (let i = 0; i < near.count && count <= TAGS_SHOWN; i++) {
      const id = near.id[i];
      const look = this.people?.get(id);
      if (!look || !look.name) continue;
      const raised = look.handRaised === true || this.handOf[id] > 0.5;
      if (!this.#isFree(camera, count, near.x[i], near.y[i] + 2.02, near.z[i], 0.27, 0.3)) continue;
      let slot = this.slotOf.get(id) ?? -1;
      if (slot < 0 || !sameLook(this.painted[slot], look, raised)) {
        if (paints === 0) {
          if (slot < 0) continue;
        } else {
          paints--;
          if (slot < 0) slot = this.#claim(id);
          this.#paintPerson(slot, look, raised);
        }
      }
      this.used[slot] = this.frame;
      this.#place(count++, slot, near.x[i], near.y[i] + 2.02, near.z[i], 0.27);
    }
    this.geometry.maxInstancedCount = count;
    this.mesh.visible = count > 0;
    this.tags.updateRange.count = count * 4;
    this.cells.updateRange.count = count * 2;
    if (count > 0) this.tags.needsUpdate = this.cells.needsUpdate = true;
  }

  /** Whether a tag would cover none of the `count` placed so far; notes its place on the screen. */
  #isFree(camera, count, x, y, z, size, shrink) {
    const p = this.point.set(x, y, z).applyMatrix4(camera.matrixWorldInverse);
    const depth = Math.max(-p.z, 0.1);
    const scale = (size * Math.min(Math.max(depth / 7, 0.34), 2.6)) / depth;
    const s = this.screen, sx = p.x / depth, sy = p.y / depth, half = scale * (SLOT_WIDTH / SLOT_HEIGHT) * shrink;
    for (let i = 0; i < count; i++) {
      if (Math.abs(sx - s[i * 3]) < half + s[i * 3 + 2] && Math.abs(sy - s[i * 3 + 1]) < scale * 0.8) return false;
    }
    s[count * 3] = sx;
    s[count * 3 + 1] = sy;
    s[count * 3 + 2] = half;
    return true;
  }

  #placePrompt(count, camera) {
    let slot = this.slotOf.get(-2) ?? -1;
    if (slot < 0) slot = this.#claim(-2);
    if (this.painted[slot]?.name !== this.prompt.text) {
      this.painted[slot] = { name: this.prompt.text, status: '', lost: false, handRaised: false };
      paintPrompt(this.context, this.prompt.text);
      this.#upload(slot);
    }
    this.used[slot] = this.frame;
    this.#isFree(camera, count, this.prompt.x, this.prompt.y, this.prompt.z, 0.36, 0.46);
    this.#place(count, slot, this.prompt.x, this.prompt.y, this.prompt.z, 0.36);
    return count + 1;
  }

  #place(at, slot, x, y, z, size) {
    const t = this.tags.array, c = this.cells.array;
    t[at * 4] = x;
    t[at * 4 + 1] = y;
    t[at * 4 + 2] = z;
    t[at * 4 + 3] = size;
    c[at * 2] = slot % COLUMNS;
    c[at * 2 + 1] = Math.floor(slot / COLUMNS);
  }

  /** The slot unused for longest. There are more slots than tags, so it is never one of this frame. */
  #claim(id) {
    let slot = 0;
    for (let i = 1; i < this.used.length; i++) if (this.used[i] < this.used[slot]) slot = i;
    if (this.owner[slot] !== -1) this.slotOf.delete(this.owner[slot]);
    this.owner[slot] = id;
    this.slotOf.set(id, slot);
    this.painted[slot] = null;
    return slot;
  }

  #paintPerson(slot, look, handRaised) {
    this.painted[slot] = { name: look.name, status: look.status, lost: Boolean(look.lost), handRaised };
    paintPill(this.context, this.painted[slot]);
    this.#upload(slot);
  }

  /** Replaces one slot of the texture instead of sending the whole sheet. */
  #upload(slot) {
    const { renderer, texture } = this;
    const gl = renderer.getContext();
    const native = renderer.properties.get(texture).__webglTexture;
    const x = (slot % COLUMNS) * SLOT_WIDTH, y = Math.floor(slot / COLUMNS) * SLOT_HEIGHT;
    texture.image.getContext('2d').clearRect(x, y, SLOT_WIDTH, SLOT_HEIGHT);
    texture.image.getContext('2d').drawImage(this.brush, x, y);
    if (!native) {
      texture.needsUpdate = true;
      return;
    }
    renderer.state.bindTexture(gl.TEXTURE_2D, native);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, gl.RGBA, gl.UNSIGNED_BYTE, this.brush);
  }

  dispose() {
    this.geometry.dispose();
    this.material.dispose();
    this.texture.dispose();
  }
}

function sameLook(painted, look, handRaised) {
  return painted !== null && painted.name === look.name && painted.status === look.status &&
    painted.lost === Boolean(look.lost) && painted.handRaised === handRaised;
}

/** The longest beginning of `text` that fits, with an ellipsis if it was cut. */
function shorten(g, text, width) {
  if (g.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && g.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}

function paintPill(g, look) {
  g.clearRect(0, 0, SLOT_WIDTH, SLOT_HEIGHT);
  g.font = `600 27px ${FONT}`;
  const extra = 34 + (look.handRaised ? 34 : 0);
  const name = shorten(g, look.name, SLOT_WIDTH - 34 - extra);
  const width = g.measureText(name).width + extra + 26;
  const left = (SLOT_WIDTH - width) / 2;
  roundedRectangle(g, left, 9, width, 46, 23);
  g.fillStyle = look.lost ? 'rgba(70,74,80,0.72)' : 'rgba(30,36,44,0.82)';
  g.fill();
  const color = STATUS_COLORS[look.status] ?? '#8fb3d9';
  g.fillStyle = color;
  g.beginPath();
  g.arc(left + 24, 32, 9, 0, 7);
  g.fill();
  statusMark(g, look, left + 24);
  g.fillStyle = look.lost ? '#c9cdd2' : '#ffffff';
  g.textAlign = 'left';
  g.textBaseline = 'middle';
  g.fillText(name, left + 42, 33);
  if (look.handRaised) paintHand(g, left + width - 42, 32);
}

/** Statuses differ in shape too, for those who don't see the colours. */
function statusMark(g, look, x) {
  g.fillStyle = g.strokeStyle = 'rgba(20,24,30,0.95)';
  g.lineWidth = 3;
  g.beginPath();
  if (look.status === 'dnd') {
    g.moveTo(x - 5, 32);
    g.lineTo(x + 5, 32);
  } else if (look.status === 'away') {
    g.moveTo(x, 26);
    g.lineTo(x, 32);
    g.lineTo(x + 4, 35);
  } else if (look.status === 'busy') g.rect(x - 2, 30, 4, 4);
  g.stroke();
}

function paintHand(g, x, y) {
  g.strokeStyle = '#ffd479';
  g.fillStyle = '#ffd479';
  g.lineCap = 'round';
  g.lineWidth = 4.4;
  for (const [fx, fy] of [[-6.5, -8], [-1.6, -12], [3.3, -11.5], [8, -7.5]]) {
    g.beginPath();
    g.moveTo(x + fx * 0.8, y + 4);
    g.lineTo(x + fx, y + fy);
    g.stroke();
  }
  g.beginPath();
  g.moveTo(x - 6, y + 9);
  g.lineTo(x - 12, y + 0.5);
  g.stroke();
  g.beginPath();
  g.arc(x + 0.8, y + 7, 8, 0, 7);
  g.fill();
}

function paintPrompt(g, text) {
  g.clearRect(0, 0, SLOT_WIDTH, SLOT_HEIGHT);
  const measure = (line, px) => {
    g.font = `600 ${px}px ${FONT}`;
    return g.measureText(line).width;
  };
  const { fontPx, lines } = fitText(text, SLOT_WIDTH - 76, 50, measure, { maxFontPx: 25, minFontPx: 13, lineHeight: 1.15 });
  const width = Math.min(SLOT_WIDTH - 4, Math.max(...lines.map((line) => measure(line, fontPx))) + 72);
  const left = (SLOT_WIDTH - width) / 2;
  roundedRectangle(g, left, 4, width, 56, 14);
  g.fillStyle = 'rgba(250,246,236,0.95)';
  g.fill();
  roundedRectangle(g, left + 9, 16, 32, 32, 7);
  g.fillStyle = '#22333d';
  g.fill();
  g.fillStyle = '#ffffff';
  g.textAlign = 'center';
  g.textBaseline = 'middle';
  g.font = `600 24px ${FONT}`;
  g.fillText('F', left + 25, 33);
  g.fillStyle = '#2b2620';
  g.textAlign = 'left';
  g.font = `600 ${fontPx}px ${FONT}`;
  lines.forEach((line, i) => g.fillText(line, left + 52, 33 + (i - (lines.length - 1) / 2) * fontPx * 1.15));
}

