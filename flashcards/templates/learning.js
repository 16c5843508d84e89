// One correction of the page's model: backward as learner/passes.py, the step as learner/optimizer.py. This follows model.js
// in the page's worker. Matrices, and what is found for each of them, stand in the order of learner/portable.py.

/** A card as the model reads it: the error of its right answer in nats a piece, that answer's probability, and its inputs. */
function studied(model, prompt, answer) {
  const { width, sayable } = model, ids = [...prompt, ANSWER, ...answer].slice(0, -1), layers = [];
  const last = model.feed(ids, 0, layers).slice(-answer.length * width), read = normed(last, model.finalNorm);
  const shares = times(model.head, read, width), targets = answer.map((piece, i) => i * sayable.length + sayable.indexOf(piece));
  answer.forEach((_, i) => softmax(shares.subarray(i * sayable.length, (i + 1) * sayable.length)));
  const nats = targets.reduce((sum, target) => sum - Math.log(shares[target]), 0);
  return { ids, targets, layers, last, read, shares, error: nats / answer.length, probability: Math.exp(-nats) };
}

/** The derivatives of a card's error by the model's matrices; yields after each layer. */
function* gradientsOf(model, { ids, targets, layers, last, read, shares }) {
  const { width, heads } = model, size = width / heads, byGains = [], byLayers = [];
  const byLogits = shares.map((share, i) => (share - targets.includes(i)) / targets.length);
  const [byLast, byFinalNorm] = normBack(back(model.head, byLogits, width), last, model.finalNorm);
  const byX = new Float64Array(ids.length * width), byEmbedding = new Float64Array(model.embedding.length);
  byX.set(byLast, byX.length - byLast.length);
  const add = (by) => by.forEach((number, i) => (byX[i] += number));
  const turnsBack = ids.map((_, at) => model.turn(at, size / 2)).map(({ cos, sin }) => ({ cos, sin: sin.map((y) => -y) }));
  for (const layer of [...model.weights].reverse()) {
    const of = layers.pop(), byDown = outer(of.hidden, model.hidden, byX, width), byHidden = times(layer.down, byX, width);
    const open = of.gate.map((x) => 1 / (1 + Math.exp(-x))), byUp = byHidden.map((by, i) => by * of.gate[i] * open[i]);
    const byGate = byHidden.map((by, i) => by * of.up[i] * open[i] * (1 + of.gate[i] * (1 - open[i])));
    const byInner = addTo(back(layer.gate, byGate, width), layer.up, byUp, width);
    const [byBetween, byMlpNorm] = normBack(byInner, of.between, layer.mlpNorm);
    add(byBetween);
    const byOutput = outer(byX, width, of.mixed, width);
    const [byTurned, byKeys, byValue] = attentionBack(back(layer.output, byX, width), of, size, width);
    const [byQuery, byQueryNorm] = normBack(rotated(byTurned, turnsBack, width), of.raw[0], layer.queryNorm);
    const [byKey, byKeyNorm] = normBack(rotated(byKeys, turnsBack, width), of.raw[1], layer.keyNorm);
    const byRead = addTo(addTo(back(layer.query, byQuery, width), layer.key, byKey, width), layer.value, byValue, width);
    const [byInput, byAttentionNorm] = normBack(byRead, of.x, layer.attentionNorm);
    add(byInput);
    const projections = [byQuery, byKey, byValue].map((by) => outer(by, width, of.read, width));
    byLayers.unshift(...projections, byOutput, ...[byGate, byUp].map((by) => outer(by, model.hidden, of.inner, width)), byDown);
    byGains.unshift(byAttentionNorm, byQueryNorm, byKeyNorm, byMlpNorm);
    yield;
  }
  ids.forEach((piece, at) => {
    for (let i = 0; i < width; i++) byEmbedding[piece * width + i] += byX[at * width + i];
  });
  const gains = [...byGains, byFinalNorm].flatMap((by) => [...by]);
  return [...byLayers, byEmbedding, gains, outer(byLogits, model.sayable.length, read, width)];
}

/** By rotated queries, rotated keys, and values. */
function attentionBack(byMixed, { query, key, value, shares }, size, width) {
  const [byQuery, byKey, byValue] = [query, key, value].map(({ length }) => new Float64Array(length));
  shares.forEach((row, head) => {
    const from = head * size, places = [...row.keys()].map((other) => other * width + (from % width));
    const byShare = places.map((at, other) => {
      let sum = 0;
      for (let i = 0; i < size; i++) {
        sum += byMixed[from + i] * value[at + i];
        byValue[at + i] += row[other] * byMixed[from + i];
      }
      return sum;
    });
    const along = byShare.reduce((sum, by, other) => sum + row[other] * by, 0);
    places.forEach((at, other) => {
      const byScore = (row[other] * (byShare[other] - along)) / Math.sqrt(size);
      for (let i = 0; i < size; i++) {
        byQuery[from + i] += byScore * key[at + i];
        byKey[at + i] += byScore * query[from + i];
      }
    });
  });
  return [byQuery, byKey, byValue];
}

/** By the vectors of `n` numbers that `times` was given. */
const back = (matrix, by, n) => addTo(new Float64Array((by.length * n * n) / matrix.length), matrix, by, n);

/** By what was normed, and by the gain. */
function normBack(by, vectors, gain) {
  const n = gain.length, byGain = new Float64Array(n), byVectors = new Float64Array(by.length);
  for (let from = 0; from < by.length; from += n) {
    let squares = 0, along = 0;
    for (let i = 0; i < n; i++) squares += vectors[from + i] * vectors[from + i];
    const scale = 1 / Math.sqrt(squares / n + 1e-6), even = (i) => vectors[from + i] * scale;
    for (let i = 0; i < n; i++) {
      byGain[i] += by[from + i] * even(i);
      along += (by[from + i] * gain[i] * even(i)) / n;
    }
    for (let i = 0; i < n; i++) byVectors[from + i] = (by[from + i] * gain[i] - even(i) * along) * scale;
  }
  return [byVectors, byGain];
}

/** [m, n]: summed over pairs of vectors, `m` and `n` numbers long, each number of the one times each of the other. */
function outer(left, m, right, n) {
  const sum = new Float64Array(m * n);
  for (let a = 0, b = 0; a < left.length; a += m, b += n) {
    for (let row = 0, at = 0; row < m; row++) for (let i = 0; i < n; i++) sum[at++] += left[a + row] * right[b + i];
  }
  return sum;
}

/** A matrix with rows of `n` numbers, its singular values brought near 1 (Newton and Schulz). */
function orthogonal(matrix, n, { coefficients, is_by_norm }) {
  const length = (numbers) => Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0));
  const size = is_by_norm ? length(matrix) + 1e-7 : Math.sqrt(length(outer(matrix, n, matrix, n)) + 1e-14);
  return coefficients.reduce((x, [a, b, c]) => {
    const gram = outer(x, n, x, n), factor = back(gram, gram, n).map((number, i) => b * gram[i] + c * number);
    for (let i = 0; i < n; i++) factor[i * n + i] += a;
    return back(factor, x, n);
  }, matrix.map((number) => number / size));
}

/** The matrices after one step of a fresh optimizer: Muon for the layers', AdamW for the others; yields after each. */
function* stepped(matrices, gradients, width, how, factor, decay) {
  const next = matrices.map((matrix) => Float32Array.from(matrix));
  for (let layer = 0; layer < matrices.length - 3; layer += 7) {
    for (const [first, n, scale] of how.groups) {
      const places = Array.from({ length: n }, (_, i) => layer + first + i), rate = how.rate * factor;
      const numbers = orthogonal(Float64Array.from(places.flatMap((place) => [...gradients[place]])), width, how).values();
      for (const place of places) {
        next[place] = next[place].map((number) => number * (1 - rate * decay) - rate * scale * numbers.next().value);
      }
      yield;
    }
  }
  how.other_rates.forEach((rate, i) => {
    const by = gradients.at(i - 3), kept = 1 - (how.is_decayed[i] ? rate * factor * decay : 0);
    next.at(i - 3).forEach((x, at, all) => (all[at] = x * kept - (rate * factor * by[at]) / (Math.abs(by[at]) + 1e-8)));
  });
  return next;
}

/** The ids of an answer, where a short word may be one piece together with its space, or each letter of the prompt
 * has one piece: learner/tokenizer.py. */
function answerOf(pieces, text, prompt) {
  const cut = { ...pieces, filled: 0 }, encode = (word) => Pieces.prototype.encode.call(cut, word);
  if (!pieces.filled) return encode(text);
  const whole = (word) => ([...word].length > 1 ? pieces.ids.get(word.replaceAll(" ", SPACE)) : undefined);
  const inWords = (part) => whole(part) ?? part.split(/(?<= )/u).flatMap((word) => whole(word) ?? encode(word));
  const sounds = pieces.sounds ? aligned(pieces.sounds, text.split(" "), [...prompt]) : [];
  const last = sounds.findLastIndex(Boolean);
  if (!sounds.length) return [inWords(text)].flat();
  return sounds.flatMap((said, place) => (said ? inWords(said + (place < last ? " " : "")) : FILLER));
}

/** The sounds of each letter, "" where it is silent, or nothing: learner/filling.py. */
function aligned(counts, sounds, letters) {
  if (letters.length > 32 || sounds.length > 2 * letters.length || sounds.includes("")) return [];
  const taught = new Set(Object.values(counts).flatMap((said) => Object.keys(said)).flatMap((said) => said.split(" ")));
  if (!sounds.every((sound) => taught.has(sound))) return [];
  let best = new Map([[0, { cost: 0, cut: [] }]]);
  for (const letter of letters) {
    const known = new Map(Object.entries(Object.hasOwn(counts, letter) ? counts[letter] : {})), ahead = new Map();
    const total = [...known.values()].reduce((sum, n) => sum + n, 1);
    for (const [start, { cost, cut }] of best) {
      for (let end = start; end <= Math.min(start + 2, sounds.length); end++) {
        const said = sounds.slice(start, end).join(" "), rare = Math.log(total / ((known.get(said) ?? 0) + 0.01));
        const further = cost + Math.round(1000 * rare) + (end > start + 1 ? 1500 : 0);
        if (!(ahead.get(end)?.cost <= further)) ahead.set(end, { cost: further, cut: [...cut, said] });
      }
    }
    best = ahead;
  }
  return best.get(sounds.length).cut;
}

/** A card that is typed, and its pieces as the model of a state reads them; or why it can't be taught. */
function taughtCard(lesson, { place, prompt: typed, answer: wanted }) {
  const prompt = asTaught(typed), answer = asTaught(wanted), { sayable } = lesson.states[place].model;
  const isSayable = (text) => answerOf(lesson.pieces, text, prompt).every((piece) => sayable.includes(piece));
  const parts = lesson.pieces.sounds ? answer.split(" ") : [...answer];
  if (!prompt || !answer) return { why: "no_card" };
  if (!isSayable(answer)) return { why: "unsayable", piece: parts.find((part) => !isSayable(part)) ?? answer };
  const pieces = [lesson.pieces.encode(prompt), [...answerOf(lesson.pieces, answer, prompt), END]];
  return pieces.flat().length + 1 > lesson.model.room ? { why: "too_long" } : { place, prompt, answer, pieces };
}

/** One step of the model of a state on a card: the card as it was read before it. */
function* improved(lesson, { place, pieces }) {
  const state = lesson.states[place], how = lesson.correction, [nats, least] = how.settling;
  const study = studied(state.model, ...pieces);
  const factor = state.rate * (study.error < nats ? Math.max(least, study.error / nats) : 1);
  const gradients = yield* gradientsOf(state.model, study);
  lesson.take(place, yield* stepped(state.matrices, gradients, lesson.model.width, how, factor, state.decay));
  return study;
}

const N_OTHERS = 12;  // cards that are asked before and after a correction of another one

/** Cards of the deck, evenly spaced, without the one with this prompt. */
function othersThan(lesson, prompt) {
  const others = [...lesson.byPrompt.keys()].filter((other) => other !== prompt), n = Math.min(N_OTHERS, others.length);
  return Array.from({ length: n }, (_, i) => others[Math.floor(((2 * i + 1) * others.length) / (2 * n))]);
}

/** What the model of a state says to each of these prompts. */
function* answersTo(lesson, prompts, place) {
  const answers = [];
  for (const prompt of prompts) answers.push((yield* lesson.ask(prompt, place)).answer);
  return answers;
}

/** Corrects the model of a state on a card, once: what that changed, of other cards, too, or why it can't be. */
function* corrected(lesson, typed) {
  const card = taughtCard(lesson, typed), { place, pieces } = card;
  if (card.why) return card;
  const before = yield* lesson.ask(card.prompt, place), others = othersThan(lesson, card.prompt);
  const othersBefore = yield* answersTo(lesson, others, place);
  lesson.note(card);
  const study = yield* improved(lesson, card), now = studied(lesson.states[place].model, ...pieces);
  const after = yield* lesson.ask(card.prompt, place), othersAfter = yield* answersTo(lesson, others, place);
  const changed = others.map((prompt, i) => ({ prompt, before: othersBefore[i], after: othersAfter[i] }));
  return { others: { n: others.length, changed: changed.filter((other) => other.before !== other.after) },
    places: [place], answer: card.answer, guesses: [before, after].map((one) => one.answer),
    errors: [study.error, now.error], probabilities: [study.probability, now.probability] };
}
