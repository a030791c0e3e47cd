"""A whole data set from one file: its stages in order, each the request of a command."""
