"""Jinja2 templates of pages and pictures, and what fills them. Every text is escaped."""
