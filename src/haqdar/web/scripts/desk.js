// An officer's keys: every one only saves steps, all of it can be done without this file.
// They can be switched off (in the help that ? opens), because they get in the way of speech input.
const OFF = "haqdar-keys-off";
const keysOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };

const rows = [...document.querySelectorAll("[data-rows] > tbody > tr")];
const tick = (row) => row.querySelector("input.tick");
const bar = document.getElementById("work-bar");
const said = bar?.querySelector(".work-bar__count");
const unsaid = said?.textContent;
let at = -1;

const go = (to) => {
  if (!rows.length) return;
  rows[at]?.classList.remove("row--current");
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows[at].classList.add("row--current");
  rows[at].querySelector("a")?.focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
};

const count = () => {
  const ticked = rows.filter((row) => tick(row)?.checked);
  for (const row of rows) row.classList.toggle("row--chosen", !!tick(row)?.checked);
  if (said) said.textContent = ticked.length ? bar.dataset.chosen.replace("{count}", ticked.length) : unsaid;
};

const choose = (row) => {
  const box = tick(row);
  if (box) { box.checked = !box.checked; count(); } else row.classList.toggle("row--picked");
};

const chooseAll = () => {
  const boxes = rows.map(tick).filter(Boolean);
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
  count();
};

const follow = (selector) => {
  const link = document.querySelector(selector);
  if (link) link.click();
  return !!link;
};

const help = () => {
  const keys = document.getElementById("keys");
  if (!keys) return false;
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
  keys.scrollIntoView({ block: "nearest" });
  return true;
};

let before = "";
const actions = {
  j: () => go(at + 1),
  k: () => go(at - 1),
  x: () => at >= 0 && choose(rows[at]),
  a: () => rows.length && chooseAll(),
  b: () => bar && bar.querySelector("button")?.focus(),
  n: () => follow("main a[rel=next]"),
  p: () => follow("main a[rel=prev]"),
  u: () => follow("main .govuk-back-link"),
  Enter: () => (at >= 0 ? rows[at].querySelector("a")?.click() : follow("main a[data-next]")),
  "/": () => {
    const box = document.getElementById("q");
    const fold = box?.closest("details");
    if (fold) fold.open = true;
    box?.focus();
    box?.select();
  },
  "?": help,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keysOff()) return;
  const on = event.target;
  if (on.closest("select, textarea, dialog") || (on.closest("input") && !on.matches(".tick"))) return;
  const held = before;
  before = event.key;
  if (held === "g" && event.key === "d") { location.assign("/desk/"); event.preventDefault(); return; }
  if (event.key === "Enter" && on.closest("a, button, summary, input")) return;
  const action = actions[event.key];
  if (!action || (on.closest("button, summary") && event.key === "Enter")) return;
  if (event.key.length === 1 || on === document.body || on.closest("main, body")) {
    event.preventDefault();
    action();
  }
});

for (const row of rows) {
  row.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, label, select") || String(getSelection())) return;
    const box = tick(row);
    // beside the box is meant for the box
    if (box && box.closest("td") === event.target.closest("td")) choose(row);
    else row.querySelector("a")?.click();
  });
}

// Shift and click chooses everything since the last box
let last = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest?.("input.tick[name=key]");
  if (!box) return;
  const here = rows.findIndex((row) => tick(row) === box);
  if (event.shiftKey && last !== null) {
    for (const row of rows.slice(Math.min(last, here), Math.max(last, here) + 1)) tick(row).checked = box.checked;
  }
  last = here;
  count();
});

const button = document.querySelector("[data-keys-off]");
if (button) {
  const word = () => { button.textContent = keysOff() ? button.dataset.keysOn : button.dataset.keysOff; };
  button.hidden = false;
  word();
  button.addEventListener("click", () => {
    try { localStorage.setItem(OFF, keysOff() ? "0" : "1"); } catch { /* private windows keep nothing */ }
    word();
  });
}

if (bar) { count(); addEventListener("pageshow", count); }
