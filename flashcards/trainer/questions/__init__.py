"""Questions asked while a lesson goes on. None changes what is taught, or when."""
