"""A night's shards: what they look at pinned, handed out, decided by workers and brought back."""
