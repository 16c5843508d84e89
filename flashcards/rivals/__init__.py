"""Rivals, against which the model is measured: answerers that do not learn."""
