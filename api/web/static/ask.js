// Asking: addresses without empty fields, and pictures that are dropped, pasted or chosen.

const form = document.getElementById("ask");
const pictureForm = document.getElementById("picture-form");
const drop = document.getElementById("drop");

// Fields left empty are not sent, so that links stay short.
form?.addEventListener("submit", () => {
  const empty = [...form.elements].filter((each) => each.name && (each.value === "" || (each.name === "sort" && each.value === "likeness")));
  for (const each of empty) each.disabled = true;
  // A new text is a new question: no more like the item, or the picture, that asked before.
  const box = document.getElementById("q");
  if (box.value.trim() && box.value !== box.defaultValue) {
    for (const each of form.elements) if (["like", "picture", "sense"].includes(each.name)) each.disabled = true;
  }
});
window.addEventListener("pageshow", () => { for (const each of form?.elements ?? []) each.disabled = false; });

const isPicture = (file) => file.type.startsWith("image/") || /\.(jpe?g|png|webp|gif|bmp|tiff?|heic|avif)$/i.test(file.name);

function searchBy(files) {
  const picture = [...files].find(isPicture);
  if (!picture) return false;
  const carrier = new DataTransfer();
  carrier.items.add(picture);
  pictureForm.elements.picture.files = carrier.files;
  pictureForm.submit();
  return true;
}

document.querySelector("[data-choose-picture]")?.addEventListener("click", () => pictureForm.elements.picture.click());
pictureForm?.elements.picture.addEventListener("change", (event) => { if (event.target.files.length) pictureForm.submit(); });

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragenter", (event) => { if (carriesFiles(event)) drop.hidden = false; });
document.addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.hidden = true; });
document.addEventListener("drop", (event) => {
  drop.hidden = true;
  if (carriesFiles(event)) { event.preventDefault(); searchBy(event.dataTransfer.files); }
});
document.addEventListener("paste", (event) => {
  if (searchBy(event.clipboardData?.files ?? [])) event.preventDefault();
});
