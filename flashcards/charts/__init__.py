"""Pictures of numbers, as SVG and as text. Knows `runs` and the templates, nothing else."""
