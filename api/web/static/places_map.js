// The map of places: rasters of the library as its ground, footprints of tiles, a heat map, and a plain graticule.

import { element } from "./elements.js";

const L = window.L; // Leaflet, a script of its own
const HUES = 11; // colours that can be told apart; other words share one
const STEPS = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const APART = 170; // px between lines of the graticule, at least
const HEAT_STOPS = 5;
const SMALLEST = 4; // px across: a tile that is smaller cannot be seen
const PLAIN = 120; // px from corner to corner: of smaller tiles the lines are faint, or they would hide what is below
const LEAST = 96; // px from corner to corner: a raster that is smaller is a dot

/** A footprint's corners as Leaflet takes them; the date line may cut it in two. */
function corners({ type, coordinates }) {
  const turned = (rings) => rings.map((ring) => ring.map(([x, y]) => [y, x]));
  return type === "MultiPolygon" ? coordinates.map(turned) : turned(coordinates);
}

/** A box of degrees as Leaflet takes it. */
export const boundsOf = ([west, south, east, north]) => L.latLngBounds([south, west], [north, east < west ? east + 360 : east]);

/** Where a raster's pieces lie: once on Earth, but of one across the date line on either side of the map. */
function reach([west, south, east, north]) {
  if (east < west) return { bounds: L.latLngBounds([south, -180], [north, 180]) };
  const more = 0.02 * (east - west);
  return { bounds: L.latLngBounds([south, Math.max(west - more, -180)], [north, Math.min(east + more, 180)]), noWrap: true };
}

/** The map; it tells of a tile that is pointed at or picked by events of those names. */
export class PlacesMap extends EventTarget {
  constructor(place, whole) {
    super();
    this.whole = boundsOf(whole);
    this.shapes = new Map(); // of tiles, by item
    this.words = []; // of the legend, in the order of their colours
    this.hidden = new Set();
    this.hits = new Set();
    this.opacity = 1;
    this.strength = 1; // of outlines
    this.outlined = true;
    const moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = L.map(place, { zoomAnimation: moves, inertia: moves, preferCanvas: true, zoomControl: false, attributionControl: false, worldCopyJump: true, zoomSnap: 0.5, maxZoom: 22, minZoom: 1, fadeAnimation: false });
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(this.map);
    this.map.createPane("lines").style.zIndex = 150; // below the imagery
    this.inks = L.canvas({ pane: "lines" });
    this.lines = L.layerGroup().addTo(this.map);
    this.ground = L.layerGroup().addTo(this.map);
    this.casings = L.layerGroup().addTo(this.map);
    this.tiles = L.layerGroup().addTo(this.map);
    this.marks = L.layerGroup().addTo(this.map);
    this.readStyle();
    this.map.on("zoomend", () => this.restyle());
    this.map.on("moveend", () => { this.#graticule(); this.dispatchEvent(new Event("move")); });
    this.fit();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.readStyle(); this.#graticule(); this.restyle(); });
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(place);
  }

  /** Show all of it, or a box, at once where less motion is wanted. */
  fit(bounds = this.whole) {
    this.map.fitBounds(bounds, { animate: false, padding: [12, 12], maxZoom: 18 });
  }

  /** Show all rasters, or the first where they lie so far apart that it would be a dot. */
  begin(rasters) {
    this.fit();
    if (rasters.length && this.#across(boundsOf(rasters[0].box)) < LEAST) this.fit(boundsOf(rasters[0].box));
  }

  /** The box that is in view, in degrees: west > east across the date line. */
  get inView() {
    const bounds = this.map.getBounds(), [west, east] = [bounds.getWest(), bounds.getEast()];
    const wrapped = (x) => ((((x + 180) % 360) + 360) % 360) - 180;
    const across = east - west >= 360 ? [-180, 180] : [wrapped(west), wrapped(east)];
    const [south, north] = [Math.max(bounds.getSouth(), -90), Math.min(bounds.getNorth(), 90)];
    return [across[0], south, across[1], north].map((each) => Number(each.toFixed(6)));
  }

  /** How many px bounds are from corner to corner. */
  #across(bounds) {
    return this.map.latLngToContainerPoint(bounds.getSouthWest()).distanceTo(this.map.latLngToContainerPoint(bounds.getNorthEast()));
  }

  readStyle() {
    const css = getComputedStyle(document.documentElement), of = (name) => css.getPropertyValue(name).trim();
    this.colours = Array.from({ length: HUES + 1 }, (_, n) => of(`--place-hue-${n}`));
    this.heat = Array.from({ length: HEAT_STOPS }, (_, n) => of(`--heat-${n}`));
    this.line = of("--line-strong");
    this.accent = of("--place-chosen");
  }

  /** Draw rasters; those that may not be drawn have no address. */
  draw(rasters) {
    const drawn = rasters.map((each) => each.address).join(" ");
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.ground.clearLayers();
    for (const { address, box } of rasters) {
      if (address) L.tileLayer(address, { ...reach(box), maxZoom: 22, opacity: this.opacity, alt: "" }).addTo(this.ground);
    }
  }

  fade(opacity) {
    this.opacity = opacity;
    this.ground.eachLayer((layer) => layer.setOpacity(opacity));
  }

  /** Show footprints, in place of those that were shown. */
  show(features) {
    this.tiles.clearLayers();
    this.casings.clearLayers();
    this.shapes.clear();
    for (const each of features) this.#add(each);
    this.restyle();
  }

  #add(feature) {
    const shape = L.polygon(corners(feature.geometry), this.#style(feature));
    shape.feature = feature;
    shape.on("click", (event) => { L.DomEvent.stopPropagation(event); this.#tell("pick", feature); });
    shape.on("mouseover", () => this.#tell("point", feature));
    shape.on("mouseout", () => this.#tell("point", null));
    this.shapes.set(feature.id, shape.addTo(this.tiles));
  }

  /** Show the tiles that were found, too, those not shown yet among them. */
  mark(features) {
    this.hits = new Set(features.map((each) => each.id));
    for (const each of features) if (!this.shapes.has(each.id)) this.#add(each);
    this.restyle();
    for (const each of features) {
      L.polygon(corners(each.geometry), { color: "#000", weight: 6, opacity: 0.6, fill: false, interactive: false }).addTo(this.casings);
      this.shapes.get(each.id).bringToFront();
    }
  }

  /** Show no tile as found. */
  unmark() {
    this.hits = new Set();
    this.casings.clearLayers();
    this.restyle();
  }

  restyle() {
    const [first] = this.shapes.values();
    this.strength = first ? Math.min(Math.max(this.#across(first.getBounds()) / PLAIN, 0.35), 1) : 1;
    for (const shape of this.shapes.values()) shape.setStyle(this.#style(shape.feature));
  }

  /** The place of the first of a tile's words in the legend, the last colour where it has none of them. */
  hue(feature) {
    const place = this.words.findIndex((word) => feature.properties.labels.includes(word));
    return place < 0 ? HUES : Math.min(place, HUES);
  }

  #style(feature) {
    const { heat } = feature.properties, hue = this.hue(feature), found = this.hits.has(feature.id);
    if (heat !== undefined) return { stroke: false, fill: true, fillColor: this.#warm(heat), fillOpacity: 0.55, interactive: true };
    const seen = found || (this.outlined && !this.hidden.has(hue)), faded = this.hits.size && !found, strength = found ? 1 : this.strength;
    return {
      stroke: seen, color: found ? this.accent : this.colours[hue], weight: found ? 3 : 0.75 + 0.75 * strength, opacity: (faded ? 0.35 : 0.95) * strength,
      fill: true, fillColor: found ? this.accent : this.colours[hue], fillOpacity: seen ? (found ? 0.12 : faded ? 0.03 : 0.1) * strength : 0,
    };
  }

  #warm(share) {
    const place = Math.min(Math.max(share, 0), 1) * (HEAT_STOPS - 1), first = Math.min(Math.floor(place), HEAT_STOPS - 2);
    const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    const [from, to] = [parts(this.heat[first]), parts(this.heat[first + 1])];
    return `rgb(${from.map((value, n) => Math.round(value + (to[n] - value) * (place - first))).join(" ")})`;
  }

  /** Outline one tile, none for null. */
  point(feature) {
    this.pointed?.remove();
    this.pointed = feature && L.polygon(corners(feature.geometry), { color: this.accent, weight: 4, fill: false, interactive: false }).addTo(this.marks);
  }

  /** Move so that a tile can be seen. */
  reveal(feature) {
    const bounds = L.polygon(corners(feature.geometry)).getBounds();
    if (!this.map.getBounds().intersects(bounds) || this.#across(bounds) < SMALLEST) this.map.fitBounds(bounds.pad(4), { animate: false });
  }

  /** Show where is searched: a box or a circle, or nothing. */
  outline(box, circle) {
    this.where?.remove();
    const style = { color: this.accent, weight: 2, dashArray: "6 5", fill: false, interactive: false };
    if (box) this.where = L.rectangle(boundsOf(box), style).addTo(this.marks);
    else if (circle) this.where = L.circle([circle.latitude, circle.longitude], { ...style, radius: 1000 * circle.kilometres }).addTo(this.marks);
  }

  /** Lines of round degrees behind everything, with their names at the edges. */
  #graticule() {
    this.lines.clearLayers();
    const bounds = this.map.getBounds(), [south, north] = [Math.max(bounds.getSouth(), -85), Math.min(bounds.getNorth(), 85)];
    const [west, east] = [bounds.getWest(), bounds.getEast()];
    const widest = ((east - west) / this.map.getSize().x) * APART;
    const step = STEPS.findLast((each) => each >= widest) ?? STEPS[0], digits = Math.max(0, Math.ceil(-Math.log10(step)));
    const style = { color: this.line, weight: 1, opacity: 0.45, interactive: false, renderer: this.inks };
    const name = (at, value, hemispheres) => {
      const text = `${Math.abs(value).toFixed(digits)}° ${value < 0 ? hemispheres[1] : value > 0 ? hemispheres[0] : ""}`;
      const html = element("span", { class: hemispheres === "NS" ? "across" : "down", "aria-hidden": "true" }, text.trim());
      L.marker(at, { icon: L.divIcon({ className: "graticule", html, iconSize: [0, 0] }), interactive: false, keyboard: false, alt: "" }).addTo(this.lines);
    };
    for (let x = Math.ceil(west / step); x * step <= east; x++) {
      L.polyline([[south, x * step], [north, x * step]], style).addTo(this.lines);
      name([north, x * step], ((((x * step + 180) % 360) + 360) % 360) - 180, "EW");
    }
    for (let y = Math.ceil(south / step); y * step <= north; y++) {
      L.polyline([[y * step, west], [y * step, east]], style).addTo(this.lines);
      name([y * step, west], y * step, "NS");
    }
  }

  #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}
