"""Files into the database, row by row: what is good enters, what is bad comes back with its reason; and back out."""
