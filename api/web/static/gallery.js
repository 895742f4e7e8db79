// The gallery by keyboard, and the drawer that tells where an item came from.
import { isTyping, tell } from "./everywhere.js";

const drawer = document.getElementById("drawer");
const cards = () => [...document.querySelectorAll("[data-gallery] > li:not(.more) > [data-item]")];
let opener = null;

/** Repeat in the drawer how near the item is to what was asked, if it is one of the answer. */
function tellMatch(id) {
  const match = cards().find((each) => each.dataset.item === String(id))?.closest("li").querySelector(".match");
  const place = drawer.querySelector("[data-match]");
  if (!match || !place) return;
  place.append(match.cloneNode(true));
  place.hidden = false;
}

async function open(id, push = true) {
  const answer = await fetch(`/items/${id}`, { headers: { "HX-Request": "true" } });
  drawer.innerHTML = await answer.text(); // rendered, and escaped, by this page's own server
  window.htmx?.process(drawer);
  tellMatch(id);
  // One step back closes the drawer, however many items were looked at in it.
  if (push) history[drawer.open ? "replaceState" : "pushState"]({ item: id }, "", `/items/${id}`);
  if (!drawer.open) drawer.showModal();
  drawer.scrollTop = 0;
  drawer.querySelector("[autofocus]")?.focus();
}

// Links to items open the drawer, unless they are to open elsewhere.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-item]");
  if (link && drawer && !(event.ctrlKey || event.metaKey || event.shiftKey || event.button)) {
    event.preventDefault();
    if (!drawer.open) opener = link;
    open(link.dataset.item);
  }
  if (event.target.closest("[data-close]")) drawer?.close();
});

drawer?.addEventListener("close", () => {
  drawer.replaceChildren();
  if (history.state?.item) history.back();
  opener?.focus();
});
window.addEventListener("popstate", (event) => {
  if (event.state?.item) open(event.state.item, false);
  else if (drawer?.open) drawer.close();
});

/** The card that lies in a direction from another one: the nearest of the next row, or the neighbour in its own. */
function towards(from, key, all) {
  const place = all.indexOf(from);
  if (key === "ArrowRight") return all[place + 1];
  if (key === "ArrowLeft") return all[place - 1];
  const here = from.getBoundingClientRect();
  const middle = here.left + here.width / 2;
  const down = key === "ArrowDown";
  const beyond = all.map((card) => [card, card.getBoundingClientRect()]).filter(([, box]) => (down ? box.top > here.top + 8 : box.top < here.top - 8));
  const row = down ? Math.min(...beyond.map(([, box]) => box.top)) : Math.max(...beyond.map(([, box]) => box.top));
  const inRow = beyond.filter(([, box]) => Math.abs(box.top - row) < 8);
  inRow.sort(([, a], [, b]) => Math.abs(a.left + a.width / 2 - middle) - Math.abs(b.left + b.width / 2 - middle));
  return inRow[0]?.[0];
}

// In the drawer, left and right go to the neighbours.
drawer?.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const all = cards();
  const next = step && all[all.findIndex((each) => each.dataset.item === String(history.state?.item)) + step];
  if (!next || event.target.closest(".text")) return;
  event.preventDefault();
  opener = next;
  history.replaceState({ item: next.dataset.item }, "", `/items/${next.dataset.item}`);
  open(next.dataset.item, false);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const all = cards();
  const here = all.includes(document.activeElement) ? document.activeElement : null;
  if (["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"].includes(event.key) && all.length) {
    const inPage = document.activeElement === document.body || document.activeElement?.id === "main" || here;
    if (!inPage) return;
    const next = here ? towards(here, event.key, all) : all[0];
    if (next) { event.preventDefault(); next.focus(); next.scrollIntoView({ block: "nearest" }); }
  } else if (event.key === "s" && here) {
    here.closest("li").querySelector("[data-similar]")?.click();
  }
});

// After "show more": say so, and go on at the first new card.
document.addEventListener("htmx:afterSwap", (event) => {
  const list = event.detail.target?.closest?.("[data-gallery]") ?? document.querySelector("[data-gallery]");
  if (event.detail.pathInfo?.requestPath?.startsWith("/more")) tell(`${list.querySelectorAll("[data-item]").length} results are shown`);
});
