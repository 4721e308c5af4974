// Picking alerts: one box for all on the page.
const form = document.querySelector("[data-picks]");
const all = form?.querySelector("[data-pick-all]");

if (all) {
  all.hidden = false;
  all.querySelector("input").addEventListener("change", (event) => {
    for (const box of form.querySelectorAll('[name="pick"]')) box.checked = event.target.checked;
  });
}
