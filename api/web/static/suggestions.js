// Suggestions below the search box: a list that arrow keys go through, as the ARIA pattern of a combobox wants it.

const box = document.getElementById("q");
const list = document.getElementById("suggestions");
const WAIT = 90; // ms after the last key
let timer = 0;
let asking = null;
let chosen = -1;

const options = () => [...list.children];

function close() {
  list.hidden = true;
  chosen = -1;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

function choose(number) {
  const all = options();
  chosen = (number + all.length) % all.length;
  all.forEach((each, place) => each.setAttribute("aria-selected", String(place === chosen)));
  box.setAttribute("aria-activedescendant", all[chosen].id);
  all[chosen].scrollIntoView({ block: "nearest" });
}

function take(option) {
  box.value = option.dataset.text;
  close();
  box.form.requestSubmit();
}

async function suggest() {
  asking?.abort();
  const typed = box.value;
  if (!typed.trim()) return close();
  asking = new AbortController();
  try {
    const answer = await fetch(`/suggest?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
    if (!answer.ok || box.value !== typed || document.activeElement !== box) return;
    list.innerHTML = await answer.text(); // rendered, and escaped, by this page's own server
    chosen = -1;
    list.hidden = !list.children.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

box?.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(suggest, WAIT); });
box?.addEventListener("blur", () => { clearTimeout(timer); asking?.abort(); close(); });
box?.addEventListener("keydown", (event) => {
  if (list.hidden) return;
  if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
  else if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? -1 : chosen - 1); }
  else if (event.key === "Escape") { event.preventDefault(); close(); }
  else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(options()[chosen]); }
});
list?.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
list?.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) take(option);
});
