// What stands beside the map of places: hits as a list, the legend of words, the card of a tile.
import { byId, element } from "./elements.js";

const SHOWN_WORDS = 11;
const percent = (share) => (share > 0 && share < 0.01 ? "under 1 %" : `${Math.round(100 * share)} %`);

/** What a tile is called: its words, or where it lies in its raster. */
export function nameOf({ properties }) {
  return properties.labels.length ? properties.labels.join(", ") : "no label";
}

/** Where a tile lies and when it was taken, for people; a line ends between the two, not within. */
function whereOf({ geometry, properties }) {
  const ring = geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2).slice(0, -1), mean = (axis) => ring.reduce((sum, corner) => sum + corner[axis], 0) / ring.length;
  const degrees = (value, signs) => `${Math.abs(value).toFixed(4)}° ${signs[value < 0 ? 1 : 0]}`;
  const [place, date] = [`${degrees(mean(1), "NS")}, ${degrees(mean(0), "EW")}`, properties.date?.slice(0, 10)];
  return [element("span", { class: "unbroken" }, place), ...(date ? [" · ", element("span", { class: "unbroken" }, date)] : [])];
}

function scoreOf({ properties }) {
  const { score, probability } = properties;
  if (score === undefined) return "";
  return (probability === null || probability === undefined ? "" : `${percent(probability)} · `) + score.toFixed(2);
}

function picture(feature, side, alt = "") {
  const address = feature.properties.links.thumbnail;
  if (!address) return element("span", { class: "withheld", title: "Its folder is not served" }, "–");
  return element("img", { src: address, alt, width: side, height: side, loading: "lazy", decoding: "async" });
}

/** The hits beside the map; told what to do when one is pointed at or picked. */
export class HitList {
  constructor(place, pointed, picked) {
    this.place = place;
    this.entries = new Map();
    const of = (event) => this.features?.get(Number(event.target.closest?.("[data-tile]")?.dataset.tile));
    for (const kind of ["pointerover", "focusin"]) place.addEventListener(kind, (event) => pointed(of(event) ?? null));
    for (const kind of ["pointerleave", "focusout"]) place.addEventListener(kind, () => pointed(null));
    place.addEventListener("click", (event) => { const feature = of(event); if (feature) picked(feature); });
  }

  show(features) {
    this.features = new Map(features.map((each) => [each.id, each]));
    this.entries = new Map(features.map((each) => [each.id, this.#entry(each)]));
    this.place.replaceChildren(...this.entries.values());
  }

  #entry(feature) {
    const score = element("span", { class: "quiet number", title: "How likely it is what was asked, where that is known, and its score" }, scoreOf(feature));
    const told = element("span", { class: "place-told" }, element("span", { class: "place-name" }, element("strong", { title: nameOf(feature) }, nameOf(feature)), score), element("span", { class: "quiet" }, ...whereOf(feature)));
    return element("li", {}, element("button", { type: "button", class: "bare place-hit", "data-tile": feature.id }, picture(feature, 56), told));
  }

  /** Show which entry is of the tile that is pointed at on the map. */
  point(feature) {
    this.place.querySelector(".pointed")?.classList.remove("pointed");
    const entry = feature && this.entries.get(feature.id);
    if (!entry) return;
    entry.classList.add("pointed");
    this.place.scrollTop += Math.min(0, entry.offsetTop - this.place.scrollTop) + Math.max(0, entry.offsetTop + entry.offsetHeight - this.place.scrollTop - this.place.clientHeight);
  }
}

/** Show which colour is which word, and how many tiles have it; changed(place, shown) is told when one is hidden. */
export function legend(words, counts, hidden, changed) {
  const entry = (place, name, count) => {
    const box = element("input", { type: "checkbox" });
    box.checked = !hidden.has(place);
    box.addEventListener("change", () => changed(place, box.checked));
    return element("li", {}, element("label", {}, box, element("span", { class: `map-dot place-hue-${place}` }), element("span", { class: "map-legend-name" }, name), element("span", { class: "quiet number" }, count)));
  };
  const named = words.slice(0, SHOWN_WORDS).map((word, place) => entry(place, word, String(counts.get(word) ?? 0)));
  byId("place-legend").replaceChildren(...named, entry(SHOWN_WORDS, words.length > SHOWN_WORDS ? "other words, or none" : "no label", ""));
}

/** What is known of a tile, to be shown on the map; similar(feature) searches for what is like it. */
export function card(feature, similar) {
  const { labels, cover, uri, place, heat, score } = feature.properties;
  const name = nameOf(feature);
  const rows = labels.map((word) => element("li", {}, element("span", {}, word), word in cover ? element("meter", { min: 0, max: 1, value: cover[word], "aria-label": `Share of the tile: ${word}` }) : "", element("span", { class: "quiet number" }, word in cover ? percent(cover[word]) : "")));
  const file = decodeURIComponent(uri.split("/").at(-1));
  const like = element("button", { type: "button", class: "small" }, "Similar here");
  like.addEventListener("click", () => similar(feature));
  return element(
    "article", { class: "place-card", "aria-label": `Tile: ${name}` },
    picture(feature, 176, `Tile of ${file}${labels.length ? `, labelled ${labels.join(", ")}` : ""}`),
    rows.length ? element("ul", { class: "plain place-cover" }, ...rows) : element("p", {}, "No label"),
    element("p", { class: "quiet small" }, ...whereOf(feature)),
    element("p", { class: "quiet small mono" }, file, place ? ` ${place}` : ""),
    heat === undefined ? "" : element("p", { class: "small" }, `Score ${score.toFixed(2)}`),
    element("div", { class: "buttons" }, element("a", { class: "button primary small", href: `/items/${feature.id}`, "data-item": feature.id }, "Open"), like),
  );
}
