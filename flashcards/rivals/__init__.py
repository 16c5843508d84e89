"""What the model is measured against: answerers that do not learn."""
