// What stands beside the map: colours and what they mean, the card of what is pointed at, lists of what was chosen.
import { byId, element } from "./elements.js";
import { Stage } from "./map_stage.js";

const HUES = 11; // colours that can be told apart; what is more frequent has one of its own
const LISTED = 200, IN_VIEW = 40;
const FACE = 192; // px of the picture on a card
const KIND_NAMES = { image: "pictures", word: "words", paragraph: "paragraphs", document: "documents", imagined: "imagined pictures" };
const ONE = { image: "picture", word: "word", paragraph: "paragraph", document: "document", imagined: "imagined picture" };

const thousands = (number) => number.toLocaleString("en").replaceAll(",", "\u202f");

/** The columns of a map as the server, or a file, tells them. */
export function readMap(told) {
  return {
    ...told,
    x: Float32Array.from(told.x),
    y: Float32Array.from(told.y),
    kind: Uint8Array.from(told.kind),
    colour: new Uint8Array(told.count),
    visible: new Uint8Array(told.count).fill(1),
    byItem: new Map(told.item.map((id, i) => [id, i])),
  };
}

/** Colours from the page's style: of kinds, of hues for anything else, of names. */
function readStyle(colouring) {
  const css = getComputedStyle(document.documentElement), of = (name) => css.getPropertyValue(name).trim();
  const kinds = ["image", "word", "paragraph", "document", "imagined"].map((kind) => of(`--map-${kind}`));
  const hues = Array.from({ length: HUES + 1 }, (_, n) => of(`--map-hue-${n}`));
  return {
    dots: colouring === "kind" ? kinds : hues,
    names: kinds.map((colour, n) => (n === 1 ? of("--ink") : colour)),
    framed: colouring !== "kind",
    paper: of("--paper"), ink: of("--ink"), line: of("--line-strong"), accent: of("--accent"),
  };
}

/** A map with all its controls. address(i): where a point leads, null where nowhere. */
export class Panel {
  constructor(map, sheets, single, address) {
    this.map = map;
    this.address = address;
    this.chosen = [];
    this.colouring = "kind";
    this.hidden = new Set();
    this.passes = () => true;
    this.stage = new Stage(byId("map"), map, sheets, single, readStyle("kind"));
    this.#colour();
    this.#listen();
    this.describe();
  }

  #colour() {
    const { map, colouring } = this;
    const codes = { kind: map.kind, collection: map.collection, group: map.group }[colouring];
    for (let i = 0; i < map.count; i++) {
      map.colour[i] = colouring === "kind" ? codes[i] : codes[i] < 0 || codes[i] >= HUES ? HUES : codes[i];
      map.visible[i] = this.hidden.has(map.colour[i]) || !this.passes(i) ? 0 : 1;
    }
    this.stage.restyle(readStyle(colouring));
    this.stage.change();
    this.#legend();
  }

  #legend() {
    const { map, colouring } = this, counts = new Map();
    map.colour.forEach((colour, i) => { if (this.passes(i)) counts.set(colour, (counts.get(colour) ?? 0) + 1); });
    const names = { kind: map.kinds.map((kind) => KIND_NAMES[kind]), collection: map.collections, group: map.groups }[colouring];
    const entries = [...counts].sort(([a], [b]) => a - b).map(([colour, count]) => {
      const name = colouring !== "kind" && colour === HUES ? (colouring === "group" ? "others, and texts" : "others") : names[colour];
      const box = element("input", { type: "checkbox", "data-colour": colour });
      box.checked = !this.hidden.has(colour);
      const dot = element("span", { class: `map-dot map-${colouring === "kind" ? map.kinds[colour] : `hue-${colour}`}` });
      return element("li", {}, element("label", {}, box, dot, element("span", { class: "map-legend-name" }, name), element("span", { class: "quiet number" }, thousands(count))));
    });
    byId("legend").replaceChildren(...entries);
  }

  #listen() {
    const { stage } = this;
    stage.addEventListener("point", (event) => this.#card(event.detail));
    stage.addEventListener("pick", (event) => this.pick(event.detail));
    stage.addEventListener("lasso", (event) => { this.encircle(false); this.choose(event.detail, "in the lasso"); });
    stage.addEventListener("move", () => this.describe());
    byId("legend").addEventListener("change", (event) => {
      const colour = Number(event.target.dataset.colour);
      if (event.target.checked) this.hidden.delete(colour); else this.hidden.add(colour);
      this.#colour();
      this.describe();
    });
    byId("colouring").addEventListener("change", (event) => { this.colouring = event.target.value; this.hidden.clear(); this.#colour(); this.describe(); });
    const buttons = { "zoom-in": () => stage.zoom(1.6), "zoom-out": () => stage.zoom(1 / 1.6), "zoom-whole": () => stage.fit(), lasso: () => this.encircle(!stage.encircling), unchoose: () => this.choose([], "") };
    for (const [id, act] of Object.entries(buttons)) byId(id).addEventListener("click", act);
    byId("map").addEventListener("keydown", (event) => {
      if (event.key === "Escape") { this.encircle(false); this.choose([], ""); }
      else if (event.key.toLowerCase() === "l" && !event.ctrlKey && !event.metaKey) this.encircle(!stage.encircling);
    });
    for (const [list, at] of [["chosen", "pointerover"], ["in-view", "pointerover"], ["chosen", "focusin"], ["in-view", "focusin"]]) {
      byId(list).addEventListener(at, (event) => {
        const entry = event.target.closest("[data-point]");
        stage.marks.at = entry ? Number(entry.dataset.point) : -1;
        stage.redraw();
      });
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => stage.restyle(readStyle(this.colouring)));
  }

  /** Show those points alone for which passes(i) holds. */
  restrict(passes) {
    this.passes = passes;
    this.#colour();
    this.stage.goTo([...this.map.kind.keys()].filter(passes));
    this.describe();
  }

  encircle(on) {
    this.stage.encircling = on;
    byId("lasso").setAttribute("aria-pressed", String(on));
    byId("map").classList.toggle("encircling", on);
  }

  pick(i) {
    const address = this.address(i);
    if (address) location.assign(address);
  }

  /** Show what was found or encircled, and mark it. */
  choose(list, how) {
    this.chosen = list;
    this.stage.mark(list);
    byId("selection").hidden = !list.length && !how;
    byId("chosen-count").textContent = list.length ? `${this.#counted(list)} ${how}` : how ? `Nothing ${how}` : "";
    byId("chosen").replaceChildren(...list.slice(0, LISTED).map((i) => this.#entry(i)));
    if (list.length > LISTED) byId("chosen").append(element("li", { class: "quiet" }, `and ${thousands(list.length - LISTED)} more`));
  }

  /** Tell in words what is in view, for those who do not see it. */
  describe() {
    const seen = this.stage.inView();
    byId("in-view-count").textContent = seen.length ? `In view: ${this.#counted(seen)}` : "Nothing is in view";
    byId("in-view").replaceChildren(...seen.slice(0, IN_VIEW).map((i) => this.#entry(i)));
  }

  #counted(list) {
    const counts = new Map();
    for (const i of list) counts.set(this.map.kind[i], (counts.get(this.map.kind[i]) ?? 0) + 1);
    const told = [...counts].sort(([a], [b]) => a - b).map(([kind, count]) => `${thousands(count)} ${(count === 1 ? ONE : KIND_NAMES)[this.map.kinds[kind]]}`);
    return told.length > 1 ? `${told.slice(0, -1).join(", ")} and ${told.at(-1)}` : told[0];
  }

  #entry(i) {
    const { map } = this, address = this.address(i);
    const dot = element("span", { class: `map-dot map-${map.kinds[map.kind[i]]}` });
    const name = address ? element("a", { href: address, "data-item": map.item[i] }, map.title[i]) : element("span", {}, map.title[i]);
    return element("li", { "data-point": i }, dot, name, element("span", { class: "quiet" }, ` ${ONE[map.kinds[map.kind[i]]]}`));
  }

  /** The card beside the pointer. */
  #card(i) {
    const card = byId("map-card");
    card.hidden = i < 0;
    if (i < 0) return;
    const { map, stage } = this, { view } = stage;
    const about = [ONE[map.kinds[map.kind[i]]], map.groups[map.group[i]], map.collections[map.collection[i]]].filter(Boolean);
    const text = map.text[i] ? [element("p", {}, map.text[i])] : [];
    card.replaceChildren(this.#face(i), element("strong", {}, map.title[i]), ...text, element("p", { class: "quiet small" }, about.join(" · ")));
    const x = view.screenX(map.x[i]), y = view.screenY(map.y[i]), off = stage.placement().side / 2 + 12;
    card.style.left = `${Math.max(8, x + off + card.offsetWidth > view.width ? x - off - card.offsetWidth : x + off)}px`;
    card.style.top = `${Math.min(Math.max(8, y - card.offsetHeight / 2), Math.max(8, view.height - card.offsetHeight - 8))}px`;
  }

  #face(i) {
    const { sprites } = this.stage;
    if (sprites.order[i] < 0) return "";
    if (sprites.single) return element("img", { src: sprites.single(i), alt: "" });
    const canvas = element("canvas", { width: FACE, height: FACE, "aria-hidden": "true" });
    sprites.draw(canvas.getContext("2d"), i, 0, 0, FACE, false);
    return canvas;
  }
}
