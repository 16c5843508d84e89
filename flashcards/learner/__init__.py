"""A small language model and how it is taught: from a deck of cards to weights, and to answers.

To understand training, read these files in this order. Each says at its top which part it is and
what it hands to the next. Together they are one model, one loss, one optimizer; no screen, no
process, no clock.

    1  settings         settings.py         every number that can be chosen, one rule for all decks

    2  cards into       filling.py          cards cut so that what belongs together is as far apart
       numbers          tokenizer.py        text to pieces and back
                        lengths.py          cards that are too long for the model
                        encoding.py         cards, and windows of a text, as batches of pieces

    3  model            model.py            the weights, their shapes, and how they begin
                        layers.py           norm, attention, SwiGLU, each with its derivative
                        passes.py           a batch through all layers, forward and back

    4  loss             loss.py             how wrong the model is about a batch, as one number
    5  gradient         shards.py           a batch in parts, whose gradients are added up
    6  optimizer        optimizer.py        Muon and AdamW: gradients become changes of weights
                        adapter.py          LoRA: two thin matrices learn in place of a large one

    7  order            order.py            the cards that come next: every epoch all, shuffled
                        queues.py           the deck's order, Leitner's boxes, hardest first

    8  learner          study.py            one update as values: before, after, what it changed
                        grades.py           cards graded, many in one pass
                        piece_by_piece.py   an answer, one piece after another
                        written.py          text that is written, and what of it was copied
                        reader.py           a model that answers,
                        drawing.py          that tries answers by luck, for rewards and votes,
                        trained.py          whose weights change and can be saved,
                        learner.py          and that is taught: one update, from cards to weights

    9  saved state      saving.py           tensors as one file, and back
                        fingerprint.py      the same bits again, on which machines
                        portable.py         the model in a page

    10 looking inside   inspection.py       one update from within; embeddings and weights drawn

The whole loop; trainer/update.py is the same, with stops at each of six phases:

    settings = LearnerSettings.for_deck(deck)
    learner = Learner.create(deck, settings, seed=1)      # a model that knows nothing
    order = CardOrder(deck.taught, seed=1)
    while learner.step < 100:
        cards = order.next(settings.batch_size_at(learner.step))
        study = learner.study(cards)                      # read the prompts, guess, and the error
        learner.adjust(study)                             # gradient and optimizer: new weights
    learner.grade(deck.never_seen)                        # ask what it was never taught

Words: a *piece* is a token. An error is in *nats*, -ln of the probability of what is right, the
mean of an answer's pieces. *Sayable* is a piece that some answer has. *Raw* weights are those that
learn, *averaged* ones their running mean, which answer. A *window* is a stretch of a text.

In a hurry: model.py, layers.py, passes.py, loss.py, optimizer.py, learner.py.

Apart from these: `kernels/` computes parts 3 to 6 in half the time, as compiled loops;
`brought/` reads models that others have trained. tests/learner/plainly.py is the model once more,
as plainly as can be; tests hold the one against the other.
"""
