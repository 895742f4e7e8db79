// The map on its page: fetched, made when there is none, searched by meaning, gathered from.
import { tell } from "./everywhere.js";
import { byId, element } from "./elements.js";
import { Panel, readMap } from "./map_panel.js";

const FOUND = 200, FEW = 8; // hits that are marked, at most and at least
const LIKELY = 0.4;

async function ask(address, options) {
  const answer = await fetch(address, options);
  const told = await answer.json();
  if (!answer.ok) throw new Error([told.error?.message, told.error?.hint].filter(Boolean).join("; "));
  return told;
}

const post = (address, values) => ask(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) });

function complain(error) {
  byId("map-trouble").textContent = error.message;
  byId("map-trouble").hidden = false;
}

/** Let the map be made or brought up to date; its progress is shown meanwhile. */
async function make(refit) {
  const work = byId("map-work");
  const job = await post("/v1/map", { refit });
  work.hidden = false;
  byId("map-stop").onclick = () => fetch(`/v1/jobs/${job.id}`, { method: "DELETE" });
  tell("The map is being drawn");
  await new Promise((resolve) => {
    const events = new EventSource(`/v1/jobs/${job.id}/events`);
    events.addEventListener("progress", (event) => {
      const told = JSON.parse(event.data);
      byId("map-progress").max = told.total || 1;
      byId("map-progress").value = told.done;
    });
    events.addEventListener("end", (event) => {
      events.close();
      work.hidden = true;
      const ended = JSON.parse(event.data);
      if (ended.error) complain(new Error(ended.error.message));
      resolve();
    });
  });
}

function advise(told) {
  const news = byId("map-news");
  news.hidden = !told.added;
  byId("map-added").textContent = `${told.added} of ${told.count} were added since the map was drawn. They lie near what they are like; the rest has not moved.`;
}

function show(told) {
  const map = readMap(told);
  byId("map-empty").hidden = map.count > 0;
  if (!map.count) return null;
  byId("map-body").hidden = false;
  const imagesOf = (i) => `/v1/items/${map.item[i]}/thumbnail`;
  const panel = new Panel(map, told.sheets, imagesOf, (i) => `/items/${map.item[i]}`);
  panel.pick = (i) => openItem(map.item[i]);
  window.mindseyeMap = panel; // for measurements
  advise(told);
  return panel;
}

/** The drawer opens as by a click on a link to the item. */
function openItem(id) {
  const link = element("a", { href: `/items/${id}`, "data-item": id, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}

/** The hits that are about what was asked; the first few where none may be. */
function telling(hits) {
  const likely = hits.filter((hit) => hit.probability === null || hit.probability >= LIKELY);
  return likely.length >= FEW ? likely : hits.slice(0, FEW);
}

/** An address may name a collection: it is shown with the words alone. */
function restricts(panel) {
  const { map } = panel, name = new URLSearchParams(location.search).get("collection");
  if (!name) return;
  const code = map.collections.indexOf(name), word = map.kinds.indexOf("word");
  panel.restrict((i) => map.collection[i] === code || map.kind[i] === word);
  byId("map-only").hidden = false;
  byId("map-only-name").textContent = code < 0 ? `Nothing on the map is of a collection “${name}”: the words alone.` : `Only “${name}” and the words are shown.`;
}

function searches(panel) {
  byId("map-search").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = byId("map-query").value.trim();
    if (!text) { panel.choose([], ""); return; }
    try {
      const told = await ask(`/v1/search?${new URLSearchParams({ q: text, limit: FOUND, imagine: "never" })}`);
      const found = telling(told.hits).map((hit) => panel.map.byItem.get(hit.item_id)).filter((i) => i !== undefined);
      panel.choose(found, `near “${text}”${told.decision.matched ? "" : ", though nothing may be about it"}`);
      panel.stage.goTo(found.slice(0, 10));
      tell(byId("chosen-count").textContent);
    } catch (error) { complain(error); }
  });
  byId("map-query").addEventListener("input", (event) => { if (!event.target.value) panel.choose([], ""); });
}

function gathers(panel) {
  byId("gather").addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = byId("gather-name").value.trim();
    if (!name || !panel.chosen.length) return;
    try {
      const items = panel.chosen.map((i) => panel.map.item[i]);
      const told = await post(`/v1/collections/${encodeURIComponent(name)}/items`, { items });
      const place = byId("gathered");
      place.replaceChildren(`${told.added} added to `, element("a", { href: `/?collection=${encodeURIComponent(name)}` }, name), told.unchanged ? `; ${told.unchanged} were in it` : "");
      tell(place.textContent);
    } catch (error) { complain(error); }
  });
}

async function begin() {
  let told = await ask("/v1/map");
  if (told.state === "none" || told.waiting) {
    await make(false);
    told = await ask("/v1/map");
  }
  const panel = show(told);
  if (!panel) return;
  restricts(panel);
  searches(panel);
  gathers(panel);
  byId("refit").addEventListener("click", async () => {
    byId("refit").disabled = true;
    try { await make(true); location.reload(); } catch (error) { complain(error); }
  });
}

begin().catch(complain);
