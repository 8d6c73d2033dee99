"""Storage: a folder of this host, and the same folder in an object store that other hosts read."""
