"""What becomes of rights in an achievement: granted to its completers, and how its income is distributed."""
