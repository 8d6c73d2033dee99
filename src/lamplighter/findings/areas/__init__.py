"""Station areas in numbers: what a night sums up over their accounts, to list them by."""
