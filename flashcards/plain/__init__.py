"""The lesson as lines of text: for screen readers, pipes and logs. No torch, no screen."""
