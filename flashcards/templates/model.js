// The trained model of a page, in plain JavaScript. Numbers and cards are packed as in flashcards/learner/portable.py.
// The page's worker runs this: worker.js. What takes long is a generator: it yields where it may be put aside.
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
  constructor({ kind, pieces, scores, filled, sounds }) {
    Object.assign(this, { kind, pieces, scores, filled, sounds });
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
    const worth = (i) => this.scores[this.ids.get(parts[i] + parts[i + 1])] ?? -Infinity;
    const worths = parts.map((_, i) => worth(i));
    for (;;) {
      let at = -1;
      for (let i = 0; i < worths.length; i++) if (worths[i] > (worths[at] ?? -Infinity)) at = i;
      if (at < 0) return parts;
      parts.splice(at, 2, parts[at] + parts[at + 1]);
      worths.splice(at, 2, worth(at));
      if (at > 0) worths[at - 1] = worth(at - 1);
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
    const special = { [FILLER]: "", [END]: "⏎", [ANSWER]: "→" };
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

// -- the model: learner/model.py
const READ_AT_ONCE = 2e6;  // of products: so many take a few milliseconds

class Model {
  constructor(shape, sayable, matrices) {
    const { layers, width, heads, hidden } = shape;
    Object.assign(this, shape, { sayable, read: [], past: [] });
    [this.embedding, this.gains, this.head] = matrices.slice(-3);
    const gain = ((at) => (n) => this.gains.subarray(at, (at += n)))(0);
    this.weights = Array.from({ length: layers }, (_, i) => {
      const [query, key, value, output, gate, up, down] = matrices.slice(7 * i, 7 * i + 7);
      const [attentionNorm, queryNorm, keyNorm, mlpNorm] = [width, width / heads, width / heads, width].map(gain);
      return { query, key, value, output, gate, up, down, attentionNorm, queryNorm, keyNorm, mlpNorm };
    });
    this.finalNorm = gain(width);
    this.atOnce = Math.max(1, Math.min(16, Math.floor(READ_AT_ONCE / (layers * width * (4 * width + 3 * hidden)))));
  }
  /** What the layers make of more pieces after the first `n`, [pieces, width]; keys and values stay for those after them.
      `noted` gets of each layer what derivatives need. */
  feed(pieces, n, noted) {
    const { width, heads } = this, size = width / heads, x = new Float64Array(pieces.length * width);
    this.read.splice(n, Infinity, ...pieces);
    const turns = pieces.map((_, at) => this.turn(n + at, size / 2)), places = [...pieces.keys()];
    places.forEach((at) => x.set(this.embedding.subarray(pieces[at] * width, (pieces[at] + 1) * width), at * width));
    this.weights.forEach((layer, place) => {
      const of = { x: noted && x.slice(), read: normed(x, layer.attentionNorm), mixed: new Float64Array(x.length), shares: [] };
      of.raw = [layer.query, layer.key].map((matrix) => times(matrix, of.read, width));
      [of.query, of.key] = [layer.queryNorm, layer.keyNorm].map((gain, i) => rotated(normed(of.raw[i], gain), turns, width));
      of.value = times(layer.value, of.read, width);
      const past = (this.past[place] ??= []), part = (array, at) => array.subarray(at * width, (at + 1) * width);
      past.splice(n, Infinity, ...places.map((at) => [part(of.key, at), part(of.value, at)]));
      for (let at = 0; at < x.length; at += size) {
        const from = at % width, shares = new Float64Array(n + Math.floor(at / width) + 1);
        for (let other = 0; other < shares.length; other++) {
          const key = past[other][0];
          let sum = 0;
          for (let i = 0; i < size; i++) sum += of.query[at + i] * key[from + i];
          shares[other] = sum / Math.sqrt(size);
        }
        softmax(shares);
        for (let other = 0; other < shares.length; other++) {
          const value = past[other][1], share = shares[other];
          for (let i = 0; i < size; i++) of.mixed[at + i] += share * value[from + i];
        }
        if (noted) of.shares.push(shares);
      }
      times(layer.output, of.mixed, width).forEach((more, i) => (x[i] += more));
      of.between = noted && x.slice();
      of.inner = normed(x, layer.mlpNorm);
      [of.gate, of.up] = [layer.gate, layer.up].map((matrix) => times(matrix, of.inner, width));
      of.hidden = of.gate.map((open, i) => (open / (1 + Math.exp(-open))) * of.up[i]);
      addTo(x, layer.down, of.hidden, width);
      noted?.push(of);
    });
    return x;
  }
  /** Cosines and sines of the angles of a position. */
  turn(position, half) {
    const angles = Array.from({ length: half }, (_, i) => position * Math.pow(this.rope, -i / half));
    return { cos: angles.map(Math.cos), sin: angles.map(Math.sin) };
  }
  /** The likeliest piece each time, at most `limit`: [{id, probability, second}], the end last. */
  *answer(prompt, limit) {
    const ids = [...prompt.slice(-(this.room - 1)), ANSWER], said = [];
    let x, n = 0;
    while (n < ids.length - 1 && this.read[n] === ids[n]) n++;
    for (; n < ids.length; n += this.atOnce) {
      yield;
      x = this.feed(ids.slice(n, n + this.atOnce), n);
    }
    for (;;) {
      const shares = softmax(times(this.head, normed(x.slice(-this.width), this.finalNorm), this.width));
      let best = 0, second = shares.length > 1 ? 1 : 0;
      for (let i = 1; i < shares.length; i++) {
        if (shares[i] > shares[best]) [best, second] = [i, best];
        else if (shares[i] > shares[second]) second = i;
      }
      const [id, other] = [this.sayable[best], this.sayable[second]];
      said.push({ id, probability: shares[best], other, otherProbability: shares[second] });
      if (id === END || said.length === limit) return said;
      yield;
      x = this.feed([id], this.read.length);
    }
  }
}

const turned = new WeakMap();

/** Each of some vectors of `n` numbers times each row of a matrix. */
function times(matrix, vectors, n) {
  const rows = matrix.length / n, columns = turned.get(matrix) ?? new Float32Array(matrix.length);
  if (!turned.has(matrix)) {
    for (let at = 0, row = 0; row < rows; row++) for (let i = 0; i < n; i++) columns[i * rows + row] = matrix[at++];
    turned.set(matrix, columns);
  }
  return addTo(new Float64Array((vectors.length / n) * rows), columns, vectors, rows);
}

/** Add to each of some sums of `n` numbers the rows of a matrix, each times its number among the `shares`, in order. */
function addTo(sums, matrix, shares, n) {
  const rows = matrix.length / n;
  for (let row = 0; row < rows; row += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((more) => ((row + more) % rows) * n), left = rows - row;
    for (let at = row, from = 0; at < shares.length; at += rows, from += n) {
      const p = shares[at], q = left > 1 ? shares[at + 1] : 0;
      const r = left > 2 ? shares[at + 2] : 0, s = left > 3 ? shares[at + 3] : 0;
      for (let i = 0; i < n; i++) {
        sums[from + i] = sums[from + i] + p * matrix[a + i] + q * matrix[b + i] + r * matrix[c + i] + s * matrix[d + i];
      }
    }
  }
  return sums;
}

/** Each of some vectors, as long as the gain, by its root mean square, times the gain. */
function normed(vectors, gain) {
  const n = gain.length, scaled = new Float64Array(vectors.length);
  for (let from = 0; from < vectors.length; from += n) {
    let squares = 0;
    for (let i = 0; i < n; i++) squares += vectors[from + i] * vectors[from + i];
    const scale = 1 / Math.sqrt(squares / n + 1e-6);
    for (let i = 0; i < n; i++) scaled[from + i] = vectors[from + i] * scale * gain[i];
  }
  return scaled;
}

/** The heads of each position, turned by its angles, in place. */
function rotated(vectors, turns, width) {
  turns.forEach(({ cos, sin }, at) => {
    const half = cos.length;
    for (let from = at * width; from < (at + 1) * width; from += 2 * half) {
      for (let i = from; i < from + half; i++) {
        const x = vectors[i], y = vectors[i + half];
        vectors[i] = x * cos[i - from] - y * sin[i - from];
        vectors[i + half] = y * cos[i - from] + x * sin[i - from];
      }
    }
  });
  return vectors;
}

/** Shares of 1 from scores, in place. */
function softmax(scores) {
  let top = -Infinity, sum = 0;
  for (let i = 0; i < scores.length; i++) if (scores[i] > top) top = scores[i];
  for (let i = 0; i < scores.length; i++) sum += scores[i] = Math.exp(scores[i] - top);
  for (let i = 0; i < scores.length; i++) scores[i] /= sum;
  return scores;
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
  *nearest(prompt) {
    const typed = [...prompt];
    let best = Infinity, found;
    for (const other of this.prompts) {
      yield;
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
const UNDONE_AT_ONCE = 8;  // corrections: the numbers before one take as much memory as a state

class Lesson {
  /** From the texts of the page that hold it. */
  static async opened({ lesson: told, high: first, low }) {
    const lesson = Object.assign(new Lesson(), JSON.parse(told));
    const high = await inflated(bytesOf(first).subarray(0, lesson.n_high));
    let at = unpacked(lesson, high, bytesOf(low));
    lesson.cards = lesson.cards.map(([heldOut, prompt, ...answers]) => ({ isHeldOut: heldOut === 1, prompt, answers }));
    const take = () => high.slice(at, (at += lesson.cards.length));
    for (const state of lesson.states) {
      const [marks, lowBytes, highBytes] = [take(), take(), take()];
      state.marks = marks;
      state.timesSeen = Uint16Array.from(lowBytes, (byte, i) => byte | (highBytes[i] << 8));
    }
    lesson.states.forEach(({ matrices, sayable }, place) => {
      const head = matrices.at(-1), { width } = lesson.model;
      const rows = sayable?.map((piece) => head.subarray(width * lesson.sayable.indexOf(piece)).subarray(0, width));
      if (rows) matrices[matrices.length - 1] = Float32Array.from(rows.flatMap((row) => [...row]));
      lesson.states[place].own = matrices;
      lesson.take(place, matrices);
    });
    lesson.pieces = new Pieces(lesson.tokenizer);
    lesson.others = new Rivals(lesson.cards);
    lesson.byPrompt = new Map();
    lesson.cards.forEach(({ prompt }, i) => lesson.byPrompt.set(prompt, [...(lesson.byPrompt.get(prompt) ?? []), i]));
    [lesson.saved, lesson.corrections] = [lesson.corrections ?? [], []];
    return lesson;
  }
  take(place, matrices) {
    for (const matrix of this.states[place].matrices) turned.delete(matrix);  // it may be kept for long
    const model = new Model(this.model, this.states[place].sayable ?? this.sayable, matrices);
    Object.assign(this.states[place], { matrices, model });
  }
  /** Remembers a correction before it is made; of the last few the numbers before it, too. */
  note(card) {
    this.corrections.push({ ...card, before: this.states[card.place].matrices });
    delete this.corrections.at(-1 - UNDONE_AT_ONCE)?.before;
  }
  /** Takes back all corrections but the first `n`; yields how many it has to make again. */
  *undo(n) {
    const undone = this.corrections.splice(n), places = [...new Set(undone.map(({ place }) => place))];
    const before = (place) => undone.find((card) => card.place === place).before;
    const again = this.corrections.filter(({ place }) => places.includes(place) && !before(place));
    for (const place of places) this.take(place, before(place) ?? this.states[place].own);
    for (const [made, card] of again.entries()) {
      yield { made, of: again.length };
      yield* improved(this, card);
    }
    return { places };
  }
  /** Makes the corrections that a saved page was left with; yields how many are made. */
  *restored() {
    for (const [made, saved] of this.saved.entries()) {
      yield { made, of: this.saved.length };
      const card = taughtCard(this, saved);
      if (card.why) continue;
      this.note(card);
      yield* improved(this, card);
    }
    return { places: [...new Set(this.corrections.map(({ place }) => place))] };
  }
  get listed() {
    return this.corrections.map(({ place, prompt, answer }) => ({ place, prompt, answer }));
  }
  /** What the page shows without asking; a card is a line of JSON, read when it is wanted. */
  get shown() {
    const states = this.states.map(({ step, n_cards, right, marks, timesSeen }) => ({ step, n_cards, right, marks, timesSeen }));
    return { states, corrections: this.listed, cards: this.cards.map((card) => JSON.stringify(card)).join("\n"),
      heldOut: Uint8Array.from(this.cards, ({ isHeldOut }) => isHeldOut) };
  }
  /** What the model of a state says to a prompt, and what is known of that prompt. */
  *ask(typed, place) {
    const state = this.states[place], prompt = asTaught(typed), same = this.byPrompt.get(prompt) ?? [];
    if (this.encoded?.prompt !== prompt) this.encoded = { prompt, ids: this.pieces.encode(prompt) };
    const said = yield* state.model.answer(this.encoded.ids, state.limit), isCut = said.at(-1).id !== END;
    const answer = this.pieces.text(said.map(({ id }) => id).filter((id) => id !== END));
    const nHere = this.corrections.filter((card) => card.place === place && card.prompt === prompt).length;
    const timesSeen = nHere || Math.max(0, ...same.map((i) => state.timesSeen[i]));
    const isHeldOut = same.every((i) => this.cards[i].isHeldOut), text = (id) => this.pieces.text([id]) || "◦";
    const stamp = nHere ? "taught_here" : timesSeen ? "seen" : !same.length ? "new" : isHeldOut ? "held_out" : "not_yet_taught";
    const correct = same.length ? this.cards[same[0]].answers : [];
    return {
      prompt, step: state.step, answer, isCut, stamp, timesSeen, correct,
      probability: said.reduce((product, { probability }) => product * probability, 1),
      pieces: said.map((one) => ({ ...one, text: text(one.id), otherText: text(one.other) })),
    };
  }
  /** What the lookup table and the nearest card say, and which card that is. */
  *rivals(typed) {
    const prompt = asTaught(typed), lookup = this.others.table.get(prompt);
    const near = lookup === undefined ? yield* this.others.nearest(prompt) : prompt;
    return { lookup, near, nearest: this.others.table.get(near) };
  }
}
