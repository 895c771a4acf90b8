/**
 * Moves and colours figures in the vertex shader. Attributes of an instance, four vectors of four:
 * iPlace x, y, z, yaw · iMove phase, stride, gesture, its weight · iLook red, green, blue, style · iState hand, sitting,
 * airborne, presence (0…1; 2 added when the connection is lost).
 */
import { MeshLambertMaterial, VertexColors } from '/three/build/three.module.js';

const DECLARATIONS = `
attribute vec3 aTag;
attribute vec4 iPlace;
attribute vec4 iMove;
attribute vec4 iLook;
attribute vec4 iState;
uniform float uTime;
uniform float uSway;

void turnX(inout vec3 p, inout vec3 n, vec3 pivot, float a) {
  float c = cos(a), s = sin(a);
  p -= pivot;
  p = vec3(p.x, c * p.y - s * p.z, s * p.y + c * p.z) + pivot;
  n = vec3(n.x, c * n.y - s * n.z, s * n.y + c * n.z);
}
void turnZ(inout vec3 p, inout vec3 n, vec3 pivot, float a) {
  float c = cos(a), s = sin(a);
  p -= pivot;
  p = vec3(c * p.x - s * p.y, s * p.x + c * p.y, p.z) + pivot;
  n = vec3(c * n.x - s * n.y, s * n.x + c * n.y, n.z);
}
void turnY(inout vec3 p, inout vec3 n, float a) {
  float c = cos(a), s = sin(a);
  p = vec3(c * p.x + s * p.z, p.y, -s * p.x + c * p.z);
  n = vec3(c * n.x + s * n.z, n.y, -s * n.x + c * n.z);
}
float gestureIs(float code) {
  return iMove.w * step(abs(iMove.z - code), 0.5);
}

void moveFigure(inout vec3 p, inout vec3 n) {
  float part = aTag.x;
  float swing = sin(iMove.x), stride = iMove.y;
  float hand = iState.x, sit = iState.y, air = iState.z, presence = iState.w - 2.0 * step(1.5, iState.w);
  float own = iPlace.x * 1.7 + iPlace.z * 2.3;
  float breath = uSway * sin(uTime * 1.7 + own);
  float wave = gestureIs(4.0), clap = gestureIs(5.0), dance = gestureIs(6.0), nod = gestureIs(7.0);
  float beat = sin(uTime * 7.5), fast = sin(uTime * 11.0);
  float side = part < 0.5 ? 0.0 : mod(part, 2.0) < 0.5 ? -1.0 : 1.0;

  if (part > 3.5) {
    float forward = side * swing;
    float knee = smoothstep(0.5, 0.38, p.y);
    float bend = 0.25 * stride + 0.75 * stride * max(0.0, sin(iMove.x * 1.0 + (side > 0.0 ? 2.3 : -0.85)));
    bend = mix(bend, 1.5, sit) + 0.5 * air;
    turnX(p, n, vec3(0.0, 0.44, 0.0), -knee * bend);
    float lift = mix(forward * 0.5 * stride + 0.08 * stride, 1.5, sit) + 0.35 * air * (0.6 + 0.4 * side);
    turnX(p, n, vec3(side * 0.098, 0.78, 0.0), lift + dance * 0.18 * beat * side);
  } else if (part > 1.5) {
    vec3 shoulder = vec3(side * 0.195, 1.2, 0.0);
    float elbow = smoothstep(1.04, 0.94, p.y);
    float bend = 0.12 + 0.28 * stride + 0.55 * max(0.0, stride - 1.0) + 0.7 * sit + 0.9 * clap + 0.5 * dance;
    turnX(p, n, vec3(shoulder.x, 1.0, 0.0), elbow * bend * (1.0 - (side > 0.0 ? max(hand, wave) : 0.0)));
    float lift = -side * swing * 0.48 * stride + 0.35 * sit + 0.85 * clap + dance * (0.9 + 0.6 * beat * side);
    float spread = 0.13 + 0.03 * breath + 0.5 * air + 0.1 * dance;
    if (side > 0.0) {
      float up = max(hand, wave);
      lift *= 1.0 - up;
      lift += 0.25 * up;
      spread = mix(spread, 2.75 + wave * 0.35 * fast, up);
    }
    spread -= clap * (0.42 + 0.22 * fast);
    turnX(p, n, shoulder, lift);
    turnZ(p, n, shoulder, side * spread);
  } else if (part > 0.5) {
    turnX(p, n, vec3(0.0, 1.34, 0.0), nod * 0.22 * (beat - 0.5) + 0.012 * breath);
    turnZ(p, n, vec3(0.0, 1.34, 0.0), dance * 0.12 * beat);
  }
  if (part < 3.5) {
    p.y += 0.004 * breath;
    turnX(p, n, vec3(0.0, 0.75, 0.0), -0.02 * stride - 0.14 * max(0.0, stride - 1.0));
    turnY(p, n, -0.07 * swing * stride + dance * 0.25 * beat);
  }
  p.y += uSway * 0.028 * stride * (cos(2.0 * iMove.x) - 0.2) + dance * 0.05 * abs(beat) - 0.36 * sit;
  p.z += 0.05 * sit;
  float height = 0.955 + 0.018 * floor(iLook.w / 8.0);
  p *= height * (0.35 + 0.65 * presence);
  turnY(p, n, iPlace.w);
  p += iPlace.xyz;
}

vec3 figureColor() {
  float tint = aTag.y, style = iLook.w;
  float hair = mod(style, 8.0), cloth = floor(style / 8.0);
  vec3 color = iLook.rgb;
  if (tint > 4.5) color = vec3(0.028, 0.02, 0.018);
  else if (tint > 3.5) color = vec3(0.09, 0.06, 0.045);
  else if (tint > 2.5) color = hair < 0.5 ? vec3(0.032, 0.021, 0.016) : hair < 1.5 ? vec3(0.095, 0.045, 0.02)
    : hair < 2.5 ? vec3(0.24, 0.115, 0.04) : hair < 3.5 ? vec3(0.46, 0.29, 0.11) : hair < 4.5 ? vec3(0.34, 0.31, 0.28)
    : vec3(0.26, 0.06, 0.025);
  else if (tint > 1.5) color = vec3(0.74, 0.50, 0.315);
  else if (tint > 0.5) color = cloth < 0.5 ? vec3(0.05, 0.065, 0.10) : cloth < 1.5 ? vec3(0.16, 0.12, 0.085)
    : cloth < 2.5 ? vec3(0.085, 0.095, 0.09) : cloth < 3.5 ? vec3(0.12, 0.17, 0.24) : vec3(0.30, 0.255, 0.19);
  color *= aTag.z;
  // Connection lost: the colour goes, the body stays.
  return mix(color, vec3(0.35 + 0.25 * dot(color, vec3(0.33))), step(1.5, iState.w) * 0.8);
}
`;

/** @returns {MeshLambertMaterial} With `userData.uniforms.uTime` (seconds) and `.uSway` (0 for reduced motion). */
export function createFigureMaterial() {
  const material = new MeshLambertMaterial({ vertexColors: VertexColors });
  const uniforms = { uTime: { value: 0 }, uSway: { value: 1 } };
  material.userData.uniforms = uniforms;
  material.onBeforeCompile = (shader) => {
    shader.uniforms.uTime = uniforms.uTime;
    shader.uniforms.uSway = uniforms.uSway;
    shader.vertexShader = shader.vertexShader
      .replace('void main() {', `${DECLARATIONS}\nvoid main() {`)
      .replace('#include <color_vertex>', 'vColor.xyz = figureColor();')
      .replace(
        '#include <beginnormal_vertex>',
        'vec3 figurePosition = position;\nvec3 objectNormal = normal;\nmoveFigure(figurePosition, objectNormal);',
      )
      .replace('#include <begin_vertex>', 'vec3 transformed = figurePosition;');
  };
  return material;
}
