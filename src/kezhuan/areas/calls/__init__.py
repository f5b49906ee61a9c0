"""The area of calls: lists of challenges that are published, applied for and decided."""
