"""Today: each person's right work, in order, with the reason for each line."""
