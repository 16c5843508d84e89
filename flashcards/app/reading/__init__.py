"""A text being read: what surprises the model, what it writes, how far counting comes."""
