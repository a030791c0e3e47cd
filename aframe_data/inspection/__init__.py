"""Looking at files: what any of the project's files holds, in facts for people and machines, and in a picture."""
