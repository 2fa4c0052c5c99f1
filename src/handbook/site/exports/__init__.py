"""The handbook in other shapes: plain text, notebooks, decks, books, a zip, and a list for offline reading."""
