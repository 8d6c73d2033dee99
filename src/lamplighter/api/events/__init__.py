"""What happened to orders, in the order in which it did."""
