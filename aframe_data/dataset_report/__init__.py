"""The page about a data set: what its files hold as plain values, and the page of those."""
