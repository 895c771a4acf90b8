import { ACESFilmicToneMapping, PCFShadowMap, WebGLRenderer } from '/three/build/three.module.js';

/** `modest`: for processors that draw themselves. */
export function createRenderer(canvas, modest) {
  const renderer = new WebGLRenderer({ canvas, antialias: !modest, powerPreference: 'high-performance' });
  // Asking each program for its errors waits for its compiler.
  renderer.debug.checkShaderErrors = false;
  renderer.gammaOutput = true;
  renderer.gammaFactor = 2.2;
  renderer.toneMapping = ACESFilmicToneMapping;
  renderer.toneMappingExposure = 1.12;
  renderer.shadowMap.enabled = true;
  renderer.shadowMap.type = PCFShadowMap;
  renderer.shadowMap.autoUpdate = false;
  return renderer;
}

/** Whether WebGL runs on the processor here (virtual machines, remote desktops): asked on a canvas of its own. */
export function drawsInSoftware() {
  const gl = document.createElement('canvas').getContext('webgl');
  const names = gl?.getExtension('WEBGL_debug_renderer_info');
  const renderer = names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : '';
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}
