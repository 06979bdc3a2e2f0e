// The pages work without this file; it only saves steps.
const summary = document.querySelector(".govuk-error-summary");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}

// A second press on a button that is already working sends nothing twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  else if (form.method === "post") form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// Pages that wait for a running month look again by themselves.
const waiting = document.querySelector("[data-refresh]");
if (waiting) setTimeout(() => location.reload(), 1000 * Number(waiting.dataset.refresh));

// Filters are folded on a phone, also when it is turned; without scripts they stay open
const narrow = window.matchMedia("(max-width: 47em)");
const foldFilters = () => {
  document.querySelectorAll("details[data-fold]").forEach((fold) => { fold.open = !narrow.matches });
};
if (narrow.matches) foldFilters();
narrow.addEventListener("change", foldFilters);
