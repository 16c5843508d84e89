// The page of a lesson: the trained model, run where the page is read. Nothing is fetched or sent. Numbers and
// cards are in #lesson, #high and #low (see flashcards/learner/portable.py), sentences in #words. The model comes first.
"use strict";

// -- text: as cards/grammar.py and cards/printable.py do it
const BLANK = "[ \\t\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]+";
const WHITE = new RegExp(`^${BLANK}|${BLANK}$`, "g");
const ENDS = Array.from({ length: 16 }, (_, i) => (i + 1).toString(16)).map((n) => `\\u{${n}fffe}\\u{${n}ffff}`);
const SUSPECT = new RegExp(
  "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f" +
  "\\u3164\\ud800-\\udfff\\ufdd0-\\ufdef\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff\\u{e0000}-\\u{e0fff}" +
  ENDS.join("") + "]", "u");
const JOINING = /[\u0600-\u109f\u1780-\u18af\u1900-\u1aff\ua800-\uabff\u{10a00}-\u{11fff}]/u;
const SELECTOR = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}\u180b-\u180d]/u;

const isPictured = (char) => char === "\ufe0f" || /[\p{So}\p{Sk}]/u.test(char);

/** Whether the invisible character at this place is part of an emoji or of a script's spelling. */
function belongs(chars, place) {
  const char = chars[place], before = chars[place - 1] ?? "", after = chars[place + 1] ?? "";
  if (char === "\u200c" || char === "\u200d") {
    const isEmoji = before === "\ufe0f" && belongs(chars, place - 1);
    if (before === "" || (SUSPECT.test(before) && !isEmoji)) return false;
    if (JOINING.test(before)) return true;
    return char === "\u200d" && isPictured(before) && after !== "" && after !== "\ufe0f" && isPictured(after);
  }
  if (SELECTOR.test(char)) {
    const isPlain = (before < "\x80" && !"0123456789#*".includes(before)) || SUSPECT.test(before);
    return before !== "" && !/\s/u.test(before) && !isPlain;
  }
  if (char < "\u{e0020}" || char > "\u{e007f}" || [...char].length !== 1) return false;
  const near = chars.slice(Math.max(0, place - 7), place), flag = near.lastIndexOf("\u{1f3f4}");
  return flag >= 0 && near.slice(flag + 1).every((tag) => tag >= "\u{e0020}" && tag < "\u{e007f}");
}

/** The text with a visible symbol for each character that would not be seen. */
function printable(text) {
  const chars = [...text];
  return chars.map((char, place) => {
    if (!SUSPECT.test(char) || belongs(chars, place)) return char;
    const code = char.codePointAt(0);
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? "␡" : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  }).join("");
}

/** A prompt in the form that cards have. */
const asTaught = (text) => printable(text.replace(WHITE, "").normalize("NFC"));

// -- pieces: as sentencepiece cuts text without normalising it
const FILLER = 0, END = 1, ANSWER = 2, FIRST_BYTE = 3, FIRST_LEARNED = 259, SPACE = "\u2581";

const utf8 = (text) => [...new TextEncoder().encode(text)];

class Pieces {
  constructor({ kind, pieces, scores, filled }) {
    Object.assign(this, { kind, pieces, scores, filled });
    this.ids = new Map(pieces.map((piece, id) => [piece, id]).slice(FIRST_LEARNED));
    this.worst = kind === "unigram" ? Math.min(...scores.slice(FIRST_LEARNED)) : 0;
    this.longest = Math.max(1, ...[...this.ids.keys()].map((piece) => [...piece].length));
  }
  /** The ids of a prompt, filled up; a part that no piece holds becomes the bytes of its UTF-8. */
  encode(text) {
    const spaced = text.replaceAll(" ", SPACE), chars = [...spaced];
    const words = () => spaced.match(/\u2581?[^\u2581]*/gu).filter(Boolean);
    const cut = { char: () => chars, word: words, bpe: () => this.merged(chars), unigram: () => this.likeliest(chars) };
    const ids = cut[this.kind]().flatMap((part) => this.ids.get(part) ?? utf8(part).map((byte) => FIRST_BYTE + byte));
    return [...ids, ...Array(Math.max(0, this.filled - chars.length)).fill(FILLER)];
  }
  /** Byte-pair encoding: the neighbours whose piece scores best become one, the first of equals. */
  merged(chars) {
    const parts = [...chars];
    for (;;) {
      let best = -Infinity, at = -1;
      for (let i = 0; i + 1 < parts.length; i++) {
        const id = this.ids.get(parts[i] + parts[i + 1]);
        if (id !== undefined && this.scores[id] > best) [best, at] = [this.scores[id], i];
      }
      if (at < 0) return parts;
      parts.splice(at, 2, parts[at] + parts[at + 1]);
    }
  }
  /** The most probable cut (Viterbi), in single precision as sentencepiece adds it up. */
  likeliest(chars) {
    const best = Array.from({ length: chars.length + 1 }, () => ({ score: 0, from: -1 }));
    for (let start = 0; start < chars.length; start++) {
      const reach = (end, score) => {
        if (best[end].from < 0 || best[start].score + score > best[end].score) {
          best[end] = { score: Math.fround(best[start].score + score), from: start };
        }
      };
      let text = "", hasSingle = false;
      for (let end = start + 1; end <= Math.min(chars.length, start + this.longest); end++) {
        const id = this.ids.get((text += chars[end - 1]));
        if (id === undefined) continue;
        reach(end, this.scores[id]);
        hasSingle ||= end === start + 1;
      }
      if (!hasSingle) reach(start + 1, Math.fround(this.worst - 10));
    }
    const parts = [];
    for (let end = chars.length; end > 0; end = best[end].from) parts.unshift(chars.slice(best[end].from, end).join(""));
    return parts;
  }
  /** The text of some ids, printable; bytes that are no UTF-8 show as U+FFFD. */
  text(ids) {
    const special = { [FILLER]: "◦", [END]: "⏎", [ANSWER]: "→" };
    const isByte = (id) => id >= FIRST_BYTE && id < FIRST_LEARNED;
    const bytes = ids.flatMap((id) => (isByte(id) ? id - FIRST_BYTE : utf8(special[id] ?? this.pieces[id])));
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
    return printable(text.replaceAll(SPACE, " ")).replaceAll("\n", "⏎");
  }
}

// -- numbers
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%,()*+-;:=.?@^_`{|}~";

/** Four bytes from every five letters. */
function bytesOf(text) {
  const value = new Uint8Array(128);
  [...DIGITS].forEach((digit, i) => (value[digit.charCodeAt(0)] = i));
  const bytes = new Uint8Array((text.length / 5) * 4);
  for (let from = 0, to = 0; from < text.length; from += 5) {
    let sum = 0;
    for (let i = 0; i < 5; i++) sum = sum * 85 + value[text.charCodeAt(from + i)];
    for (let i = 3; i >= 0; i--, sum = Math.floor(sum / 256)) bytes[to + i] = sum % 256;
    to += 4;
  }
  return bytes;
}

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Each state's matrices; afterwards `high` is read up to what follows them. */
function unpacked(lesson, high, low) {
  let at = 0, bit = 0;
  const lowest = (n, number = 0) => {
    for (let i = 0; i < n; i++, bit++) number |= ((low[bit >> 3] >> (bit & 7)) & 1) << i;
    return number;
  };
  let after = null;
  for (const state of [...lesson.states].reverse()) {
    state.matrices = state.parts.map(([unit, nLow, isDifference], place) => {
      const matrix = new Float32Array(lesson.sizes[place]);
      for (let i = 0; i < matrix.length; i++) {
        const first = high[at++];
        const folded = first === 255 ? lowest(30) : (first << nLow) | lowest(nLow);
        const whole = folded & 1 ? -((folded + 1) >> 1) : folded >> 1;
        const near = isDifference ? Math.floor(after[place][i] / unit + 0.5) : 0;
        matrix[i] = (near + whole) * unit;
      }
      return matrix;
    });
    after = state.matrices;
  }
  return at;
}

// -- the model: learner/model.py, one position at a time
class Model {
  constructor({ layers, width, heads, hidden, rope, room }, sayable, matrices) {
    Object.assign(this, { layers, width, heads, hidden, rope, room, sayable });
    [this.embedding, this.gains, this.head] = matrices.slice(-3);
    const gain = ((at) => (n) => this.gains.subarray(at, (at += n)))(0);
    this.weights = Array.from({ length: layers }, (_, i) => {
      const [query, key, value, output, gate, up, down] = matrices.slice(7 * i, 7 * i + 7);
      const [attentionNorm, queryNorm, keyNorm, mlpNorm] = [width, width / heads, width / heads, width].map(gain);
      return { query, key, value, output, gate, up, down, attentionNorm, queryNorm, keyNorm, mlpNorm };
    });
    this.finalNorm = gain(width);
  }
  /** What the model makes of one more piece; `past` keeps the keys and values of those before. */
  feed(piece, past) {
    const { width, heads } = this, size = width / heads, turn = this.turn(past[0].length, size / 2);
    const x = Float64Array.from(this.embedding.subarray(piece * width, (piece + 1) * width));
    this.weights.forEach((layer, place) => {
      const read = normed(x, layer.attentionNorm), before = past[place], mixed = new Float64Array(width);
      const [query, key, value] = [layer.query, layer.key, layer.value].map((matrix) => times(matrix, read));
      before.push({ key, value });
      for (let from = 0; from < width; from += size) {
        rotate(query.subarray(from, from + size), layer.queryNorm, turn);
        rotate(key.subarray(from, from + size), layer.keyNorm, turn);
        const scores = before.map((other) => {
          let sum = 0;
          for (let i = from; i < from + size; i++) sum += query[i] * other.key[i];
          return sum / Math.sqrt(size);
        });
        softmax(scores).forEach((share, at) => {
          for (let i = from; i < from + size; i++) mixed[i] += share * before[at].value[i];
        });
      }
      times(layer.output, mixed).forEach((more, i) => (x[i] += more));
      const inner = normed(x, layer.mlpNorm), gate = times(layer.gate, inner), up = times(layer.up, inner);
      for (let row = 0, at = 0; row < this.hidden; row++) {
        const active = (gate[row] / (1 + Math.exp(-gate[row]))) * up[row];
        for (let i = 0; i < width; i++) x[i] += active * layer.down[at++];
      }
    });
    return x;
  }
  /** Cosines and sines of the angles of a position. */
  turn(position, half) {
    const angles = Array.from({ length: half }, (_, i) => position * Math.pow(this.rope, -i / half));
    return { cos: angles.map(Math.cos), sin: angles.map(Math.sin) };
  }
  /** The likeliest piece each time, at most `limit`: [{id, probability, second}], the end last. */
  answer(prompt, limit) {
    const past = this.weights.map(() => []), said = [];
    let x;
    for (const piece of [...prompt.slice(-(this.room - 1)), ANSWER]) x = this.feed(piece, past);
    while (said.length < limit) {
      const shares = softmax(Array.from(times(this.head, normed(x, this.finalNorm))));
      const order = shares.map((_, i) => i).sort((a, b) => shares[b] - shares[a] || a - b);
      const [id, other] = [this.sayable[order[0]], this.sayable[order[1]]];
      said.push({ id, probability: shares[order[0]], other, otherProbability: shares[order[1]] });
      if (id === END) break;
      if (said.length < limit) x = this.feed(id, past);
    }
    return said;
  }
}

function times(matrix, vector) {
  const n = vector.length, product = new Float64Array(matrix.length / n);
  for (let row = 0, at = 0; row < product.length; row++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += matrix[at++] * vector[i];
    product[row] = sum;
  }
  return product;
}

function normed(vector, gain) {
  const n = vector.length, scaled = new Float64Array(n);
  let squares = 0;
  for (let i = 0; i < n; i++) squares += vector[i] * vector[i];
  const scale = 1 / Math.sqrt(squares / n + 1e-6);
  for (let i = 0; i < n; i++) scaled[i] = vector[i] * scale * gain[i];
  return scaled;
}

/** Norm a head's query or key and turn it by the angles of its position, in place. */
function rotate(vector, gain, { cos, sin }) {
  const x = normed(vector, gain), half = cos.length;
  for (let i = 0; i < half; i++) {
    vector[i] = x[i] * cos[i] - x[i + half] * sin[i];
    vector[i + half] = x[i + half] * cos[i] + x[i] * sin[i];
  }
}

function softmax(scores) {
  const top = Math.max(...scores), powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

// -- answers without learning: rivals/lookup.py, rivals/nearest.py
class Rivals {
  constructor(cards) {
    const counts = new Map();
    for (const { prompt, answers: [answer] } of cards.filter((card) => !card.isHeldOut)) {
      const of = counts.get(prompt) ?? new Map();
      counts.set(prompt, of.set(answer, (of.get(answer) ?? 0) + 1));
    }
    const commonest = (of) => [...of].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
    this.table = new Map([...counts].map(([prompt, of]) => [prompt, commonest(of)]));
    this.prompts = [...counts.keys()].map((prompt) => [...prompt]);
  }
  /** The taught prompt that takes the fewest edits, the first of equals; undefined without any. */
  nearest(prompt) {
    const typed = [...prompt];
    let best = Infinity, found;
    for (const other of this.prompts) {
      if (Math.abs(other.length - typed.length) >= best) continue;
      const n = edits(typed, other);
      if (n < best) [best, found] = [n, other];
    }
    return found?.join("");
  }
}

function edits(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  a.forEach((char, i) => {
    const next = [i + 1];
    b.forEach((other, j) => next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (char !== other))));
    row = next;
  });
  return row[b.length];
}

// -- the lesson: cards, states, and what is known of a prompt
class Lesson {
  static async opened() {
    const text = (id) => document.getElementById(id).textContent.trim();
    const lesson = Object.assign(new Lesson(), JSON.parse(text("lesson")));
    const high = await inflated(bytesOf(text("high")).subarray(0, lesson.n_high));
    let at = unpacked(lesson, high, bytesOf(text("low")));
    lesson.cards = lesson.cards.map(([heldOut, prompt, ...answers]) => ({ isHeldOut: heldOut === 1, prompt, answers }));
    const take = () => high.subarray(at, (at += lesson.cards.length));
    for (const state of lesson.states) {
      const [marks, lowBytes, highBytes] = [take(), take(), take()];
      state.marks = marks;
      state.timesSeen = Uint16Array.from(lowBytes, (byte, i) => byte | (highBytes[i] << 8));
      state.model = new Model(lesson.model, lesson.sayable, state.matrices);
    }
    lesson.pieces = new Pieces(lesson.tokenizer);
    lesson.others = new Rivals(lesson.cards);
    lesson.byPrompt = new Map();
    lesson.cards.forEach(({ prompt }, i) => lesson.byPrompt.set(prompt, [...(lesson.byPrompt.get(prompt) ?? []), i]));
    return lesson;
  }
  /** What the model of a state says to a prompt, and what is known of that prompt. */
  ask(typed, place) {
    const state = this.states[place], prompt = asTaught(typed), same = this.byPrompt.get(prompt) ?? [];
    const said = state.model.answer(this.pieces.encode(this.template.replace("{prompt}", () => prompt)), this.limit), isCut = said.at(-1).id !== END;
    const answer = this.pieces.text(said.map(({ id }) => id).filter((id) => id !== END));
    const timesSeen = Math.max(0, ...same.map((i) => state.timesSeen[i]));
    const isHeldOut = same.every((i) => this.cards[i].isHeldOut), text = (id) => this.pieces.text([id]);
    const stamp = timesSeen ? "seen" : !same.length ? "new" : isHeldOut ? "held_out" : "not_yet_taught";
    const correct = same.length ? this.cards[same[0]].answers : [];
    return {
      prompt, step: state.step, answer, isCut, stamp, timesSeen, correct,
      isRight: !isCut && correct.some((right) => right.replaceAll("\n", "⏎") === answer),
      probability: said.reduce((product, { probability }) => product * probability, 1),
      pieces: said.map((one) => ({ ...one, text: text(one.id), otherText: text(one.other) })),
    };
  }
  /** What the lookup table and the nearest card say, and which card that is. */
  rivals(typed) {
    const prompt = asTaught(typed), lookup = this.others.table.get(prompt);
    const near = lookup === undefined ? this.others.nearest(prompt) : prompt;
    return { lookup, near, nearest: this.others.table.get(near) };
  }
}

// -- the page
const $ = (id) => document.getElementById(id), count = (n) => n.toLocaleString(document.documentElement.lang);
const WORDS = JSON.parse($("words").textContent), MARKS = ["not_asked", "is_wrong", "is_nearly", "is_right"];
/** The sentence of this name, with these values in its {places}. */
const say = (name, values = {}) => WORDS[name].replace(/{(\w+)}/g, (_, place) => values[place]);
const stamped = ({ stamp, timesSeen }) => say(stamp, { n: count(timesSeen) });
const percent = (share) => (share > 0 && share < 0.01 ? "<1 %" : `${Math.floor(100 * share + 1e-9)} %`);

/** An element with these classes and children; text is text, never markup. */
function made(name, classes, ...children) {
  const element = Object.assign(document.createElement(name), { className: classes });
  element.append(...children);
  return element;
}

class Page {
  constructor(lesson) {
    this.lesson = lesson;
    this.last = this.place = lesson.states.length - 1;
    this.wall = new Wall($("wall"), lesson, (prompt) => this.type(prompt));
    $("step").addEventListener("input", () => this.go(Number($("step").value)));
    $("prompt").addEventListener("input", () => this.show());
    $("asking").addEventListener("submit", (event) => event.preventDefault());
    $("play").addEventListener("click", () => this.play());
    const chips = [...$("chips").children];
    for (const chip of chips) chip.addEventListener("click", () => this.type(chip.textContent));
    this.type(chips[0]?.textContent ?? "");
    document.body.classList.add("ready");
  }
  type(prompt) {
    $("prompt").value = prompt;
    this.show();
  }
  go(place) {
    this.place = $("step").value = place;
    this.show();
  }
  /** From the first state to the last, one after another; a second press stops. */
  play() {
    const isPlaying = this.timer !== undefined;
    clearInterval(this.timer);
    const next = () => (this.place < this.last ? this.go(this.place + 1) : this.play());
    this.timer = isPlaying ? undefined : setInterval(next, 700);
    if (!isPlaying && this.place === this.last) this.go(0);
    $("play").textContent = isPlaying ? "▶" : "❚❚";
    $("play").setAttribute("aria-label", say(isPlaying ? "play" : "stop"));
  }
  /** Everything that depends on the prompt and the state. */
  show() {
    const { states } = this.lesson, state = states[this.place], typed = $("prompt").value;
    const step = say("step", { n: count(state.step) }), taught = say("n_cards", { n: count(state.n_cards) });
    $("when").textContent = `${step}, ${taught}`;
    $("step").setAttribute("aria-valuetext", step);
    document.documentElement.style.setProperty("--at", this.place / Math.max(1, this.last));
    this.wall.show(this.place);
    const isEmpty = !asTaught(typed);
    for (const id of ["pieces", "known", "formed", "lookup", "nearest"]) $(id).hidden = isEmpty;
    if (isEmpty) return;
    const answers = states.map((_, place) => this.lesson.ask(typed, place)), now = answers[this.place];
    const pieces = now.pieces.filter(({ id }) => id !== END).map((piece) => this.piece(piece));
    $("pieces").replaceChildren(...pieces, made("span", "cut", now.isCut ? "…" : now.answer ? "" : say("silent")));
    const sure = say("sure", { share: percent(now.probability) }), { lookup, near, nearest } = this.lesson.rivals(typed);
    const right = now.isRight ? say("right") : now.correct.length ? say("wrong", { answer: now.correct[0] }) : "";
    const known = [[`stamp ${now.stamp}`, stamped(now)], ["sure", sure], [now.isRight ? "right" : "wrong", right]];
    $("known").replaceChildren(...known.map((part) => made("span", ...part)));
    $("lookup").textContent = lookup ?? "–";
    const as = near === undefined || near === now.prompt ? "" : ` ${say("as", { prompt: near })}`;
    $("nearest").textContent = (nearest ?? "–") + as;
    $("formed").replaceChildren(...answers.map((answer, place) => this.row(answer, place)));
    clearTimeout(this.telling);
    const told = `${step}: ${now.prompt}: ${now.answer || say("nothing")}, ${sure}, ${stamped(now)} ${right}`;
    this.telling = setTimeout(() => ($("told").textContent = told), 600);
  }
  piece({ text, probability, otherText, otherProbability }) {
    const other = otherProbability > 0.05 ? say("or", { piece: otherText }) : "", bar = made("span", "bar");
    bar.style.setProperty("--share", probability);
    return made("span", "piece", made("b", "", text === " " ? "␣" : text), bar,
      made("small", "", percent(probability)), made("small", "other", other));
  }
  row(answer, place) {
    const mark = answer.correct.length ? (answer.isRight ? "✓" : "✗") : "";
    const parts = [["small", "", count(answer.step)], ["span", "said", answer.answer || say("nothing")],
      ["span", "mark", mark], ["small", "", percent(answer.probability)]];
    const button = made("button", answer.isRight ? "right" : "", ...parts.map((part) => made(...part)));
    button.style.setProperty("--share", answer.probability);
    if (place === this.place) button.setAttribute("aria-current", "step");
    button.addEventListener("click", () => this.go(place));
    return made("li", "", button);
  }
}

/** Every card as a cell: a square for one that is taught, a diamond for one that never is. */
class Wall {
  constructor(canvas, { cards, states }, choose) {
    Object.assign(this, { canvas, cards, states, place: states.length - 1, at: -1 });
    this.order = [...cards.keys()].sort((a, b) => cards[a].isHeldOut - cards[b].isHeldOut || a - b);
    new ResizeObserver(() => this.paint()).observe(canvas.parentElement);
    for (const media of ["(prefers-color-scheme: dark)", "print"]) matchMedia(media).onchange = () => this.paint();
    canvas.addEventListener("pointermove", (event) => this.point(this.hit(event)));
    const ask = () => this.at >= 0 && choose(cards[this.order[this.at]].prompt);
    canvas.addEventListener("click", (event) => (this.point(this.hit(event)), ask()));
    canvas.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
      if (event.key in moves) this.point(Math.min(cards.length - 1, Math.max(0, this.at + moves[event.key])));
      else if (event.key === "Enter") ask();
      else return;
      event.preventDefault();
    });
  }
  hit({ offsetX, offsetY }) {
    const column = Math.floor(offsetX / this.size), at = Math.floor(offsetY / this.size) * this.columns + column;
    return column < this.columns && at < this.cards.length ? at : -1;
  }
  /** The cards as the model of a state answers them. */
  show(place) {
    this.place = place;
    const [right, heldOut] = this.states[place].right.map(count), n = this.cards.filter((card) => card.isHeldOut).length;
    const never = n ? `   ${say("unseen_right", { right: heldOut, n: count(n) })}` : "";
    $("counts").textContent = say("taught_right", { right, n: count(this.cards.length - n) }) + never;
    this.point(this.at);
  }
  /** Say which card the cell is of, and how it is answered. */
  point(at) {
    this.at = at;
    this.paint();
    if (at < 0) return ($("cell").textContent = say("point"));
    const index = this.order[at], { prompt, answers, isHeldOut } = this.cards[index];
    const { marks, timesSeen } = this.states[this.place], n = count(timesSeen[index]);
    const seen = say(isHeldOut ? "held_out" : "taught", { n });
    $("cell").textContent = `${prompt} → ${answers.join(" | ")}   ${say(MARKS[marks[index]])}, ${seen}`;
  }
  paint() {
    const width = this.canvas.parentElement.clientWidth, ratio = devicePixelRatio || 1;
    this.size = Math.max(5, Math.min(26, Math.floor(Math.sqrt((width * 380) / this.cards.length))));
    this.columns = Math.max(1, Math.floor(width / this.size));
    const height = Math.ceil(this.cards.length / this.columns) * this.size;
    Object.assign(this.canvas, { width: width * ratio, height: height * ratio });
    this.canvas.style.height = `${height}px`;
    const context = this.canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
    const [ink, seen, unseen] = ["--ink", "--seen", "--unseen"].map((name) => style.getPropertyValue(name));
    context.scale(ratio, ratio);
    this.order.forEach((index, i) => {
      const { isHeldOut } = this.cards[index], mark = this.states[this.place].marks[index], r = this.size * 0.36;
      const x = ((i % this.columns) + 0.5) * this.size, y = (Math.floor(i / this.columns) + 0.5) * this.size;
      context.beginPath();
      if (!isHeldOut) context.roundRect(x - r, y - r, 2 * r, 2 * r, r / 3);
      else for (const [dx, dy] of [[0, -r], [r, 0], [0, r], [-r, 0]]) context.lineTo(x + 1.25 * dx, y + 1.25 * dy);
      context.closePath();
      context.strokeStyle = context.fillStyle = isHeldOut ? unseen : seen;
      Object.assign(context, { globalAlpha: mark === 3 ? 1 : 0.45, lineWidth: Math.max(1, this.size / 14) });
      if (mark !== 3) context.stroke();
      context.globalAlpha = [0, 0, 0.4, 1][mark];
      context.fill();
      if (i !== this.at) return;
      Object.assign(context, { globalAlpha: 1, lineWidth: 2, strokeStyle: ink });
      context.strokeRect(x - this.size / 2 + 1, y - this.size / 2 + 1, this.size - 2, this.size - 2);
    });
  }
}

const lesson = Lesson.opened();
lesson.then((it) => new Page(it)).catch(({ message }) => ($("problem").textContent = say("broken", { why: message })));
