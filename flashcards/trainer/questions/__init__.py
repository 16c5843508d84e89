"""What is asked while a lesson goes on. Nothing here changes what is taught, or when."""
