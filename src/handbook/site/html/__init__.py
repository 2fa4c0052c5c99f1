"""The HTML of a whole page: indexed for search, finished in one pass, and given its policy."""
