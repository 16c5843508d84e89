"""Models that others have trained, brought by `--model`: read from files, taught like our own.

    model_folder.py         a folder in Hugging Face layout; knows no torch
    gguf_folder.py          a GGUF file as such a folder, in the user's cache
    pretrained_settings.py  the form of such a model, and how it is taught
    opener.py               the model as a run begins with it, checked
    network.py              the seam: the states of its layers, and a guess from them
    products.py             what its linear maps compute, and the adapters beside them
    base.py                 what learns of it, what is kept of it, and what changes its numbers
    stacked_states.py       names in saved states of earlier runs
    pieces.py               its tokenizer
    chat.py                 its chat template

The packages of the extra `pretrained` are loaded here alone.
"""
