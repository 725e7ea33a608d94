// A button with data-marks marks all rows of its form on this page; when all are marked, none.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-marks]");
  if (!button) return;
  const boxes = [...button.form.elements].filter((box) => box.matches("td.mark input"));
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
});
