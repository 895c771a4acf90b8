/**
 * Keyboard, mouse and fingers to wishes. Keys count only while the canvas has the focus; Escape gives the keyboard
 * back to the page; Tab is never touched. Walking: W A S D and up/down; turning: left/right and Q E; Shift runs, Space
 * jumps, V changes the camera, F works what is near.
 */
import { createWish, wrapAngle } from './body.js';

const TURN_SPEED = 2.1;
const LOOK_PER_PIXEL = 0.0045;
const CLICK_PIXELS = 6;
const JOYSTICK_PIXELS = 60;
const PITCH_MAX = 1.25;

const MOVES = {
  KeyW: 'forward', ArrowUp: 'forward', KeyS: 'back', ArrowDown: 'back', KeyA: 'left', KeyD: 'right',
  ArrowLeft: 'turnLeft', KeyQ: 'turnLeft', ArrowRight: 'turnRight', KeyE: 'turnRight',
  ShiftLeft: 'run', ShiftRight: 'run', Space: 'jump',
};

export class Input {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{onClick(x: number, y: number): void, onCamera(): void, onInteract(): void, onZoom(d: number): void,
   *   onJoystick(active: boolean, x: number, y: number, dx: number, dy: number): void}} handlers
   *   Pixels from the canvas's corner; the joystick's deflection is -1…1.
   */
  constructor(canvas, handlers) {
    this.canvas = canvas;
    this.handlers = handlers;
    this.wish = createWish();
    this.pitch = -0.16;
    this.held = {};
    this.touch = false;
    this.look = { id: -1, x: 0, y: 0, startX: 0, startY: 0, moved: false };
    this.stick = { id: -1, x: 0, y: 0, dx: 0, dy: 0 };
    this.listening = new AbortController();
    const on = (target, type, listener, options = {}) =>
      target.addEventListener(type, listener, { signal: this.listening.signal, ...options });
    on(canvas, 'keydown', (event) => this.#keyDown(event));
    on(canvas, 'keyup', (event) => this.#release(event.code));
    on(canvas, 'blur', () => this.releaseAll());
    on(window, 'blur', () => this.releaseAll());
    on(canvas, 'pointerdown', (event) => this.#pointerDown(event));
    on(canvas, 'pointermove', (event) => this.#pointerMove(event));
    for (const type of ['pointerup', 'pointercancel']) on(canvas, type, (event) => this.#pointerUp(event, type));
    on(canvas, 'wheel', (event) => {
      event.preventDefault();
      handlers.onZoom(Math.sign(event.deltaY));
    }, { passive: false });
    canvas.style.touchAction = 'none';
  }

  #keyDown(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.code === 'Escape') {
      this.releaseAll();
      this.canvas.blur();
      return;
    }
    const move = MOVES[event.code];
    if (move) this.held[move] = true;
    else if (event.code === 'KeyV' && !event.repeat) this.handlers.onCamera();
    else if (event.code === 'KeyF' && !event.repeat) this.handlers.onInteract();
    else return;
    // Shift alone stays the browser's, so that Shift+Tab leaves.
    if (move !== 'run') event.preventDefault();
  }

  #release(code) {
    const move = MOVES[code];
    if (move) this.held[move] = false;
  }

  releaseAll() {
    for (const key of Object.keys(this.held)) this.held[key] = false;
    this.look.id = -1;
    if (this.stick.id !== -1) this.#endStick();
  }

  #pointerDown(event) {
    if (event.button !== 0) return;
    this.canvas.focus({ preventScroll: true });
    const { offsetX: x, offsetY: y } = event;
    const left = x < this.canvas.clientWidth * 0.42 && y > this.canvas.clientHeight * 0.35;
    if (event.pointerType === 'touch' && this.touch && left && this.stick.id === -1) {
      Object.assign(this.stick, { id: event.pointerId, x, y, dx: 0, dy: 0 });
      this.handlers.onJoystick(true, x, y, 0, 0);
    } else if (this.look.id === -1) {
      Object.assign(this.look, { id: event.pointerId, x, y, startX: x, startY: y, moved: false });
    }
    this.canvas.setPointerCapture(event.pointerId);
  }

  #pointerMove(event) {
    const { offsetX: x, offsetY: y } = event;
    if (event.pointerId === this.stick.id) {
      let dx = (x - this.stick.x) / JOYSTICK_PIXELS, dy = (y - this.stick.y) / JOYSTICK_PIXELS;
      const length = Math.max(1, Math.hypot(dx, dy));
      dx /= length;
      dy /= length;
      this.stick.dx = dx;
      this.stick.dy = dy;
      this.handlers.onJoystick(true, this.stick.x, this.stick.y, dx, dy);
      return;
    }
    const look = this.look;
    if (event.pointerId !== look.id) return;
    if (Math.hypot(x - look.startX, y - look.startY) > CLICK_PIXELS) look.moved = true;
    if (look.moved) this.#turn((look.x - x) * LOOK_PER_PIXEL, (look.y - y) * LOOK_PER_PIXEL);
    look.x = x;
    look.y = y;
  }

  #pointerUp(event, type) {
    if (event.pointerId === this.stick.id) this.#endStick();
    if (event.pointerId !== this.look.id) return;
    this.look.id = -1;
    if (!this.look.moved && type === 'pointerup') this.handlers.onClick(event.offsetX, event.offsetY);
  }

  #endStick() {
    this.stick.id = -1;
    this.stick.dx = this.stick.dy = 0;
    this.handlers.onJoystick(false, 0, 0, 0, 0);
  }

  #turn(yaw, pitch) {
    this.wish.viewYaw = wrapAngle(this.wish.viewYaw + yaw);
    this.pitch = Math.min(PITCH_MAX, Math.max(-PITCH_MAX, this.pitch + pitch));
  }

  /** The wishes of this frame. The same object each time. */
  read(dt) {
    const { wish, held, stick } = this;
    const turn = (held.turnLeft ? 1 : 0) - (held.turnRight ? 1 : 0);
    if (turn !== 0) this.#turn(turn * TURN_SPEED * dt, 0);
    wish.forward = (held.forward ? 1 : 0) - (held.back ? 1 : 0) - stick.dy;
    wish.sideways = (held.right ? 1 : 0) - (held.left ? 1 : 0) + stick.dx;
    wish.run = Boolean(held.run) || Math.hypot(stick.dx, stick.dy) > 0.92;
    wish.jump = Boolean(held.jump);
    return wish;
  }

  dispose() {
    this.listening.abort();
  }
}
