"""What is seen. Imports textual, cards and runs; never torch, numpy or sentencepiece."""
