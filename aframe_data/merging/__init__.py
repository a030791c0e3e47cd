"""Joining ledger files made in pieces: which are meant, whether they are one set, and what becomes of them."""
