"""What the middlewares share: which requests are predictions, whose they are, and where they are counted."""
