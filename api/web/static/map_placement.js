// What is shown of a place at each size: its picture or its name where there is room, a dot where there is none.
// Worked out once for each step of zooming, on the plane: while the map is only moved nothing appears or goes. That takes
// longer than a frame may, so it is done a little at a time.

const STEPS = 2; // between one size and the double
const LEAST_PICTURE = 34, MOST_PICTURE = 132; // px
const ROW = 18; // px, the height of a name with room around it
const CELL = 16; // px
const AIR = 10; // px beside a name

const A_WHILE = 64; // points between two looks at the clock

/** Everything that has room at one step: pictures and names by their numbers among the points. */
export class Placement {
  constructor(map, step, base, measure) {
    this.step = step;
    this.scale = base * 2 ** (step / STEPS);
    this.side = Math.min(LEAST_PICTURE * 2 ** (Math.max(step, 0) / STEPS * 0.38), MOST_PICTURE);
    this.shown = new Uint8Array(map.count); // 1: as a picture, 2: as a name
    this.taken = new Set();
    this.pictures = [];
    this.names = [];
    this.work = this.#fill(map, measure);
    this.done = false;
  }

  /** Work on it for some milliseconds; return whether it is done. */
  advance(milliseconds) {
    const until = performance.now() + milliseconds;
    while (!this.done && performance.now() < until) this.done = this.work.next().done;
    if (this.done) this.taken = null;
    return this.done;
  }

  *#fill(map, measure) {
    yield* this.#addPictures(map);
    yield* this.#addNames(map, measure);
  }

  static step(scale, base) { return Math.round(Math.log2(scale / base) * STEPS); }

  *#addPictures(map) {
    const side = this.side, buckets = new Map();
    for (let n = 0; n < map.pictures.length; n++) {
      const i = map.pictures[n];
      if (n % A_WHILE === 0) yield;
      if (!map.visible[i]) continue;
      const x = map.x[i] * this.scale, y = map.y[i] * this.scale;
      const column = Math.floor(x / side), row = Math.floor(y / side);
      if (this.#meets(buckets, column, row, x, y, side)) continue;
      buckets.set(key(column, row), [x, y]); // one at most: two in one square would meet
      this.shown[i] = 1;
      this.#take(x - side / 2, y - side / 2, x + side / 2, y + side / 2);
      this.pictures.push(i);
    }
  }

  #meets(buckets, column, row, x, y, side) {
    for (let c = column - 1; c <= column + 1; c++) {
      for (let r = row - 1; r <= row + 1; r++) {
        const other = buckets.get(key(c, r));
        if (other && Math.abs(other[0] - x) < side && Math.abs(other[1] - y) < side) return true;
      }
    }
    return false;
  }

  *#addNames(map, measure) {
    for (let n = 0; n < map.texts.length; n++) {
      const i = map.texts[n];
      if (n % A_WHILE === 0) yield;
      if (!map.visible[i]) continue;
      const x = map.x[i] * this.scale, y = map.y[i] * this.scale, half = measure(i) / 2;
      const box = [x - half - AIR, y - ROW / 2, x + half + AIR, y + ROW / 2];
      if (this.#isTaken(...box)) continue;
      this.#take(...box);
      this.shown[i] = 2;
      this.names.push(i);
    }
  }

  #isTaken(left, top, right, bottom) {
    for (let c = Math.floor(left / CELL); c <= Math.floor(right / CELL); c++) {
      for (let r = Math.floor(top / CELL); r <= Math.floor(bottom / CELL); r++) if (this.taken.has(key(c, r))) return true;
    }
    return false;
  }

  #take(left, top, right, bottom) {
    for (let c = Math.floor(left / CELL); c <= Math.floor(right / CELL); c++) {
      for (let r = Math.floor(top / CELL); r <= Math.floor(bottom / CELL); r++) this.taken.add(key(c, r));
    }
  }
}

function key(column, row) { return (column + 0x100000) * 0x200000 + row + 0x100000; }

/** Points in squares of the plane, to find the nearest one to a place and those in a polygon. */
export class Squares {
  constructor(x, y, bounds, across = 128) {
    this.x = x;
    this.y = y;
    this.across = across;
    this.bounds = bounds;
    this.side = Math.max(bounds.right - bounds.left, bounds.bottom - bounds.top) / across;
    this.squares = Array.from({ length: across * across }, () => []);
    for (let i = 0; i < x.length; i++) this.squares[this.#row(y[i]) * across + this.#column(x[i])].push(i);
  }

  #clamped(number) { return Math.min(Math.max(Math.floor(number), 0), this.across - 1); }
  #column(x) { return this.#clamped((x - this.bounds.left) / this.side); }
  #row(y) { return this.#clamped((y - this.bounds.top) / this.side); }

  /** All points in the squares that a box touches. */
  *near(left, top, right, bottom) {
    for (let row = this.#row(top); row <= this.#row(bottom); row++) {
      for (let column = this.#column(left); column <= this.#column(right); column++) {
        yield* this.squares[row * this.across + column];
      }
    }
  }

  /** The points inside of a polygon [[x, y], …]. */
  within(polygon) {
    const xs = polygon.map(([x]) => x), ys = polygon.map(([, y]) => y);
    const near = this.near(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    return [...near].filter((i) => isInside(this.x[i], this.y[i], polygon));
  }
}

function isInside(x, y, polygon) {
  let inside = false;
  for (let n = 0, m = polygon.length - 1; n < polygon.length; m = n++) {
    const [x1, y1] = polygon[n], [x2, y2] = polygon[m];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
