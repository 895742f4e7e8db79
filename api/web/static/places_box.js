// A rectangle drawn on the map of places, by mouse or finger: where to search.

const L = window.L;
const LEAST = 6; // px: less is a click

/** Draws boxes; drawn(box) is told west, south, east and north, changed(on) whether one is being drawn. */
export class BoxDrawing {
  constructor(map, drawn, changed) {
    this.map = map;
    this.drawn = drawn;
    this.changed = changed;
    this.on = false;
    const place = map.getContainer();
    place.addEventListener("pointerdown", (event) => this.#down(event), { capture: true });
    place.addEventListener("pointermove", (event) => this.#move(event));
    place.addEventListener("pointerup", (event) => this.#up(event));
    place.addEventListener("pointercancel", () => this.begin(false));
  }

  /** Begin to draw, or leave it. */
  begin(on) {
    this.on = on;
    this.from = null;
    this.sketch?.remove();
    this.map.getContainer().classList.toggle("drawing", on);
    for (const way of ["dragging", "touchZoom", "boxZoom"]) this.map[way]?.[on ? "disable" : "enable"]();
    this.changed(on);
  }

  #down(event) {
    if (!this.on || event.button) return;
    event.preventDefault();
    event.stopPropagation();
    this.map.getContainer().setPointerCapture(event.pointerId);
    this.from = this.map.mouseEventToContainerPoint(event);
  }

  #move(event) {
    if (!this.from) return;
    this.sketch?.remove();
    this.sketch = L.rectangle(this.#bounds(event), { className: "sketch", weight: 2, interactive: false, renderer: L.svg() }).addTo(this.map);
  }

  #up(event) {
    if (!this.from) return;
    const to = this.map.mouseEventToContainerPoint(event), bounds = this.#bounds(event);
    const large = Math.min(Math.abs(to.x - this.from.x), Math.abs(to.y - this.from.y)) >= LEAST;
    this.begin(false);
    if (large) this.drawn([bounds.getWest(), Math.max(bounds.getSouth(), -90), bounds.getEast(), Math.min(bounds.getNorth(), 90)].map((each) => Number(each.toFixed(5))));
  }

  #bounds(event) {
    const [from, to] = [this.from, this.map.mouseEventToContainerPoint(event)].map((each) => this.map.containerPointToLatLng(each));
    return L.latLngBounds(from, to);
  }
}
