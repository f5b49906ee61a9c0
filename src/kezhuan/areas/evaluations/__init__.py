"""Evaluation of achievements (成果评价): what a result is worth, how mature it is, and by which evidence."""
