"""Work: the open steps of people."""
