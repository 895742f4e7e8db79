// What every page does: tell what changed to those who do not see it.

/** Say a short text through the page's live region. */
export function tell(text) {
  const place = document.getElementById("told");
  if (place && place.textContent !== text) place.textContent = text;
}

/** Whether keys typed now go into a field, so that they are no commands. */
export function isTyping(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    const box = document.getElementById("q");
    if (box) { event.preventDefault(); box.focus(); box.select(); } else location.assign("/");
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  }
});

// Where a change of a field is meant as an answer, the form need not be sent by hand.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-submits]")) event.target.form.requestSubmit();
});

// A click on what lies behind a dialog closes it.
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});
