"""Credentials for private archives: a SciToken, else an X.509 certificate, as igwn-auth-utils finds them.

No plugin, but what plugins use: an `access.Access` for each server asks it without credentials first, and looks for
some only when it refuses. `finding` finds them and says what is missing; `credential` keeps them out of everything
that is printed, logged or stored.
"""
