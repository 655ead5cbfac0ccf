// Public form: photos become at most 1280 px and about 200 KB before they are sent. Without this the server shrinks.
const LONGEST = 1280;
const SMALL = 200_000;

async function shrink(file) {
  if (!file.type.startsWith("image/")) return file;
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  let blob = null;
  for (const quality of [0.7, 0.5, 0.3]) {
    blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (!blob || blob.size <= SMALL) break;
  }
  const name = file.name.replace(/\.\w+$/, "") + ".jpg";
  return blob && blob.size < file.size ? new File([blob], name, { type: "image/jpeg" }) : file;
}

for (const input of document.querySelectorAll("input[type=file][data-shrink]")) {
  input.addEventListener("change", async () => {
    const chosen = new DataTransfer();
    for (const file of input.files) chosen.items.add(await shrink(file).catch(() => file));
    input.files = chosen.files;
  });
}
document.querySelector("[data-focus-first]")?.focus();
