"""Looking back: nights as we knew them, and rules on trial beside the rules in force."""
