"""The first answer to each write, so that the same write sent again is answered alike."""
