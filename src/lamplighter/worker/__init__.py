"""The clock and the queue: reads the ledger, calls services."""
