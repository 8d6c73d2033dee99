"""What was written into the forms of steps: who needs it reads it, and it is let go of in time."""
