"""Programs: one folder a resource."""
