"""Change: when a point's habit became another, how much, how sure, and whether it still is."""
