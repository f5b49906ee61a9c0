"""Papers: Word templates that offices upload, checked against the fields of a kind and filled from its records."""
