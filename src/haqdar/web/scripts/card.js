// Checks a household card without network: QR code -> Base45 -> zlib -> CBOR (CWT, COSE_Sign1, ES256) -> WebCrypto -> words.
// Nothing that is checked leaves the device. `jsqr` is put in by the build where the browser has no reader of its own.
import jsQR from "jsqr";

const root = document.getElementById("card-check");
const words = JSON.parse(root.dataset.words), keys = JSON.parse(root.dataset.keys), language = document.documentElement.lang;
const result = document.getElementById("result"), video = document.getElementById("video");
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", MOST = 16384;

class Bad extends Error {}

function fromBase45(text) {
  const out = [], values = [...text].map((sign) => ALPHABET.indexOf(sign));
  if (values.includes(-1)) throw new Bad("not_a_card");
  for (let at = 0; at < values.length; at += 3) {
    const [a, b, c] = values.slice(at, at + 3);
    const number = a + (b ?? NaN) * 45 + (c ?? 0) * 2025;
    if (!(number <= (c === undefined ? 255 : 65535))) throw new Bad("not_a_card");
    if (c === undefined) out.push(number); else out.push(number >> 8, number & 255);
  }
  return new Uint8Array(out);
}

async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await stream.read();
    if (done) break;
    size += value.length;
    if (size > MOST) { await stream.cancel(); throw new Bad("not_a_card"); }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

// The part of CBOR (RFC 8949) that a token uses: definite lengths, no floats.
function cbor(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (count) => {
    if (at + count > bytes.length) throw new Bad("not_a_card");
    at += count;
    return at - count;
  };
  const item = (depth) => {
    const head = view.getUint8(take(1)), kind = head >> 5, small = head & 31;
    let number = small;
    if (depth > 12 || small > 27) throw new Bad("not_a_card");
    if (small === 24) number = view.getUint8(take(1));
    else if (small === 25) number = view.getUint16(take(2));
    else if (small === 26) number = view.getUint32(take(4));
    else if (small === 27) number = Number(view.getBigUint64(take(8)));
    if (kind === 0) return number;
    if (kind === 1) return -1 - number;
    if (kind === 2) return bytes.slice(take(number), at);
    if (kind === 3) return new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(take(number), at));
    if (kind === 4 || kind === 5) {
      if (number > MOST) throw new Bad("not_a_card");
      const items = Array.from({ length: kind === 4 ? number : number * 2 }, () => item(depth + 1));
      return kind === 4 ? items : new Map(Array.from({ length: number }, (_, i) => [items[2 * i], items[2 * i + 1]]));
    }
    if (kind === 6) return { tag: number, value: item(depth + 1) };
    return { 20: false, 21: true }[number] ?? null;
  };
  const found = item(0);
  if (at !== bytes.length) throw new Bad("not_a_card");
  return found;
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// What is signed: ["Signature1", protected, h'', payload] (RFC 9052, 4.4)
function signedBytes(header, payload) {
  const bytesHead = (length) => length < 24 ? [0x40 + length] : length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255];
  return new Uint8Array([0x84, 0x6a, ...new TextEncoder().encode("Signature1"), ...bytesHead(header.length), ...header, 0x40,
    ...bytesHead(payload.length), ...payload]);
}

async function check(text) {
  if (!globalThis.crypto?.subtle || !globalThis.DecompressionStream) throw new Bad("no_crypto");
  let header, payload, signature, kid;
  try {
    let message = cbor(await unpacked(fromBase45(text.trim())));
    if (message.tag === 61) message = message.value;
    let unprotected;
    [header, unprotected, payload, signature] = message.tag === 18 ? message.value : [];
    const parameters = cbor(header);
    kid = parameters.get(4) ?? unprotected.get(4);
    if (parameters.get(1) !== -7 || signature.length !== 64) throw new Bad("not_a_card");
    kid = hex(kid);
  } catch {
    throw new Bad("not_a_card");
  }
  const key = keys.find((one) => one.kid === kid);
  if (!key) throw new Bad("unknown_key");
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const known = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x: key.x, y: key.y }, curve, false, ["verify"]);
  const fits = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, known, signature, signedBytes(header, payload));
  if (!fits) throw new Bad("forged");
  const claims = cbor(payload), identity = claims.get(169);
  const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  if (!(identity instanceof Map)) throw new Bad("not_a_card");
  const card = {
    number: identity.get(1), name: language === "hi" ? identity.get(4) : identity.get(19) || identity.get(4), place: identity.get(10),
    district: String(identity.get(21)).split("/")[0], from: day(claims.get(5)), to: day(claims.get(4)), serial: hex(claims.get(7)),
    members: identity.get(75) || [], held: identity.get(76) || [], signedBy: key.name,
  };
  if (card.from < key.from || card.from > key.to) throw new Bad("not_a_card");
  const today = new Date(Date.now() + 19800000).toISOString().slice(0, 10);
  card.list = await withdrawnIn(card.district);
  card.state = card.list && isOn(card.list, card.serial) ? "withdrawn"
    : card.to < today ? "expired" : card.from > today ? "early" : "right";
  return card;
}

// A list is the first five bytes of each serial, one after the other.
function isOn(list, serial) {
  const all = atob(list.cards), wanted = String.fromCharCode(...serial.slice(0, 10).match(/../g).map((byte) => parseInt(byte, 16)));
  for (let at = 0; at < all.length; at += 5) if (all.startsWith(wanted, at)) return true;
  return false;
}

async function withdrawnIn(district) {
  try {
    const answer = await fetch(`/card/withdrawn/${encodeURIComponent(district)}`);
    const list = answer.ok ? await answer.json() : null;
    // a list that this page cannot read is none
    return typeof list?.cards === "string" ? list : null;
  } catch {
    return null;
  }
}

const spoken = (day) => new Date(`${day}T00:00:00Z`).toLocaleDateString(language === "hi" ? "hi-IN-u-nu-latn" : "en-IN",
  { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

function element(name, text, kind, ...inside) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (kind) made.className = kind;
  made.append(...inside);
  return made;
}

function say(state, sentence, ...inside) {
  const right = state === "right", unsure = state === "expired" || state === "early" || state === "unsure";
  const kind = right ? "yes" : unsure ? "unsure" : "no";
  const head = element("p", `${right ? "✔" : unsure ? "?" : "✘"} ${sentence}`, "card-verdict__head");
  result.replaceChildren(element("div", null, `card-verdict card-verdict--${kind}`, head, ...inside));
  result.dataset.state = state;
  result.focus();
}

function show(card) {
  const rows = [card.number, card.name, card.place.replaceAll("\n", ", "), spoken(card.from), spoken(card.to), card.signedBy];
  const facts = element("dl", null, "govuk-summary-list", ...rows.map((value, at) => element("div", null, "govuk-summary-list__row",
    element("dt", words.labels[at], "govuk-summary-list__key"), element("dd", value, "govuk-summary-list__value"))));
  const people = element("ol", null, "card-people", ...card.members.map(([name, relation, sex, year, ending], at) => {
    const held = card.held.filter(([place]) => place === at).map(([, scheme]) => words.schemes[scheme] ?? scheme);
    const about = [words.relations[relation] ?? "–", words.sexes[sex] ?? "–", year || "–", `${words.heads[4]} ${ending}`].join(" · ");
    return element("li", null, "", element("strong", name), element("span", about, "quiet card-people__about"),
      ...held.map((scheme) => element("span", scheme, "card-people__held")));
  }));
  const old = card.list && Date.now() - Date.parse(card.list.on) > 8 * 86400000;
  const listed = card.state === "withdrawn" ? "" : !card.list ? words.no_list : [words.list_on.replace("%(day)s", spoken(card.list.on)),
    old && words.old_list, card.list.whole || words.part_list].filter((word) => word && word !== true).join(" ");
  say(card.state, words[card.state], element("p", listed), facts, element("h2", words.members, "govuk-heading-m"), people);
}

async function settle(text) {
  try {
    if (!text.trim()) throw new Bad("nothing");
    show(await check(text));
  } catch (error) {
    const state = error instanceof Bad ? error.message : "not_a_card";
    say(["no_code", "nothing", "no_crypto", "no_camera", "unknown_key"].includes(state) ? "unsure" : state, words[state] ?? words.not_a_card);
  }
}

async function codeIn(source, width, height) {
  try {
    if ("BarcodeDetector" in window) {
      const [found] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(source);
      if (found?.rawValue) return found.rawValue;
    }
  } catch { /* this browser promises a reader and has none */ }
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", { willReadFrequently: true });
  for (const side of source === video ? [900] : [1000, 1600, 700]) {
    const scale = Math.min(1, side / Math.max(width, height));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    const found = (jsQR.default ?? jsQR)(picture.data, canvas.width, canvas.height);
    if (found?.data) return found.data;
    if (scale === 1) break;
  }
  return "";
}

const form = document.getElementById("card-form"), camera = document.getElementById("camera");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  delete form.dataset.sent;
  settle(form.elements.code.value);
});
form.elements.picture.addEventListener("change", async () => {
  const file = form.elements.picture.files[0];
  if (!file) return;
  try {
    const picture = await createImageBitmap(file), text = await codeIn(picture, picture.width, picture.height);
    if (!text) throw new Bad("no_code");
    form.elements.code.value = text;
    await settle(text);
  } catch {
    say("unsure", words.no_code);
  }
});

let stream = null;
function close() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.hidden = true;
  camera.hidden = false;
}
async function look() {
  if (!stream) return;
  const text = video.videoWidth ? await codeIn(video, video.videoWidth, video.videoHeight) : "";
  if (text) {
    close();
    form.elements.code.value = text;
    await settle(text);
  } else setTimeout(look, 200);
}
if (navigator.mediaDevices?.getUserMedia) {
  camera.hidden = false;
  camera.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      video.srcObject = stream;
      video.hidden = false;
      camera.hidden = true;
      await video.play();
      say("unsure", words.looking);
      look();
    } catch {
      close();
      say("unsure", words.no_camera);
    }
  });
}
addEventListener("pagehide", close);

const chosen = document.getElementById("district"), said = document.getElementById("district-said");
document.getElementById("keep").hidden = false;
document.getElementById("keep-list").addEventListener("click", async () => {
  const list = await withdrawnIn(chosen.value);
  said.textContent = list ? words.kept.replace("%(day)s", spoken(list.on)) : words.not_kept;
});
if ("serviceWorker" in navigator) {
  const note = document.getElementById("offline");
  navigator.serviceWorker.register("/card/verify-worker.js", { scope: "/card/verify/" })
    .then(() => navigator.serviceWorker.ready).then(() => { note.textContent = words.offline; document.body.dataset.kept = "1"; }, () => {});
}
