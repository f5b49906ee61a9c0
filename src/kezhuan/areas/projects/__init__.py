"""The area of projects: what was chosen in a call, from its task book to what came of it."""
