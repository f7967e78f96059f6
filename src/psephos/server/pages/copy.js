// The button that copies what stands above it. It is hidden where this does not run.
for (const button of document.querySelectorAll("button[data-copies]")) {
  const from = document.getElementById(button.dataset.copies);
  const done = document.getElementById(`${button.dataset.copies}-copied`);
  if (!from || !done || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(from.textContent);
    done.hidden = false;
  });
}
