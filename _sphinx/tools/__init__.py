"""The commands behind `make`: the environment, running, checking, printing and serving the book."""
