// What every page does: tell what changed to those who do not see it.

/** Say a short text through the page's live region. */
export function tell(text) {
  const place = document.getElementById("told");
  if (place && place.textContent !== text) place.textContent = text;
}
