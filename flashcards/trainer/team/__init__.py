"""One model taught by several processes, as torchrun starts them."""
