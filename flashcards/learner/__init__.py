"""Who learns: tokenizer, model, optimizer, one update and its measurement. Knows no screen.

To understand training, read in this order:

    what it is      settings.py         every number that can be chosen, and one rule for all decks
    cards into      filling.py          letters that stand for sounds; prompts filled to one length
    numbers         tokenizer.py        text to pieces and back
                    lengths.py          which cards are too long for the model
                    encoding.py         cards and windows of a text as batches of pieces
    model           model.py            the weights, a decoder as Qwen3, and how they begin
                    layers.py           norm, attention and SwiGLU, each with its derivative
                    passes.py           a batch through all layers: forward, and backward
    loss            loss.py             the error of the next pieces, and of those further on
    gradient        shards.py           a batch in parts, whose gradients are summed
    optimizer       optimizer.py        Muon for matrices, AdamW for the rest
                    adapter.py          LoRA: two thin matrices learn in place of a large one
    order           order.py            which cards come next
                    queues.py           other orders: the deck's, Leitner's boxes, hardest first
    learner         study.py            one update as values: before, after, what it changed
                    grades.py           how cards are graded
                    piece_by_piece.py   an answer, one piece after another
                    written.py          what a reader of a text writes, and what it copied
                    reader.py           a model that answers
                    drawing.py          ... and tries answers, for rewards and votes
                    trained.py          ... whose weights change, and can be saved
                    learner.py          ... and is taught: one update from cards to new weights
    looking inside  inspection.py       one update from within, embeddings and weights as pictures
    saved state     saving.py           tensors as one file, and back
                    fingerprint.py      how this machine rounds, so that a run can be repeated
                    portable.py         the model in a page

Apart from these: `kernels/` computes the same in half the time, in compiled loops; `brought/` reads
models that others have trained.
"""
