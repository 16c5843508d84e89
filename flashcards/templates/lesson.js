// The page of a lesson. Its model answers in a worker, whose code is the other script of the page (model.js, learning.js,
// worker.js); that may be asked here, too. Nothing is fetched or sent. Sentences are in #words.
"use strict";

const $ = (id) => document.getElementById(id);
const WORDS = JSON.parse($("words").textContent), MARKS = ["not_asked", "is_wrong", "is_one_off", "is_right"];
/** A whole number as the rest of the page has it; Intl takes 40 ms on a phone to begin. */
const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, WORDS.thousands);
const fraction = (n, digits) => n.toFixed(digits).replace(".", WORDS.thousands === "." ? "," : ".");
/** The sentence of this name, with these values in its {places}. */
const say = (name, values = {}) => WORDS[name].replace(/{(\w+)}/g, (_, place) => values[place]);
const stamped = ({ stamp, timesSeen }) => say(stamp, { n: count(timesSeen) });
const shown = (share) => Math.min(Math.floor(100 * share + 0.5 + 1e-9), share < 1 ? 99 : 100);
const percent = (share) => (share > 0 && share < 0.01 ? "<1 %" : `${shown(share)} %`);

// -- two probabilities in words that show their change, as the lesson has them: wording/numbers.py, odds_apart
const TINY = 0.0001, LEAST = 1e-300, MOST_DECIMALS = 6;
const TIMES = [[1e6, 1e3, ""], [1e9, 1e6, "million"], [1e12, 1e9, "billion"]];  // limit, unit, name
const raised = (exponent) => String(exponent).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
/** Whether two rounded numbers differ by about what they do: half of it to twice. */
const showsChange = (rounded, change) => {
  const [one, other] = [rounded, change].map(Math.abs);
  return other / 2 <= one && one <= 2 * other;
};
/** To a whole number, halves to the even one, as Python does. */
function toEven(number) {
  const below = Math.floor(number);
  return number - below === 0.5 ? below + (below % 2) : Math.round(number);
}

function oddsApart(before, after) {
  const areTiny = [before, after].every((share) => share > 0 && share < TINY);
  if (!areTiny) return percentPair(before, after).map((text) => `${text} %`);
  return timesPair(1 / Math.max(before, LEAST), 1 / Math.max(after, LEAST)).map((n) => say("one_in", { n }));
}

function percentPair(before, after) {
  const larger = Math.max(before, after), least = Math.min(before, after);
  if (larger === least) return [alone(before), alone(before)];
  const rounded = (share, decimals) => {
    const whole = share * 100 * 10 ** decimals;
    return (share >= 0.995 ? Math.floor(whole + 1e-6) : toEven(whole)) / 10 ** decimals;
  };
  const areNearlyAll = 0.985 <= least && larger < 1, fewest = larger >= 0.0995 ? 0 : larger >= 0.00095 ? 1 : 2;
  let decimals = areNearlyAll ? 2 : fewest;
  for (const first = decimals; decimals < MOST_DECIMALS; decimals++) {
    const isLeastSeen = least === 0 || rounded(least, decimals) > 0 || decimals > first;
    const change = rounded(after, decimals) - rounded(before, decimals);
    if (isLeastSeen && showsChange(change, 100 * (after - before))) break;
  }
  return [before, after].map((share) => {
    const number = rounded(share, decimals), isNearlyNone = share > 0 && number === 0;
    return `${isNearlyNone ? "<" : ""}${fraction(isNearlyNone ? 10 ** -decimals : number, decimals)}`;
  });
}
/** A probability that did not change, in per cent. */
function alone(share) {
  if (share >= 0.99995) return "100";
  if (share >= 0.995) return fraction(Math.floor(share * 10000) / 100, 2).replace(/0$/, "");
  if (share >= TINY) return fraction(100 * share, share >= 0.0995 ? 0 : share >= 0.00095 ? 1 : 2);
  return share > 0 ? `<${fraction(0.01, 2)}` : "0";
}

/** Two large numbers in one unit: 12,000, 434 million, 1.3·10¹³; as 10¹⁵ when they are far apart. */
function timesPair(before, after) {
  const larger = Math.max(before, after), least = Math.min(before, after), isPower = larger >= 1e12;
  const exponent = Math.floor(Math.log10(larger)), [, unit, name] = isPower
    ? [0, 10 ** exponent, `·10${raised(exponent)}`]
    : TIMES.find(([limit]) => least < limit);
  if (isPower ? larger / least >= 10 : larger / unit >= 1e5) {
    return [before, after].map((n) => `10${raised(toEven(Math.log10(n)))}`);
  }
  let decimals = !isPower && least / unit < 10 ? 1 : 0;
  const rounded = (n) => Number((n / unit).toFixed(decimals));
  for (; decimals < MOST_DECIMALS; decimals++) {
    if (rounded(least) > 0 && showsChange(rounded(after) - rounded(before), (after - before) / unit)) break;
  }
  return [before, after].map((n) => {
    if (!name) return count(toEven(rounded(n) * unit));  // thousands are written out
    const [whole, ...rest] = fraction(n / unit, decimals).split(/(?=[.,])/);
    return `${count(whole)}${rest.join("")}${isPower ? name : ` ${say(name)}`}`;
  });
}

/** What a correction came to, as the lesson says it: wording/updates.py, repeat. */
function outcome([guess, guessAfter], [before, after], answer) {
  if (after < before && new Set(oddsApart(before, after)).size > 1) {
    return guess === answer && guessAfter === answer ? "less_sure" : "worse";
  }
  if (guessAfter !== answer) return "still_wrong";
  return guess === answer ? "right_already" : after >= 0.5 ? "right_now" : "not_yet_sure";
}

/** An element with these classes and children; text is text, never markup. */
function made(name, classes, ...children) {
  const element = Object.assign(document.createElement(name), { className: classes });
  element.append(...children);
  return element;
}

const SIGNS = { right: "✓", nearly: "≈", wrong: "✗" }, SHORTEST_NEARLY = 3;

/** The mark of a guess by the answers that count as right, as in runs/marking.py; "" without any. */
function markOf(guess, answers) {
  const correct = answers.map((answer) => answer.replaceAll("\n", "⏎"));
  if (correct.includes(guess)) return "right";
  if (correct.some((answer) => isOneOff([...guess], [...answer]))) return "nearly";
  return correct.length ? "wrong" : "";
}
/** Whether one letter is another, is missing or too many. */
function isOneOff(guess, answer) {
  let nSame = 0;
  while (nSame < Math.min(guess.length, answer.length) && guess[nSame] === answer[nSame]) nSame++;
  const guessRest = guess.slice(guess.length >= answer.length ? nSame + 1 : nSame);
  const answerRest = answer.slice(answer.length >= guess.length ? nSame + 1 : nSame);
  return answer.length >= SHORTEST_NEARLY && guessRest.join() === answerRest.join();
}

class Page {
  constructor(worker) {
    Object.assign(this, { worker, answers: [], typed: "", source: document.documentElement.cloneNode(true) });
    worker.onerror = problem;
    worker.onmessage = ({ data }) => this[data.kind](data);
    const texts = ["lesson", "high", "low"].map((id) => [id, $(id).textContent]);
    worker.postMessage(Object.fromEntries(texts));
  }
  failed(error) {
    problem(error);
  }
  /** The worker has the model: from here on it can be asked. */
  opened(shown) {
    const { worker } = this;
    this.states = shown.states;
    this.last = this.place = shown.states.length - 1;
    this.wall = new Wall($("wall"), shown, (prompt) => this.type(prompt));
    this.rows = shown.states.map((state, place) => this.row(state, place));
    $("formed").replaceChildren(...this.rows.map((row) => made("li", "", row)));
    this.changed(shown);
    $("teaching").addEventListener("submit", (event) => {
      event.preventDefault();
      worker.postMessage({ card: { place: this.place, prompt: this.typed, answer: $("right").value } });
    });
    for (const [id, n] of [["undo", -1], ["anew", 0]]) {
      $(id).addEventListener("click", () => worker.postMessage({ keep: this.corrections.slice(0, n).length }));
    }
    $("save").addEventListener("click", () => this.save());
    $("step").addEventListener("input", () => this.go(Number($("step").value)));
    $("prompt").addEventListener("input", () => this.ask());
    $("asking").addEventListener("submit", (event) => event.preventDefault());
    $("play").addEventListener("click", () => this.play());
    const chips = [...$("chips").children];
    for (const chip of chips) chip.addEventListener("click", () => this.type(chip.textContent));
    $("prompt").value ||= chips[0]?.textContent ?? "";
    this.ask();
    document.body.classList.add("ready");
  }
  type(prompt) {
    $("prompt").value = prompt;
    this.ask();
  }
  /** Another prompt; what was said to the one before stays, pale, until the answer comes. */
  ask() {
    this.typed = $("prompt").value;
    this.answers = [];
    for (const one of [...this.rows, $("lookup"), $("nearest")]) one.classList.add("waits");
    const isEmpty = !asTaught(this.typed);
    for (const id of ["pieces", "known", "formed", "lookup", "nearest"]) $(id).hidden = isEmpty;
    this.go(this.place);
  }
  go(place) {
    this.place = $("step").value = place;
    const state = this.states[place], step = say("step", { n: count(state.step) });
    const nHere = this.corrections.filter((card) => card.place === place).length;
    const here = nHere ? `, ${say("n_here", { n: count(nHere) })}` : "";
    $("when").textContent = `${step}, ${say("n_cards", { n: count(state.n_cards) })}${here}`;
    $("without").hidden = !nHere;
    $("step").setAttribute("aria-valuetext", step);
    document.documentElement.style.setProperty("--at", place / Math.max(1, this.last));
    this.rows.forEach((row, i) => (i === place ? row.setAttribute("aria-current", "step") : row.removeAttribute("aria-current")));
    this.wall.show(place);
    if (this.answers[place]) return this.tell(this.answers[place]);
    for (const id of ["pieces", "known"]) $(id).classList.add("waits");
    if (asTaught(this.typed)) this.worker.postMessage({ prompt: this.typed, place });
  }
  /** From the first state to the last, one after another, each when it has answered; a second press stops. */
  play() {
    const isPlaying = this.timer !== undefined;
    clearInterval(this.timer);
    const next = () => {
      if (this.place === this.last) this.play();
      else if (this.answers[this.place] || !asTaught(this.typed)) this.go(this.place + 1);
    };
    this.timer = isPlaying ? undefined : setInterval(next, 700);
    if (!isPlaying && this.place === this.last) this.go(0);
    $("play").textContent = isPlaying ? "▶" : "❚❚";
    $("play").setAttribute("aria-label", say(isPlaying ? "play" : "stop"));
  }
  answered({ typed, place, answer }) {
    if (typed !== this.typed) return;
    this.answers[place] = answer;
    const row = this.rows[place], [, said, mark, share] = row.children;
    const itsMark = markOf(answer.answer, answer.correct);
    row.className = itsMark === "right" ? "right" : "";
    said.textContent = answer.answer || say("nothing");
    mark.textContent = SIGNS[itsMark] ?? "";
    share.textContent = percent(answer.probability);
    row.style.setProperty("--share", answer.probability);
    if (place === this.place) this.tell(answer);
  }
  compared({ typed, lookup, near, nearest }) {
    if (typed !== this.typed) return;
    for (const id of ["lookup", "nearest"]) $(id).classList.remove("waits");
    $("lookup").textContent = lookup ?? "–";
    const as = near === undefined || near === asTaught(typed) ? "" : ` ${say("as", { prompt: near })}`;
    $("nearest").textContent = (nearest ?? "–") + as;
  }
  /** What the state that is shown says. */
  tell(now) {
    const pieces = now.pieces.filter(({ id }) => id !== END).map((piece) => this.piece(piece));
    $("pieces").replaceChildren(...pieces, made("span", "cut", now.isCut ? "…" : now.answer ? "" : say("silent")));
    if ($("right").value === (this.offered ?? "")) $("right").value = this.offered = now.correct[0] ?? "";
    const sure = say("sure", { share: percent(now.probability) });
    const mark = markOf(now.answer, now.correct), right = mark && say(mark, { answer: now.correct[0] });
    const known = [[`stamp ${now.stamp}`, stamped(now)], ["sure", sure], [mark, right]];
    $("known").replaceChildren(...known.map((part) => made("span", ...part)));
    for (const id of ["pieces", "known"]) $(id).classList.remove("waits");
    clearTimeout(this.telling);
    const step = say("step", { n: count(now.step) });
    const told = `${step}: ${now.prompt}: ${now.answer || say("nothing")}, ${sure}, ${stamped(now)} ${right}`;
    this.telling = setTimeout(() => ($("told").textContent = told), 600);
  }
  /** So many corrections are made, of so many that are made again before anything is answered. */
  making({ made, of }) {
    $("making").textContent = say("making", { n: count(made + 1), total: count(of) });
  }
  /** What a correction has changed; every correction that is made. */
  changed({ why, piece, places = [], corrections, answer, guesses, errors, probabilities, others }) {
    $("refused").textContent = why ? say(why, { piece }) : "";
    $("making").textContent = "";
    if (why) return;
    this.corrections = corrections;
    if (!corrections.length && $("kept").contains(document.activeElement)) $("right").focus();
    $("kept").hidden = !corrections.length;
    for (const place of places) delete this.answers[place];
    this.rows.forEach((row, place) => {
      const n = corrections.filter((card) => card.place === place).length;
      row.firstChild.textContent = count(this.states[place].step) + (n ? ` +${n}` : "");
    });
    $("changed").hidden = !guesses;
    if (guesses) {
      const told = [guesses.map((guess) => guess || say("nothing")), errors.map((nats) => fraction(nats, 2))];
      told.push(oddsApart(...probabilities).map((text) => text.replaceAll(" ", "\u00a0")));  // in one line each
      $("changed").querySelector("p").textContent = say(outcome(guesses, probabilities, answer));
      told.forEach((pair, i) => ($("changed").querySelectorAll("dd")[i].textContent = pair.join(" → ")));
      $("changed").querySelector("dt:last-of-type").textContent = say("probability", { answer });
      this.tellOthers(others);
    }
    this.go(places[0] ?? this.place);
  }
  /** Whether other cards are answered otherwise since a correction. */
  tellOthers({ n, changed }) {
    const values = { n: count(n), n_changed: count(changed.length) };
    $("others").textContent = say(changed.length ? "others" : "no_others", values);
    const one = ({ prompt, before, after }) => `${prompt}: ${before || say("nothing")} → ${after || say("nothing")}`;
    $("other-cards").replaceChildren(...changed.map((other) => made("li", "", one(other))));
  }
  /** This page, with the corrections made here. */
  save() {
    const page = this.source.cloneNode(true), lesson = page.querySelector("#lesson");
    const told = JSON.stringify({ ...JSON.parse(lesson.textContent), corrections: this.corrections });
    lesson.textContent = told.replaceAll("<", "\\u003c");
    const href = URL.createObjectURL(new Blob(["<!doctype html>\n", page.outerHTML], { type: "text/html" }));
    Object.assign(made("a", ""), { href, download: `${document.title}.html` }).click();
  }
  piece({ text, probability, otherText, otherProbability }) {
    const other = otherProbability > 0.05 ? say("or", { piece: otherText }) : "", bar = made("span", "bar");
    bar.style.setProperty("--share", probability);
    return made("span", "piece", made("b", "", text === " " ? "␣" : text), bar,
      made("small", "", percent(probability)), made("small", "other", other));
  }
  /** A state's row; it stays, so that the focus does, and is filled when its answer comes. */
  row({ step }, place) {
    const parts = [["small", "", count(step)], ["span", "said"], ["span", "mark"], ["small", ""]];
    const button = made("button", "waits", ...parts.map((part) => made(...part)));
    button.addEventListener("click", () => this.go(place));
    return button;
  }
}

const PAINTED_AT_ONCE = 400;

/** Every card as a cell: a square for one that is taught, a diamond for one that never is. */
class Wall {
  constructor(canvas, { cards, heldOut, states }, choose) {
    Object.assign(this, { canvas, heldOut, states, lines: cards.split("\n"), place: states.length - 1, at: -1 });
    this.order = [0, 1].flatMap((side) => [...heldOut.keys()].filter((i) => heldOut[i] === side));
    this.n_held_out = heldOut.filter((side) => side).length;
    new ResizeObserver(() => this.paint()).observe(canvas.parentElement);
    for (const media of ["(prefers-color-scheme: dark)", "print"]) matchMedia(media).onchange = () => this.paint();
    canvas.addEventListener("pointermove", (event) => this.point(this.hit(event)));
    const ask = () => this.at >= 0 && choose(this.card(this.order[this.at]).prompt);
    canvas.addEventListener("click", (event) => (this.point(this.hit(event)), ask()));
    canvas.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
      if (event.key in moves) this.point(Math.min(this.order.length - 1, Math.max(0, this.at + moves[event.key])));
      else if (event.key === "Enter") ask();
      else return;
      event.preventDefault();
    });
  }
  card(index) {
    return JSON.parse(this.lines[index]);
  }
  hit({ offsetX, offsetY }) {
    const column = Math.floor(offsetX / this.size), at = Math.floor(offsetY / this.size) * this.columns + column;
    return column < this.columns && at < this.order.length ? at : -1;
  }
  /** The cards as the model of a state answers them. */
  show(place) {
    this.place = place;
    const [right, heldOut] = this.states[place].right.map(count), n = this.n_held_out;
    const never = n ? `   ${say("unseen_right", { right: heldOut, n: count(n) })}` : "";
    $("counts").textContent = say("taught_right", { right, n: count(this.order.length - n) }) + never;
    this.point(this.at);
  }
  /** Say which card the cell is of, and how it is answered. */
  point(at) {
    this.at = at;
    this.paint();
    if (at < 0) return ($("cell").textContent = say("point"));
    const index = this.order[at], { prompt, answers, isHeldOut } = this.card(index);
    const { marks, timesSeen } = this.states[this.place], n = count(timesSeen[index]);
    const seen = say(isHeldOut ? "held_out" : "taught", { n });
    $("cell").textContent = `${prompt} → ${answers.join(" | ")}   ${say(MARKS[marks[index]])}, ${seen}`;
  }
  /** What has changed since it was painted, at the next frames, not too much in one. */
  paint() {
    this.painting ??= requestAnimationFrame(() => ((this.painting = undefined), this.paintSome()));
  }
  paintSome() {
    const width = this.canvas.parentElement.clientWidth, style = getComputedStyle(document.documentElement);
    const colours = ["--seen", "--unseen", "--ink"].map((name) => style.getPropertyValue(name));
    const look = [width, devicePixelRatio, ...colours].join();
    if (look !== this.look) this.clear(look, width);
    const context = this.canvas.getContext("2d"), { marks } = this.states[this.place];
    let left = PAINTED_AT_ONCE;
    for (let i = 0; i < this.order.length && left > 0; i++) {
      const side = this.heldOut[this.order[i]], mark = marks[this.order[i]], wanted = 2 * mark + (i === this.at) + 1;
      if (this.painted[i] === wanted) continue;
      this.painted[i] = wanted;
      this.cell(context, i, mark, side, colours);
      left--;
    }
    if (left === 0) this.paint();
  }
  clear(look, width) {
    this.size = Math.max(5, Math.min(26, Math.floor(Math.sqrt((width * 380) / this.order.length))));
    this.columns = Math.max(1, Math.floor(width / this.size));
    const height = Math.ceil(this.order.length / this.columns) * this.size, ratio = devicePixelRatio || 1;
    Object.assign(this.canvas, { width: width * ratio, height: height * ratio });
    this.canvas.style.height = `${height}px`;
    this.canvas.getContext("2d").scale(ratio, ratio);
    Object.assign(this, { look, painted: new Uint8Array(this.order.length) });
  }
  cell(context, i, mark, side, colours) {
    const { size } = this, left = (i % this.columns) * size, top = Math.floor(i / this.columns) * size;
    const r = 0.36 * size, x = left + size / 2, y = top + size / 2;
    context.clearRect(left, top, size, size);
    context.beginPath();
    if (!side) context.roundRect(x - r, y - r, 2 * r, 2 * r, r / 3);
    else for (const [dx, dy] of [[0, -r], [r, 0], [0, r], [-r, 0]]) context.lineTo(x + 1.25 * dx, y + 1.25 * dy);
    context.closePath();
    context.strokeStyle = context.fillStyle = colours[side];
    Object.assign(context, { globalAlpha: mark === 3 ? 1 : 0.45, lineWidth: Math.max(1, size / 14) });
    if (mark !== 3) context.stroke();
    context.globalAlpha = [0, 0, 0.4, 1][mark];
    if (mark > 1) context.fill();
    if (i !== this.at) return;
    Object.assign(context, { globalAlpha: 1, lineWidth: 2, strokeStyle: colours[2] });
    context.strokeRect(left + 1, top + 1, size - 2, size - 2);
  }
}

const problem = ({ message }) => ($("problem").textContent = say("broken", { why: message || "Worker" }));
try {
  const code = new Blob([$("model").textContent], { type: "text/javascript" });
  new Page(new Worker(URL.createObjectURL(code)));
} catch (error) {
  problem(error);
}
