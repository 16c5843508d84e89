"""One run as a page to print or mail. Reads the run folder; knows no torch and no screen."""
