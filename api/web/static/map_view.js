// Which part of the plane is seen, and how large.

const CLOSEST = 0.4; // times the root of the number of points, as large as the whole map: then they lie apart

/** A window of width × height pixels onto the plane: (x, y) is in its middle, a unit is `scale` pixels. */
export class View {
  constructor(bounds, count) {
    this.bounds = bounds;
    this.closest = Math.max(CLOSEST * Math.sqrt(count), 4);
    this.width = this.height = 1;
    this.x = this.y = 0;
    this.scale = 1;
  }

  /** The scale at which the whole map is seen. */
  get whole() {
    const { left, right, top, bottom } = this.bounds;
    return 0.92 * Math.min(this.width / Math.max(right - left, 1e-6), this.height / Math.max(bottom - top, 1e-6));
  }

  resize(width, height) {
    const wasWhole = Math.abs(this.scale / this.whole - 1) < 1e-3 || this.width === 1;
    this.width = Math.max(width, 1);
    this.height = Math.max(height, 1);
    if (wasWhole) this.fit();
    else this.limit();
  }

  fit() {
    const { left, right, top, bottom } = this.bounds;
    this.show((left + right) / 2, (top + bottom) / 2, this.whole);
  }

  show(x, y, scale) {
    this.x = x;
    this.y = y;
    this.scale = scale;
    this.limit();
  }

  screenX(x) { return (x - this.x) * this.scale + this.width / 2; }
  screenY(y) { return (y - this.y) * this.scale + this.height / 2; }
  planeX(x) { return (x - this.width / 2) / this.scale + this.x; }
  planeY(y) { return (y - this.height / 2) / this.scale + this.y; }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.limit();
  }

  /** Enlarge by a factor; what is at the pixel (x, y) stays there. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const atX = this.planeX(x), atY = this.planeY(y);
    this.scale = Math.min(Math.max(this.scale * factor, this.whole * 0.6), this.whole * this.closest);
    this.x = atX - (x - this.width / 2) / this.scale;
    this.y = atY - (y - this.height / 2) / this.scale;
    this.limit();
  }

  /** Keep the middle within the map, so that nobody gets lost beside it. */
  limit() {
    const { left, right, top, bottom } = this.bounds;
    this.x = Math.min(Math.max(this.x, left), right);
    this.y = Math.min(Math.max(this.y, top), bottom);
  }
}

/** The smallest box around some of the points. */
export function boundsOf(x, y, which = null) {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  const count = which ? which.length : x.length;
  for (let n = 0; n < count; n++) {
    const i = which ? which[n] : n;
    box.left = Math.min(box.left, x[i]);
    box.right = Math.max(box.right, x[i]);
    box.top = Math.min(box.top, y[i]);
    box.bottom = Math.max(box.bottom, y[i]);
  }
  if (!count) return { left: -1, right: 1, top: -1, bottom: 1 };
  const least = 1e-3; // a single point is shown, too
  return { left: box.left - least, right: box.right + least, top: box.top - least, bottom: box.bottom + least };
}
