"""What is changed on a page's HTML once MkDocs has rendered it."""
