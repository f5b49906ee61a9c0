"""Working calendars of the years whose holidays are officially announced, one file per year."""
