"""Models that others have trained, brought by `--model`: read from files, taught like our own.

    model_folder.py         a folder in Hugging Face layout; knows no torch
    gguf_reading.py         a GGUF file
    model_files.py          either of them as one value: form, pieces, tensors
    pretrained_settings.py  the form of such a model, and how it is taught
    opener.py               the model as a run begins with it, checked
    llama.py                its forward pass, an adapter beside it, and what changes its numbers
    byte_pieces.py          its tokenizer
    chat.py                 its chat template

The packages of the extra `pretrained` are loaded here alone.
"""
