// Works out the robot check while the person types: finds the number whose SHA-256 with the salt is the challenge.
// Own SHA-256: crypto.subtle is missing on plain http and slower for many short texts.
const K = new Uint32Array(64), START = new Uint32Array(8);
for (let found = 0, n = 2; found < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
  if (!prime) continue;
  if (found < 8) START[found] = (n ** 0.5 % 1) * 2 ** 32;
  K[found++] = (Math.cbrt(n) % 1) * 2 ** 32;
}
const w = new Uint32Array(64);
const turn = (x, n) => (x >>> n) | (x << (32 - n));

function sha256(text) {
  const length = text.length, blocks = ((length + 8) >> 6) + 1;
  const words = new Uint32Array(blocks * 16), h = START.slice();
  for (let i = 0; i < length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - (i & 3) * 8);
  words[length >> 2] |= 0x80 << (24 - (length & 3) * 8);
  words[blocks * 16 - 1] = length * 8;
  for (let at = 0; at < words.length; at += 16) {
    for (let i = 0; i < 64; i++) {
      if (i < 16) w[i] = words[at + i];
      else {
        const a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
      }
    }
    let [a, b, c, d, e, f, g, i] = h;
    for (let r = 0; r < 64; r++) {
      const one = (i + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[r] + w[r]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      i = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, i].forEach((value, place) => { h[place] += value; });
  }
  return h;
}

for (const box of document.querySelectorAll("[data-robot]")) {
  const { algorithm, challenge, maxNumber, salt, signature } = JSON.parse(box.dataset.robot);
  const form = box.closest("form"), field = box.querySelector("input"), said = box.querySelector("[role=status]");
  const wanted = [...Array(8)].map((_, i) => parseInt(challenge.slice(8 * i, 8 * i + 8), 16));
  let number = 0, pressed = null;
  box.hidden = false;
  const work = () => {
    const until = performance.now() + 40;
    for (; number <= maxNumber && performance.now() < until; number++) {
      const found = sha256(salt + number);
      if (found.every((value, place) => value === wanted[place])) {
        field.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
        said.textContent = box.dataset.ready;
        if (pressed) form.requestSubmit(pressed.button);
        return;
      }
    }
    if (number <= maxNumber) setTimeout(work, 10);
  };
  // sent before it is done: it goes out by itself as soon as it is
  form.addEventListener("submit", (event) => {
    if (field.value || event.submitter?.formNoValidate) return;
    event.preventDefault();
    event.stopPropagation();
    pressed = { button: event.submitter };
  });
  setTimeout(work, 100);
}
