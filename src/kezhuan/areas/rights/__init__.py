"""What becomes of rights in an achievement: so far how its income is distributed."""
