"""Telling other systems what happened to orders: signed, at least once, from the ledger."""
