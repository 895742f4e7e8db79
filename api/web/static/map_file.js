// The map in a file of its own: all of it is in the file, nothing is fetched.
import { byId } from "./elements.js";
import { Panel, readMap } from "./map_panel.js";

const told = JSON.parse(byId("map-data").textContent);
const panel = new Panel(readMap(told), told.sheets, null, () => null);
window.mindseyeMap = panel; // for measurements

byId("map-search").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("map-query").value.trim().toLowerCase();
  const among = (i) => `${told.title[i]} ${told.groups[told.group[i]] ?? ""} ${told.text[i]}`.toLowerCase();
  const found = text ? told.title.map((_, i) => i).filter((i) => among(i).includes(text)) : [];
  panel.choose(found, text ? `with “${text}”` : "");
  panel.stage.goTo(found);
});
