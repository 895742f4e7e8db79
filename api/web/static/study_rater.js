// One question: keys choose, the time counts from when the pictures are seen, an answer is sent once.
const form = document.querySelector("form[data-question]");
const choices = [...form.querySelectorAll("button[name=place]")];
let seen = null; // ms on the page's own clock

const pictures = [...form.querySelectorAll("[data-shown]")];
Promise.allSettled(pictures.map((each) => each.decode())).then(() => {
  requestAnimationFrame(() => requestAnimationFrame(() => { seen = performance.now(); fetchNext(); }));
});

/** Let the browser keep what comes next: its time is not to count the way over the network. */
function fetchNext() {
  for (let place = 0; form.dataset.next && place < Number(form.dataset.pictures); place += 1) {
    new Image().src = form.dataset.next + place;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || seen === null) return;
  const arrow = choices.length === 2 && form.querySelector(".two") ? ["ArrowLeft", "ArrowRight"].indexOf(event.key) : -1;
  const digit = form.querySelector(".many") ? "123456789".indexOf(event.key) : -1;
  const chosen = choices[Math.max(arrow, digit)];
  if (!chosen) return;
  event.preventDefault();
  chosen.click();
});

form.addEventListener("submit", (event) => {
  if (form.dataset.sent !== undefined) { event.preventDefault(); return; }
  form.dataset.sent = "";
  event.submitter?.classList.add("chosen");
  if (seen !== null) form.elements.response_ms.value = String(Math.round(performance.now() - seen));
});

// Going back shows the next question, not one that is answered.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
