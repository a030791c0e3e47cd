"""What each command tells at the end, and what a dry run expects of it; one module a command, without heavy imports."""
