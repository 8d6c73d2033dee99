"""The knowledge base: what is answered, and which answer was given."""
