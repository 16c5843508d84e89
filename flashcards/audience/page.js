// Follows the lesson and sends questions. Every text is set as text, never as markup.
"use strict";

const find = (id) => document.getElementById(id);
const words = document.body.dataset;
const MAX_REPLIES = 20;
const AGAIN_MS = 3000;
const ASK_EVERY_MS = 1500; // the server takes one text a second

// Nothing where it says so already: a screen reader would read it again.
function say(id, text) {
  if (find(id).textContent !== text) find(id).textContent = text;
}

// -- following the lesson

// The step changes every second, so no screen reader announces it.
function showStatus(status, step = "") {
  say("status", status);
  say("step", step && `· ${step}`);
}

function showLesson(lesson) {
  say("deck", lesson.deck || document.title);
  showStatus(lesson.status, lesson.step);
  say("sentence", lesson.sentence);
  say("seen", lesson.seen);
  say("unseen", lesson.unseen);
  say("knew", lesson.knew || "");
  find("scores").hidden = !lesson.seen && !lesson.unseen && !lesson.knew;
  for (const score of ["seen", "unseen", "knew"]) find(score).parentElement.hidden = !lesson[score];
}

function showCard(card) {
  find("card").hidden = !card.prompt;
  say("prompt", card.prompt);
  say("guess", card.guess || words.nothing);
  say("answer", card.answer);
  find("guess").parentElement.hidden = card.guess === null; // it has not guessed yet
  find("answer").parentElement.hidden = !card.answer;
  say("mark", card.sign);
  find("guess").className = card.mark === "right" ? "right" : "wrong";
}

// Points are [step, share right]; the picture is 320 wide and 100 high.
function path(points, lastStep) {
  return points
    .map(([step, share], i) => {
      const x = lastStep ? (320 * step) / lastStep : 0;
      const y = 98 - 96 * share;
      return `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}

function showCurve(curve) {
  const lastStep = Math.max(0, ...curve.seen.map(([s]) => s), ...curve.unseen.map(([s]) => s));
  find("curve").toggleAttribute("hidden", !lastStep); // one point is no line
  for (const name of ["seen", "unseen"]) {
    find("curve").querySelector(`.${name}`).setAttribute("d", path(curve[name], lastStep));
  }
}

function showReply(reply) {
  const place = waiting.indexOf(reply.prompt);
  if (place >= 0) waiting.splice(place, 1);
  const item = document.createElement("li");
  const add = (tag, text) => {
    const element = document.createElement(tag);
    element.dir = "auto";
    element.textContent = text;
    item.append(element);
  };
  add("p", reply.prompt);
  if ("answer" in reply) {
    add("b", reply.answer || words.nothing);
    add("small", reply.how);
    const own = ownAnswers.get(reply.prompt);
    if (reply.is_for_all && own !== undefined) add("small", words.own.replace("{said}", own));
  } else {
    add("small", words.dropped);
  }
  const list = find("replies");
  list.prepend(item);
  while (list.children.length > MAX_REPLIES) list.lastChild.remove();
  if (!find("question").matches(":focus")) item.scrollIntoView({ block: "center" });
}

function showWhere({ where }) {
  document.querySelector("main").hidden = where === "door";
  find("lobby").hidden = where !== "lobby";
  if (where === "door") showStatus(words.waits);
}

// A server that was started again, after a crash, knows none of the texts that waited.
let knownOpening = "";
let waiting = []; // texts that were taken in and not answered, as the server wrote them

async function sendAgain({ opening }) {
  const isAnother = knownOpening && opening !== knownOpening;
  knownOpening = opening;
  if (!isAnother) return;
  const texts = waiting;
  waiting = [];
  for (const text of texts) {
    if (!(await ask(text))) find("question").value ||= text; // beside it stands why
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

let shownBallot = 0;
const ownAnswers = new Map(); // by the question: its number is another one after a restart

// What this phone and the class said, until it is known how it came out.
function showBet(open) {
  find("bet").hidden = !open;
  if (!open) return;
  say("bet-question", open.question);
  const own = ownAnswers.get(open.question);
  say("bet-own", own === undefined ? "" : words.own.replace("{said}", own));
  say("bet-class", words.class.replace("{counts}", open.counts));
}

function showBallot(ballot) {
  find("ballot").hidden = !ballot.question;
  showBet(ballot.open);
  say("asked", [ballot.order, ballot.question].filter(Boolean).join(" "));
  say("left", ballot.left || "");
  if (!ballot.question || ballot.number === shownBallot) return;
  shownBallot = ballot.number;
  say("voted", "");
  find("typed").hidden = ballot.places.length > 0;
  find("own").value = "";
  const buttons = ballot.places.map((text, place) => {
    const button = document.createElement("button");
    button.textContent = text;
    button.onclick = async () => {
      if (!(await send("/votes", { ballot: ballot.number, place }, "voted"))) return;
      ownAnswers.set(ballot.question, text);
      for (const other of buttons) other.ariaPressed = other === button;
      say("voted", words.voted);
    };
    return button;
  });
  find("places").replaceChildren(...buttons);
}

function showModel() {
  find("model").hidden = false;
}

const shown = { opening: sendAgain, model: showModel, lesson: showLesson, card: showCard, curve: showCurve, reply: showReply, where: showWhere, ballot: showBallot };
let isElsewhere = false;
let stream;

function follow() {
  stream = new EventSource("/events");
  isElsewhere = false;
  for (const [kind, show] of Object.entries(shown)) {
    stream.addEventListener(kind, (event) => show(JSON.parse(event.data)));
  }
  stream.addEventListener("elsewhere", () => {
    stream.close();
    isElsewhere = true;
    showStatus(words.elsewhere);
  });
  stream.onerror = () => {
    const isClosed = stream.readyState === EventSource.CLOSED;
    showStatus(isClosed ? words.closed : words.lost);
    find("lobby").hidden ||= isClosed; // nobody is waited for
    if (isClosed) setTimeout(follow, AGAIN_MS); // the room may be opened again
  };
}

say("status", words.waiting); // without this script the page says that it needs one, no more
follow();

// Of two tabs the one that is looked at follows the lesson.
for (const kind of ["focus", "visibilitychange", "pointerdown"]) {
  addEventListener(kind, () => {
    if (isElsewhere && document.visibilityState === "visible") follow();
  });
}

// -- asking and answering

// Returns what the server says of what it has taken in; null if it has not, and this place says why.
async function send(path, content, place) {
  try {
    const body = JSON.stringify(content);
    const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
    const told = response.headers.get("content-type") === "application/json" ? await response.json() : {};
    if (!response.ok) say(place, words[told.refused] || words.closed);
    return response.ok ? told : null;
  } catch {
    say(place, words.lost);
    return null;
  }
}

// Returns whether the server has taken in this text.
async function ask(text) {
  const taken = await send("/questions", { prompt: text }, "told");
  if (!taken) return false;
  waiting.push(taken.prompt);
  say("told", words.sent);
  return true;
}

find("typed").addEventListener("submit", async (event) => {
  event.preventDefault();
  const vote = { ballot: shownBallot, prompt: find("own").value };
  if (await send("/votes", vote, "voted")) say("voted", words.voted);
});

find("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const line = find("question");
  const prompt = line.value.trim();
  if (!prompt) return;
  if (await ask(prompt)) line.value = "";
});
