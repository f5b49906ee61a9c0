"""Cases of exemption (尽职免责): what was known when it was decided, examined by those who did not decide."""
