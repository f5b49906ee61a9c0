"""How the price of an achievement is found and decided (定价)."""
