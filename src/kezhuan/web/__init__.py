"""The site's shell: base page, components, static files, home, search and inbox."""
