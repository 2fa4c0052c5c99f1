"""From a page to its transcript: what its blocks printed, raised and computed."""
