"""One shard decided, in arrays: from facts and rules to what was found, and what still holds."""
