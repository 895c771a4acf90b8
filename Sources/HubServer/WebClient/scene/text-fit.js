/** Breaking and sizing text for boards. Pure: the measuring function is passed in. */

/**
 * The largest font size at which `text` fits a box, and its lines.
 * @param {string} text Line breaks are kept.
 * @param {(line: string, fontPx: number) => number} measure Width of a line in pixels.
 * @returns {{fontPx: number, lines: string[]}}
 */
export function fitText(text, width, height, measure, { maxFontPx = 96, minFontPx = 8, lineHeight = 1.25 } = {}) {
  for (let fontPx = Math.min(maxFontPx, height / lineHeight); fontPx > minFontPx; fontPx *= 0.92) {
    const lines = wrapText(text, width, (line) => measure(line, fontPx));
    const fits = lines.length * fontPx * lineHeight <= height && lines.every((l) => measure(l, fontPx) <= width);
    if (fits) return { fontPx, lines };
  }
  const lines = wrapText(text, width, (line) => measure(line, minFontPx));
  const room = Math.max(1, Math.floor(height / (minFontPx * lineHeight)));
  if (lines.length > room) {
    lines.length = room;
    lines[room - 1] = `${lines[room - 1]} …`;
  }
  return { fontPx: minFontPx, lines };
}

/** Greedy line breaking at spaces. A word wider than the box keeps a line of its own. */
export function wrapText(text, width, measure) {
  const lines = [];
  for (const paragraph of String(text).split('\n')) {
    let line = '';
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      const longer = line ? `${line} ${word}` : word;
      if (line && measure(longer) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
  }
  return lines;
}

/**
 * Places rectangles on shelves of a square sheet, highest first. All are scaled down together until they fit.
 * @param {{width: number, height: number}[]} sizes Pixels wanted.
 * @returns {{scale: number, places: {x:number,y:number,width:number,height:number}[]}} In the order given.
 */
export function packShelves(sizes, sheet, gap = 4) {
  const order = sizes.map((_, i) => i).sort((a, b) => sizes[b].height - sizes[a].height);
  for (let scale = 1; scale > 0.01; scale *= 0.88) {
    const places = [];
    let x = 0, y = 0, shelf = 0, fits = true;
    for (const i of order) {
      const width = Math.max(8, Math.floor(sizes[i].width * scale));
      const height = Math.max(8, Math.floor(sizes[i].height * scale));
      if (x + width + gap > sheet) {
        x = 0;
        y += shelf + gap;
        shelf = 0;
      }
      if (width + gap > sheet || y + height + gap > sheet) {
        fits = false;
        break;
      }
      places[i] = { x, y, width, height };
      x += width + gap;
      shelf = Math.max(shelf, height);
    }
    if (fits) return { scale, places };
  }
  throw new RangeError(`${sizes.length} boards do not fit one sheet`);
}
