"""Storage: a folder of this host that other hosts read, too, and statements a connection keeps."""
