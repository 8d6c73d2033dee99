"""The learnt judge: who is another household since a few days, and what makes a judge learn it."""
