"""Who learns: tokenizer, model, optimizer, one update and its measurement. Knows no screen."""
