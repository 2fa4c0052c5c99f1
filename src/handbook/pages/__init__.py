"""From bytes to a page: read, expand, parse."""
