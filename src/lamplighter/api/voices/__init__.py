"""What customers said of their orders."""
