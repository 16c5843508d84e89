"""The screen. Imports textual, cards and runs; never torch, numpy or sentencepiece."""
