"""Files that belong to orders: photographs, forms, proofs."""
