// The canvas and what is done on it: moved, enlarged, pointed at, encircled; by mouse, fingers and keys.
import { Painter } from "./map_paint.js";
import { Placement, Squares } from "./map_placement.js";
import { Sprites } from "./map_sprites.js";
import { View, boundsOf } from "./map_view.js";

const REACH = 9; // px around a dot that are the dot's
const STILL = 5; // px that a click may move
const STEP = 90; // px a key moves
const WHEEL = 0.0016;
const SLICE = 5; // ms between two frames for what takes longer than one

/** A map that is looked at. It tells of itself by the events `point`, `pick`, `lasso` and `move` (detail: numbers of points). */
export class Stage extends EventTarget {
  constructor(place, map, sheets, single, style) {
    super();
    this.place = place;
    this.map = map;
    this.bounds = boundsOf(map.x, map.y);
    this.view = new View(this.bounds, map.count);
    this.squares = new Squares(map.x, map.y, this.bounds);
    this.marks = { on: new Uint8Array(map.count), any: false, list: [], at: -1, lasso: [] };
    this.sprites = new Sprites(map, sheets, single, () => this.redraw());
    this.painter = new Painter(place.querySelector("canvas"), map, this.sprites, style);
    this.placements = new Map();
    this.frames = []; // how long the last ones took to draw, ms
    this.encircling = false;
    this.fingers = new Map();
    this.#listen();
    new ResizeObserver(() => this.resize()).observe(place);
    this.resize();
  }

  resize() {
    this.view.resize(this.place.clientWidth, this.place.clientHeight);
    this.change();
  }

  /** Draw anew before the next frame, once however often it is asked. */
  redraw() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      const started = performance.now();
      this.painter.paint(this.view, this.placement(), this.marks);
      this.frames.push(performance.now() - started);
      if (this.frames.length > 600) this.frames.shift();
    });
  }

  /** What is shown of each point at this size; until that is worked out, what was shown at another. */
  placement() {
    const wanted = this.#placementAt(Placement.step(this.view.scale, this.view.whole));
    if (wanted.done || !this.current) {
      if (!wanted.done) wanted.advance(Infinity);
      this.current = wanted;
    }
    this.#work();
    return this.current;
  }

  #placementAt(step) {
    if (!this.placements.has(step)) {
      this.placements.set(step, new Placement(this.map, step, this.view.whole, (i) => this.painter.measure(i)));
    }
    return this.placements.get(step);
  }

  /** Work out, between frames, what is to be shown at this size, and then at the next ones. */
  #work() {
    if (this.working) return;
    const step = Placement.step(this.view.scale, this.view.whole);
    const next = [step, step + 1, step - 1].map((each) => this.#placementAt(each)).find((each) => !each.done);
    if (!next) return;
    this.working = setTimeout(() => {
      this.working = 0;
      if (next.advance(SLICE) && next.step === step) this.redraw();
      else this.#work();
    });
  }

  /** After what is visible, or its colour, has changed. */
  change() {
    this.placements.clear();
    this.current = null;
    this.painter.colours = null;
    this.redraw();
  }

  restyle(style) {
    this.painter.restyle(style);
    this.redraw();
  }

  /** Mark some points and dim the others; none: nothing is dimmed. */
  mark(list) {
    this.marks.on.fill(0);
    for (const i of list) this.marks.on[i] = 1;
    Object.assign(this.marks, { list, any: list.length > 0 });
    this.redraw();
  }

  moved() {
    this.redraw();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.#tell("move"), 250);
  }

  zoom(factor, x, y) { this.#point(-1); this.view.zoom(factor, x, y); this.moved(); }
  fit() { this.#point(-1); this.view.fit(); this.moved(); }

  /** Go to where some points are. */
  goTo(list) {
    if (!list.length) return;
    const { left, right, top, bottom } = boundsOf(this.map.x, this.map.y, list);
    this.#point(-1);
    const room = 0.7 * Math.min(this.view.width / (right - left), this.view.height / (bottom - top));
    this.view.show((left + right) / 2, (top + bottom) / 2, Math.min(room, (this.view.whole * this.view.closest) / 3));
    this.moved();
  }

  /** What is seen now, those shown as pictures or by name first. */
  inView() {
    const { view, map } = this, { shown } = this.placement();
    const box = [view.planeX(0), view.planeY(0), view.planeX(view.width), view.planeY(view.height)];
    const seen = [...this.squares.near(...box)].filter((i) => map.visible[i] && map.x[i] >= box[0] && map.x[i] <= box[2] && map.y[i] >= box[1] && map.y[i] <= box[3]);
    return seen.sort((a, b) => (shown[b] > 0) - (shown[a] > 0) || a - b);
  }

  /** The point at a pixel, −1 where there is none. */
  at(x, y) {
    const { view, map, painter } = this, placement = this.placement();
    const reach = Math.max(placement.side, 120);
    const near = [...this.squares.near(view.planeX(x - reach), view.planeY(y - reach), view.planeX(x + reach), view.planeY(y + reach))];
    let best = -1, least = REACH ** 2;
    for (const i of near) {
      if (!map.visible[i]) continue;
      const dx = Math.abs(view.screenX(map.x[i]) - x), dy = Math.abs(view.screenY(map.y[i]) - y);
      if (placement.shown[i] === 1 && dx < placement.side / 2 && dy < placement.side / 2) return i;
      if (placement.shown[i] === 2 && dx < painter.measure(i) / 2 + 4 && dy < 10) return i;
      if (dx * dx + dy * dy < least) [best, least] = [i, dx * dx + dy * dy];
    }
    return best;
  }

  #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }

  #where(event) {
    const box = this.place.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #listen() {
    const { place } = this;
    place.addEventListener("wheel", (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 20 : 1;
      this.zoom(Math.exp(-event.deltaY * lines * WHEEL * (event.ctrlKey ? 4 : 1)), ...this.#where(event));
    }, { passive: false });
    place.addEventListener("pointerdown", (event) => this.#down(event));
    place.addEventListener("pointermove", (event) => this.#move(event));
    place.addEventListener("pointerup", (event) => this.#up(event));
    place.addEventListener("pointercancel", (event) => this.#lift(event));
    place.addEventListener("pointerleave", () => this.#point(-1));
    place.addEventListener("keydown", (event) => this.#key(event));
  }

  #down(event) {
    if (event.button) return;
    this.place.focus({ preventScroll: true });
    this.place.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this.#where(event));
    this.from = this.#where(event);
    this.travelled = 0;
    this.#point(-1);
    this.marks.lasso = (this.encircling || event.shiftKey) && this.fingers.size === 1 ? [this.from] : [];
  }

  #move(event) {
    const here = this.#where(event), before = this.fingers.get(event.pointerId);
    if (!before) { this.#point(this.at(...here)); return; }
    this.travelled += Math.hypot(here[0] - before[0], here[1] - before[1]);
    if (this.marks.lasso.length) {
      this.marks.lasso.push(here);
      this.redraw();
    } else if (this.fingers.size === 2) {
      this.#pinch(event.pointerId, before, here);
    } else if (this.travelled > STILL) {
      this.place.classList.add("moving");
      this.#point(-1);
      this.view.pan(here[0] - before[0], here[1] - before[1]);
      this.moved();
    }
    this.fingers.set(event.pointerId, here);
  }

  #pinch(id, before, here) {
    const [, other] = [...this.fingers].find(([each]) => each !== id);
    const away = ([x, y]) => Math.max(Math.hypot(x - other[0], y - other[1]), 1);
    this.view.pan((here[0] - before[0]) / 2, (here[1] - before[1]) / 2);
    this.zoom(away(here) / away(before), (here[0] + other[0]) / 2, (here[1] + other[1]) / 2);
  }

  #up(event) {
    const polygon = this.marks.lasso;
    if (polygon.length > 2) {
      const { view, map } = this;
      const found = this.squares.within(polygon.map(([x, y]) => [view.planeX(x), view.planeY(y)])).filter((i) => map.visible[i]).sort((a, b) => map.kind[a] - map.kind[b] || a - b);
      this.#lift(event);
      this.#tell("lasso", found);
      return;
    }
    const clicked = this.fingers.has(event.pointerId) && this.travelled <= STILL && !polygon.length;
    this.#lift(event);
    const i = clicked ? this.at(...this.#where(event)) : -1;
    if (i >= 0) this.#tell("pick", i);
  }

  #lift(event) {
    this.fingers.delete(event.pointerId);
    this.place.classList.remove("moving");
    this.marks.lasso = [];
    this.redraw();
  }

  #point(i) {
    if (i === this.marks.at) return;
    this.marks.at = i;
    this.place.classList.toggle("pointing", i >= 0);
    this.redraw();
    this.#tell("point", i);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const ways = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    if (ways[event.key]) { this.view.pan(...ways[event.key]); this.moved(); }
    else if (event.key === "+" || event.key === "=") this.zoom(1.4);
    else if (event.key === "-") this.zoom(1 / 1.4);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
  }
}
