"""Orders escalated by policy: to whom, why, when they were taken in hand, and how it ended."""
