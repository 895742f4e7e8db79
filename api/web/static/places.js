// Places: a question and where it is asked, what is found there, and the map that shows it. The address keeps it all.
import { byId } from "./elements.js";
import { isTyping, tell } from "./everywhere.js";
import { BoxDrawing } from "./places_box.js";
import { HitList, card, legend, nameOf } from "./places_list.js";
import { PlacesMap } from "./places_map.js";

const HITS = 30;
const MOST = 10_000; // footprints at once: where there are more, those in view are fetched
const SETTLED = 250; // ms after a move
const form = byId("place-search");
const FIELDS = ["q", "like", "near", "radius", "box", "collection", "date", "label"]; // of the form, and of addresses

async function ask(address) {
  const answer = await fetch(address);
  const told = await answer.json();
  if (!answer.ok) throw new Error([told.error?.message, told.error?.hint].filter(Boolean).join("; "));
  return told;
}

function complain(error) {
  byId("place-trouble").textContent = error?.message ?? "";
  byId("place-trouble").hidden = !error;
}

/** The page and its parts. */
class Places {
  constructor(told) {
    this.told = told;
    this.features = [];
    this.hits = [];
    this.first = true;
    this.most = MOST;
    this.turn = 0; // of fetching footprints: an answer that comes after a later question is not shown
    this.view = new PlacesMap(byId("places"), told.box);
    this.view.words = told.words.map((each) => each.word);
    this.collections = new Set(told.rasters.flatMap((each) => each.collections));
    this.list = new HitList(byId("place-hits"), (feature) => this.view.point(feature), (feature) => { this.view.reveal(feature); this.open(feature); });
    this.drawing = new BoxDrawing(this.view.map, (box) => { form.elements.box.value = box.join(","); form.elements.near.value = ""; this.ask(); }, (on) => byId("place-box").setAttribute("aria-pressed", String(on)));
    this.#listen();
  }

  /** What the form asks, without what is empty. */
  get asked() {
    const values = FIELDS.map((name) => [name, form.elements[name].value.trim()]).filter(([name, value]) => value && !(name === "radius" && !form.elements.near.value.trim()));
    return Object.fromEntries(values);
  }

  get isQuestion() { return Boolean(this.asked.q || this.asked.like); }

  /** Where to look, as the service takes it. */
  within(more = {}) {
    const { q, like, ...rest } = this.asked;
    return new URLSearchParams({ ...rest, ...more });
  }

  /** Fetch and show what is asked; fit: whether the map moves to it. */
  async ask(fit = true) {
    complain(null);
    this.view.map.closePopup();
    byId("places").setAttribute("aria-busy", "true");
    try {
      await this.#footprints();
      await this.#count();
      await this.#search();
      this.view.outline(this.where.box, this.where.circle);
      if (fit) this.#move();
    } catch (error) { this.#forget(); complain(error); }
    byId("places").removeAttribute("aria-busy");
    history.replaceState(null, "", `/places?${new URLSearchParams({ ...this.asked, ...(this.isWarm ? { heat: "on" } : {}) })}`.replace(/\?$/, ""));
  }

  get isWarm() { return byId("place-heat").checked && Boolean(this.asked.q); }

  /** Show nothing as found: what was asked last could not be answered. */
  #forget() {
    this.hits = [];
    this.list.show([]);
    this.view.unmark();
    byId("place-found").hidden = true;
  }

  /** Fetch and show footprints: all of them, or of too many those in view. */
  async #footprints(view = {}) {
    const { q } = this.asked, turn = ++this.turn;
    byId("place-heat").disabled = !q;
    const about = this.within({ limit: this.most, ...view, ...(this.isWarm ? { q } : {}) });
    const told = await ask(`/v1/places/${this.isWarm ? "heat" : "tiles"}?${about}`);
    if (turn !== this.turn) return;
    this.features = told.features;
    this.whole = told.total === told.features.length;
    this.where = { box: told.within.box, circle: told.within.circle };
    this.view.draw(this.rasters);
    byId("heat-legend").hidden = !this.isWarm;
    byId("places").classList.toggle("warm", this.isWarm);
    if (this.isWarm) {
      byId("heat-word").textContent = `How much a tile looks like “${q}”`;
      byId("heat-low").textContent = told.low.toFixed(2);
      byId("heat-high").textContent = told.high.toFixed(2);
    }
    this.view.hits = new Set();
    this.view.show(this.features);
    const few = [told.in_view < told.total ? `${told.in_view} in view` : "", told.in_view > this.features.length ? `${this.features.length} of them shown: zoom in for all` : ""];
    byId("place-count").textContent = [`${told.total} ${told.total === 1 ? "tile" : "tiles"}`, ...few].filter(Boolean).join(", ");
  }

  /** After a move, fetch what is in view now, where not all of it is here. */
  async #follow() {
    if (this.whole) return;
    try {
      await this.#footprints({ view: this.view.inView.join(",") });
      if (!this.isWarm) this.view.mark(this.hits);
    } catch (error) { complain(error); }
  }

  /** Count words in what is chosen; their colours stay. */
  async #count() {
    const { collection } = this.asked, only = collection ?? (this.collections.size === 1 ? [...this.collections][0] : null);
    const told = collection ? await ask(`/v1/places?${new URLSearchParams({ collection })}`) : this.told;
    const counts = new Map(told.words.map((each) => [each.word, each.tiles]));
    legend(this.view.words, counts, this.view.hidden, (place, shown) => { this.view.hidden[shown ? "delete" : "add"](place); this.view.restyle(); });
    byId("place-map").href = only ? `/map?${new URLSearchParams({ collection: only })}` : "/map";
  }

  /** The rasters to draw: those of the chosen date and collection. */
  get rasters() {
    const { date, collection } = this.asked;
    const fits = (each) => (!date || !each.dates.length || each.dates.some((day) => day.startsWith(date))) && (!collection || each.collections.includes(collection));
    return this.told.rasters.filter(fits);
  }

  async #search() {
    byId("place-found").hidden = !this.isQuestion;
    this.hits = [];
    if (!this.isQuestion) return;
    const { q, like } = this.asked;
    const address = `/v1/places/hits?${this.within({ ...(like ? { like } : { q }), limit: HITS })}`;
    const told = await ask(address);
    this.hits = told.features;
    this.list.show(this.hits);
    if (!this.isWarm) this.view.mark(this.hits);
    const about = like ? `like tile ${like}` : `nearest to “${q}”`;
    byId("place-found-count").textContent = this.hits.length ? `${this.hits.length} ${about}${told.matched === false ? ", though none may show it" : ""}` : `Nothing ${about} here`;
    byId("place-download").href = address;
    tell(byId("place-found-count").textContent);
  }

  #move() {
    const { box, circle } = this.where;
    if (box || circle) this.view.fit(this.view.where.getBounds());
    else if (this.first || !this.isQuestion) this.view.begin(this.rasters);
    if (this.hits.length) this.view.reveal(this.hits[0]);
    this.first = false;
  }

  open(feature) {
    const shape = this.view.shapes.get(feature.id) ?? { feature, getBounds: () => this.view.map.getBounds() };
    window.L.popup({ maxWidth: 240, minWidth: 200, autoPanPadding: [12, 12] }).setLatLng(shape.getBounds().getCenter()).setContent(card(shape.feature, (each) => this.like(each))).openOn(this.view.map);
    tell(`Tile: ${nameOf(feature)}`);
  }

  like(feature) {
    form.elements.q.value = "";
    form.elements.like.value = feature.id;
    this.ask(false);
  }

  #listen() {
    const { view } = this;
    view.addEventListener("move", () => { clearTimeout(this.settling); this.settling = setTimeout(() => this.#follow(), SETTLED); });
    view.addEventListener("pick", (event) => this.open(event.detail));
    view.addEventListener("point", (event) => { view.point(event.detail); this.list.point(event.detail); });
    form.addEventListener("submit", (event) => { event.preventDefault(); if (form.elements.q.value.trim()) form.elements.like.value = ""; this.ask(); });
    for (const name of ["collection", "date", "label"]) form.elements[name].addEventListener?.("change", () => this.ask(false));
    for (const radio of form.querySelectorAll("[type=radio]")) radio.addEventListener("change", () => this.ask(false));
    byId("place-heat").addEventListener("change", () => this.ask(false));
    byId("place-outlines").addEventListener("change", (event) => { view.outlined = event.target.checked; view.restyle(); });
    byId("place-opacity").addEventListener("input", (event) => view.fade(Number(event.target.value) / 100));
    byId("place-clear").addEventListener("click", () => { form.elements.q.value = form.elements.like.value = ""; byId("place-heat").checked = false; this.ask(false); });
    byId("place-anywhere").addEventListener("click", () => { for (const name of ["near", "box"]) form.elements[name].value = ""; this.ask(); });
    const buttons = { "place-in": () => view.map.zoomIn(), "place-out": () => view.map.zoomOut(), "place-whole": () => view.fit(), "place-box": () => this.drawing.begin(!this.drawing.on) };
    for (const [id, act] of Object.entries(buttons)) byId(id).addEventListener("click", act);
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") this.drawing.begin(false);
    else if (event.key === "0") this.view.fit();
    else if (event.key.toLowerCase() === "b") this.drawing.begin(!this.drawing.on);
  }
}

const told = byId("places") && (await ask("/v1/places").catch(complain));
if (told) {
  const places = new Places(told);
  window.mindseyePlaces = places; // for tests
  await places.ask();
}
