"""The widgets, one a file, named for what is seen."""
