// Studies: one that is being made is followed, links are copied.
import { tell } from "./everywhere.js";

const making = document.querySelector("[data-study-job]");
if (making) follow(making);

/** Follow the job that makes a study; when it is done, show the study. */
function follow(place) {
  const address = `/v1/jobs/${place.dataset.studyJob}`;
  const events = new EventSource(`${address}/events`);
  const bar = place.querySelector("progress");
  events.addEventListener("progress", (event) => {
    const job = JSON.parse(event.data);
    if (job.state === "waiting" || !job.total) return;
    bar.max = job.total;
    bar.value = job.done;
  });
  events.addEventListener("end", (event) => {
    events.close();
    const job = JSON.parse(event.data);
    if (job.state === "done") { location.assign(`/studies/${place.dataset.study}`); return; }
    bar.hidden = true;
    const what = job.error?.message ?? "Stopped; what was imagined till then is kept";
    place.querySelector("h2").textContent = `“${place.dataset.study}” was not made`;
    place.querySelector("[data-state]").hidden = true;
    place.querySelector("[data-what]").textContent = begun(what);
    place.querySelector("[data-hint]").textContent = job.error?.hint ? `${begun(job.error.hint)}.` : "";
    place.querySelector(".notice").hidden = false;
    place.querySelector("[data-stop-study]").hidden = true;
    tell(what);
  });
  place.querySelector("[data-stop-study]").addEventListener("click", (event) => {
    event.currentTarget.disabled = true;
    fetch(address, { method: "DELETE" });
  });
}

function begun(text) { return text[0].toUpperCase() + text.slice(1); }

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const link = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(link);
    tell("Link copied");
    button.classList.add("done");
    button.lastChild.textContent = " Copied";
  } catch { // no clipboard without a secure context: show it, selected
    const field = Object.assign(document.createElement("input"), { value: link, readOnly: true });
    field.setAttribute("aria-label", button.getAttribute("aria-label"));
    button.replaceWith(field);
    field.select();
  }
});

// Confounders are no matter of the question of categories.
const against = document.querySelector("[data-confounders]");
if (against) {
  const fit = () => { against.hidden = document.querySelector("[name=question]:checked").value === "category"; };
  document.addEventListener("change", fit);
  fit();
}
