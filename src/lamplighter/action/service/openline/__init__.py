"""The open line: anybody reports poor service, without an account and without signing in."""
