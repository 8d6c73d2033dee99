"""What customers ask for: the labelled examples, what is learnt from them, and its use."""
