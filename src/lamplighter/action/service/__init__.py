"""Service orders: the twelve functions, processes, promises."""
