// The page's worker: it has the model (model.js, learning.js), answers what is asked and corrects it on cards.
const SLICE_MS = 8;

/** Lets messages in that wait, and goes on at once. */
function pause() {
  const { port1, port2 } = new MessageChannel();
  port2.postMessage(0);
  return new Promise((go) => (port1.onmessage = go));
}

/** Answers the newest question: the state that is shown first, then the rivals, then the other states. */
class Answering {
  constructor(lesson, tell) {
    Object.assign(this, { lesson, tell, question: {}, open: new Set(), changes: [] });
  }
  /** A card to correct the model on, how many of the corrections are to stay, or that saved ones are made again. */
  change(change) {
    this.changes.push(change);
    if (!this.isAtWork) this.work();
  }
  ask({ prompt, place }) {
    const isNew = prompt !== this.question.prompt;
    this.question = { prompt, place };
    if (isNew) [this.open, this.areRivalsOpen] = [new Set(this.lesson.states.keys()), true];
    if (!this.isAtWork) this.work();
  }
  async work() {
    this.isAtWork = true;
    for (let since = performance.now(), next; (next = this.next()); ) {
      const { question } = this;
      for (let step; this.question === question || next.isWhole; ) {
        if ((step = next.steps.next()).done) {
          next.done(step.value);
          break;
        }
        if (step.value) this.tell({ kind: "making", ...step.value });
        if (performance.now() - since < SLICE_MS) continue;
        await pause();  // the next key may have come
        since = performance.now();
      }
    }
    this.isAtWork = false;
  }
  next() {
    if (this.changes.length) return this.changing(this.changes.shift());
    const { lesson, open, question: { prompt, place: shown } } = this, n = lesson.states.length;
    if (prompt === undefined) return null;  // nothing was asked yet
    if (this.areRivalsOpen && !open.has(shown)) {
      const done = (rivals) => ((this.areRivalsOpen = false), this.tell({ kind: "compared", typed: prompt, ...rivals }));
      return { steps: lesson.rivals(prompt), done };
    }
    const place = [...lesson.states.keys()].map((i) => (shown + i) % n).find((at) => open.has(at));
    const done = (answer) => (open.delete(place), this.tell({ kind: "answered", typed: prompt, place, answer }));
    return place === undefined ? null : { steps: lesson.ask(prompt, place), done };
  }
  changing({ card, keep, isRestored }) {
    const done = (found) => {
      for (const place of found.places ?? []) this.open.add(place);
      this.tell({ kind: "changed", ...found, corrections: this.lesson.listed });
    };
    const steps = card ? corrected(this.lesson, card) : isRestored ? this.lesson.restored() : this.lesson.undo(keep);
    return { steps, done, isWhole: true };
  }
}

if (typeof document === "undefined") {
  const fail = ({ message }) => postMessage({ kind: "failed", message });
  let answering;
  onmessage = async ({ data }) => {
    if (answering) return data.prompt === undefined ? answering.change(data) : answering.ask(data);
    try {
      const lesson = await Lesson.opened(data);
      answering = new Answering(lesson, (message) => postMessage(message));
      postMessage({ kind: "opened", ...lesson.shown });
      if (lesson.saved.length) answering.change({ isRestored: true });
    } catch (error) {
      fail(error);
    }
  };
  onunhandledrejection = ({ reason }) => fail(reason);
}
