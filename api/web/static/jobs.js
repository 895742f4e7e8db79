// Work that goes on: followed through server-sent events, shown step by step, stopped when asked.
import { tell } from "./everywhere.js";

const SAID_EVERY = 25; // per cent, to those who do not see the bar

/** Follow the job of an element with data-job: its bar, its picture, its end. */
function follow(place) {
  const events = new EventSource(`/v1/jobs/${place.dataset.job}/events`);
  const bar = place.querySelector("progress");
  const share = place.querySelector("[data-percent]");
  let said = 0;
  events.addEventListener("progress", (event) => {
    const job = JSON.parse(event.data);
    if (job.state === "waiting" || !job.total) return;
    bar.max = job.total;
    bar.value = job.done;
    const percent = Math.floor((100 * job.done) / job.total);
    if (share) share.textContent = place.dataset.counts ? `${Math.floor(job.done)} of ${job.total}` : `${percent} %`;
    if (percent >= said + SAID_EVERY) { said = percent; tell(`${place.dataset.what}: ${percent} per cent`); }
  });
  events.addEventListener("picture", (event) => {
    const image = place.querySelector("[data-emerging]");
    if (image) { image.src = JSON.parse(event.data).src; image.hidden = false; }
  });
  events.addEventListener("end", async (event) => {
    events.close();
    place.removeAttribute("data-leaving-stops");
    const answer = await fetch(`/jobs/${place.dataset.job}`, { headers: { "HX-Request": "true" } });
    if (!place.isConnected) return;
    const shell = document.createElement("template");
    shell.innerHTML = await answer.text(); // rendered, and escaped, by this page's own server
    const next = shell.content.firstElementChild;
    place.replaceWith(next);
    window.htmx?.process(next);
    tell(next.dataset.told ?? `${place.dataset.what}: ${JSON.parse(event.data).state}`);
  });
  window.addEventListener("pagehide", () => events.close());
}

function followAll(root) {
  for (const place of root.querySelectorAll("[data-job]:not([data-followed])")) {
    place.dataset.followed = "true";
    follow(place);
  }
}

const stop = (id) => fetch(`/v1/jobs/${id}`, { method: "DELETE", keepalive: true });

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-stop]");
  if (!button) return;
  button.disabled = true;
  stop(button.closest("[data-job]").dataset.job);
});
window.addEventListener("pageshow", (event) => { if (event.persisted && document.querySelector("[data-job]")) location.reload(); });
// A picture that nobody waits for any more is not imagined to its end.
window.addEventListener("pagehide", () => {
  for (const place of document.querySelectorAll("[data-leaving-stops]")) stop(place.dataset.job);
});

document.addEventListener("htmx:afterSwap", () => followAll(document));
followAll(document);
// "auto": what no picture shows is imagined without being asked.
window.addEventListener("load", () => document.querySelector("form[data-imagine=auto]")?.requestSubmit());
