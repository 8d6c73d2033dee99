"""The tokens by which programs work in the name of a person of the staff."""
