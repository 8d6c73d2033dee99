"""Business types: what is promised and by which steps it is done."""
