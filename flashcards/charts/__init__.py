"""Pictures of numbers: SVG files and text. Standard library only, but for `curves`, from runs."""
