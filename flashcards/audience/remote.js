// The presenter's remote: shows what comes next and what phones sent, and signs what is tapped.
"use strict";

const find = (id) => document.getElementById(id);
const words = document.body.dataset;
const AGAIN_MS = 3000;

// Nothing where it says so already: a screen reader would read it again.
function say(id, text) {
  if (find(id).textContent !== text) find(id).textContent = text;
}

// The step changes every second, so no screen reader announces it.
function showStatus(status, step = "") {
  say("status", status);
  say("step", step && `· ${step}`);
}

// -- the secret: from the link's fragment, which no browser sends

function kept(name, make) {
  const value = localStorage.getItem(name) || make();
  localStorage.setItem(name, value);
  return value;
}

function randomHex(nBytes) {
  const bytes = crypto.getRandomValues(new Uint8Array(nBytes));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (location.hash.length > 1) {
  localStorage.setItem("secret", location.hash.slice(1).toLowerCase());
  history.replaceState(null, "", location.pathname); // nobody reads it over a shoulder
}
const secret = localStorage.getItem("secret") || "";
const device = kept("device", () => randomHex(16));
let challenge = "";

// Only ever grows, in this tab and in a later one, so that the server can refuse what it had.
function nextCounter() {
  const counter = Math.max(Date.now(), 1 + Number(localStorage.getItem("counter") || 0));
  localStorage.setItem("counter", String(counter));
  return counter;
}

function signed(command) {
  const counter = nextCounter();
  const text = [challenge, device, counter, command].join("\n");
  return { device, counter, command, mac: sha256.hmac(secret, text) };
}

// -- following the lesson

let stream;
let isElsewhere = false;

async function follow() {
  isElsewhere = false;
  try {
    const response = await fetch("/remote/challenge");
    if (!response.ok) return tryAgain(); // the room has just been opened, and has no remote yet
    challenge = (await response.json()).challenge;
    const refused = await post({ what: "join" }); // a stream can't say why it is refused
    if (refused) return refuse(refused);
  } catch {
    return tryAgain();
  }
  const { counter, mac } = signed("follow");
  stream = new EventSource(`/remote/events?${new URLSearchParams({ device, counter, mac })}`);
  stream.addEventListener("remote", (event) => show(JSON.parse(event.data)));
  for (const why of ["elsewhere", "withdrawn"]) {
    stream.addEventListener(why, () => {
      stream.close();
      isElsewhere = why === "elsewhere";
      refuse({ refused: why });
    });
  }
  stream.onerror = () => {
    stream.close(); // its address is signed for one time only
    tryAgain();
  };
}

function tryAgain() {
  showStatus(words.lost);
  setTimeout(follow, AGAIN_MS);
}

function refuse({ refused }) {
  document.querySelector("main").hidden = true;
  showStatus(words[refused] || words.withdrawn);
}

// -- what it shows: every text is set as text, never as markup

function show(remote) {
  document.querySelector("main").hidden = false;
  say("deck", remote.title);
  showStatus(remote.status, remote.step);
  say("now", remote.now);
  say("next", remote.next);
  say("clock", remote.clock);
  find("plan").hidden = !remote.next && !remote.notes.length;
  find("notes").replaceChildren(...remote.notes.map((note) => element("li", note)));
  showButtons(remote.buttons);
  showTexts(remote.texts);
  say("more", remote.more ? words.more.replace("{n}", remote.more) : "");
}

let shownButtons = "";

// Made anew only where they differ: else a tap could fall between two of them.
function showButtons(buttons) {
  const wanted = JSON.stringify(buttons);
  if (wanted === shownButtons) return;
  shownButtons = wanted;
  const list = find("buttons");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.what : null;
  list.replaceChildren(...buttons.map(({ what, label }, i) => {
    const button = commandButton(label, { what });
    button.className = i ? "" : "wide";
    button.dataset.what = what;
    return button;
  }));
  if (focused !== null) (list.querySelector(`[data-what="${focused}"]`) || list.firstChild).focus();
}

function showTexts(texts) {
  find("none").hidden = texts.length > 0;
  const list = find("texts");
  const numbers = texts.map(({ question }) => String(question));
  for (const item of [...list.children]) if (!numbers.includes(item.dataset.question)) removeText(item);
  for (const text of texts) {
    if (list.querySelector(`[data-question="${text.question}"]`)) continue; // as it was, under a finger
    const item = element("li", "");
    item.dataset.question = text.question;
    const prompt = element("b", text.prompt);
    prompt.id = `text-${text.question}`;
    const buttons = element("div", "");
    for (const what of ["ask", "drop", "drop_phone"]) {
      const button = commandButton(words[what], { what, question: text.question });
      button.setAttribute("aria-describedby", prompt.id);
      buttons.append(button);
    }
    item.append(prompt, element("small", words.phone.replace("{n}", text.phone)), buttons);
    list.append(item);
  }
}

// Whoever uses the keyboard goes on with the next text.
function removeText(item) {
  const next = item.nextElementSibling || item.previousElementSibling;
  if (item.contains(document.activeElement) && next) next.querySelector("button").focus();
  item.remove();
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.dir = "auto";
  made.textContent = text;
  return made;
}

function commandButton(label, command) {
  const button = element("button", label);
  button.type = "button";
  let isSure = command.what !== "drop_phone";
  button.onclick = () => {
    if (isSure) return send(command);
    isSure = true;
    button.textContent = words.sure;
  };
  return button;
}

// Returns null where it is obeyed, else why not.
async function post(command) {
  const body = JSON.stringify(signed(JSON.stringify(command)));
  const headers = { "content-type": "application/json" };
  const response = await fetch("/remote/commands", { method: "POST", headers, body });
  return response.ok ? null : await response.json().catch(() => ({}));
}

async function send(command) {
  try {
    const refused = await post(command);
    if (refused && refused.refused !== "replayed") refuse(refused);
  } catch {
    showStatus(words.lost);
  }
}

if (secret) {
  say("status", words.waiting);
  follow();
} else {
  say("status", words.nolink);
}

for (const kind of ["focus", "visibilitychange", "pointerdown"]) {
  addEventListener(kind, () => {
    if (isElsewhere && document.visibilityState === "visible") follow();
  });
}
