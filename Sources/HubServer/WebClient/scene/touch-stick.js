/** The joystick fingers see: two discs over the canvas, hidden from assistive technology. Styled by properties: no inline CSS. */
export function createTouchStick(canvas) {
  const disc = (size, color) => {
    const element = document.createElement('div');
    element.setAttribute('aria-hidden', 'true');
    Object.assign(element.style, {
      position: 'absolute', width: `${size}px`, height: `${size}px`, marginLeft: `${-size / 2}px`,
      marginTop: `${-size / 2}px`, borderRadius: '50%', background: color, pointerEvents: 'none', display: 'none',
      border: '2px solid rgba(255,255,255,0.7)', left: '0', top: '0',
    });
    canvas.parentElement?.append(element);
    return element;
  };
  const base = disc(132, 'rgba(20,30,40,0.25)');
  const knob = disc(60, 'rgba(255,255,255,0.55)');
  const place = (element, x, y) => {
    element.style.left = `${canvas.offsetLeft + x}px`;
    element.style.top = `${canvas.offsetTop + y}px`;
    element.style.display = 'block';
  };
  return {
    /** @param {boolean} enabled Fingers are used here. @param {boolean} active One is down now. */
    show(enabled, active, x, y, dx, dy) {
      if (!enabled) {
        base.style.display = knob.style.display = 'none';
        return;
      }
      const restX = 96, restY = canvas.clientHeight - 110;
      place(base, active ? x : restX, active ? y : restY);
      place(knob, (active ? x : restX) + dx * 50, (active ? y : restY) + dy * 50);
      base.style.opacity = knob.style.opacity = active ? '1' : '0.6';
    },
    dispose() {
      base.remove();
      knob.remove();
    },
  };
}
