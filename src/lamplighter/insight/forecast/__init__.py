"""Forecast: what the running month's bill will hold, and how well that has gone before."""
