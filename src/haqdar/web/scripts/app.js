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

// Lists: j and k move, Enter opens, x marks; marks are only on screen.
const rows = [...document.querySelectorAll("[data-rows] > tbody > tr")];
if (rows.length) {
  let at = -1;
  const go = (to) => {
    rows[at]?.classList.remove("row--current");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("row--current");
    rows[at].scrollIntoView({ block: "nearest" });
    rows[at].querySelector("a")?.focus({ preventScroll: true });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, button")) return;
    if (event.key === "j") go(at + 1);
    else if (event.key === "k") go(at - 1);
    else if (event.key === "x" && at >= 0) rows[at].classList.toggle("row--picked");
    else if (event.key === "Enter" && at >= 0 && !event.target.closest("a")) rows[at].querySelector("a")?.click();
    else return;
    event.preventDefault();
  });
  for (const row of rows) {
    row.addEventListener("click", (event) => {
      if (!event.target.closest("a, button") && !String(getSelection())) row.querySelector("a")?.click();
    });
  }
}

// Filters are folded on a phone; without scripts they stay open
if (window.matchMedia("(max-width: 47em)").matches) {
  document.querySelectorAll("details[data-fold]").forEach((fold) => { fold.open = false })
}
