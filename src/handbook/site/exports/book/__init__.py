"""The book: the built site as one EPUB and one PDF of each language.

- `markup`: a page's HTML as a tree
- `chapters`: the built pages, in the order of the navigation, as one book
- `article`: what of a page a book can hold: tabs and folds opened, buttons dropped, answers at the end
- `colours`: the site's own colours and drawing styles, written out
- `typefaces`: the site's own typefaces, in the stylesheet or beside it
- `hatching`: lines in the place of a pattern
- `links`: addresses of the site as addresses of the book
- `cover`: the first page, from the site's mark
- `frontmatter`: the title page
- `names`: what the books are called on a site
- `epub`: the book as an EPUB 3 file
- `sheets`: the book as one page of XHTML, set for paper
- `paper`: that page as a PDF, printed by Chromium
- `publish`: the site built with its books in it
"""
