/** Sky, haze, sun and the light from everywhere. The sun's shadows are drawn once per space: nothing large moves. */
import {
  BackSide, Color, DirectionalLight, Fog, Group, HemisphereLight, Mesh, ShaderMaterial, SphereBufferGeometry,
  Vector3,
} from '/three/build/three.module.js';

const SKY_VERTEX = `
varying vec3 vDirection;
void main() {
  vDirection = position;
  vec4 p = projectionMatrix * mat4(mat3(modelViewMatrix)) * vec4(position, 1.0);
  gl_Position = p.xyww;
}`;

const SKY_FRAGMENT = `
uniform vec3 zenith, horizon, ground, sunColor, sunDirection;
uniform float clouds;
varying vec3 vDirection;
float hash(vec2 p) { return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453); }
float noise(vec2 p) {
  vec2 i = floor(p), f = fract(p);
  f = f * f * (3.0 - 2.0 * f);
  return mix(mix(hash(i), hash(i + vec2(1.0, 0.0)), f.x), mix(hash(i + vec2(0.0, 1.0)), hash(i + 1.0), f.x), f.y);
}
void main() {
  vec3 d = normalize(vDirection);
  float up = max(d.y, 0.0);
  vec3 color = mix(horizon, zenith, 1.0 - pow(1.0 - up, 2.6));
  float sun = max(dot(d, -sunDirection), 0.0);
  color += sunColor * (0.22 * pow(sun, 6.0) + 0.55 * pow(sun, 180.0));
  if (clouds > 0.0 && d.y > 0.02) {
    vec2 p = d.xz / (d.y + 0.16) * 1.7;
    float n = 0.55 * noise(p) + 0.28 * noise(p * 2.3 + 7.0) + 0.17 * noise(p * 5.1 + 3.0);
    float cover = smoothstep(0.5, 0.78, n) * smoothstep(0.02, 0.22, d.y) * clouds;
    color = mix(color, vec3(1.0, 0.985, 0.96), cover);
  }
  color = mix(color, ground, smoothstep(0.0, -0.12, d.y));
  gl_FragColor = vec4(pow(clamp(color, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
}`;

/**
 * @param {object} space As in the world file.
 * @returns {{group: Group, fog: Fog, sun: DirectionalLight, dispose(): void}}
 */
export function createEnvironment(space) {
  const environment = space.environment ?? {};
  const outdoor = environment.kind === 'outdoor';
  const sky = linear(environment.sky ?? '#cfe8ff');
  const floor = linear(environment.floor ?? '#b8a58a');
  const ambient = environment.ambient ?? 0.7;
  const direction = new Vector3(...(environment.sunDirection ?? [0.4, -1, 0.3])).normalize();
  const horizon = sky.clone().lerp(new Color(1, 0.955, 0.88), outdoor ? 0.55 : 0.65);
  const zenith = outdoor ? sky.clone().multiply(new Color(0.62, 0.8, 1.0)) : sky.clone();

  const group = new Group();
  const skyMaterial = new ShaderMaterial({
    vertexShader: SKY_VERTEX,
    fragmentShader: SKY_FRAGMENT,
    side: BackSide,
    depthWrite: false,
    uniforms: {
      zenith: { value: zenith },
      horizon: { value: horizon },
      ground: { value: floor.clone().lerp(horizon, 0.6) },
      sunColor: { value: new Color(1, 0.86, 0.62) },
      sunDirection: { value: direction },
      clouds: { value: outdoor ? 0.8 : 0.45 },
    },
  });
  const dome = new Mesh(new SphereBufferGeometry(1, 24, 16), skyMaterial);
  dome.frustumCulled = false;
  dome.renderOrder = -1;
  group.add(dome);

  const skyLight = sky.clone().lerp(new Color(1, 0.97, 0.92), outdoor ? 0.45 : 0.75);
  const bounce = floor.clone().lerp(new Color(0.85, 0.72, 0.58), 0.45);
  group.add(new HemisphereLight(skyLight, bounce, ambient * (outdoor ? 0.95 : 1.12)));

  const sun = new DirectionalLight(new Color(1, 0.9, 0.74), outdoor ? 0.95 : 0.5);
  aimSun(sun, space, direction);
  group.add(sun, sun.target);

  const size = Math.hypot(space.bounds.max[0] - space.bounds.min[0], space.bounds.max[2] - space.bounds.min[2]);
  // This three.js mixes fog in after encoding: its colour is meant as it is shown.
  const haze = horizon.clone().convertLinearToGamma(2.2);
  const fog = new Fog(haze, Math.max(30, size * 0.45), Math.max(140, size * 1.9));
  return {
    group,
    fog,
    sun,
    dispose() {
      dome.geometry.dispose();
      skyMaterial.dispose();
      sun.shadow.map?.dispose();
    },
  };
}

function aimSun(sun, space, direction) {
  const { min, max } = space.bounds;
  const centre = new Vector3((min[0] + max[0]) / 2, 0, (min[2] + max[2]) / 2);
  const reach = Math.min(70, Math.hypot(max[0] - min[0], max[2] - min[2]) / 2 + 4);
  sun.target.position.copy(centre);
  sun.position.copy(centre).addScaledVector(direction, -(reach + 30));
  sun.castShadow = true;
  const { camera, mapSize } = sun.shadow;
  mapSize.set(2048, 2048);
  camera.left = camera.bottom = -reach;
  camera.right = camera.top = reach;
  camera.near = 1;
  camera.far = 2 * reach + 60;
  sun.shadow.bias = -0.0012;
  sun.shadow.radius = 2.5;
}

function linear(hex) {
  return new Color(hex).convertGammaToLinear(2.2);
}
