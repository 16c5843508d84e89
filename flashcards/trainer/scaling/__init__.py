"""One deck taught with more and more of its cards, to see what more cards bring."""
