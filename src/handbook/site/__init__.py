"""The site: both languages built by MkDocs with Material, and what is exported beside their pages.

A build goes from `prepare` through rendering to `finish`; these two steps know nothing of MkDocs.

- `settings`: mkdocs.yml, read without MkDocs
- `prepare`: what is gathered before a build: the labs' downloads, and what the templates ask about a page
- `markdown`: the Markdown extension, which MkDocs, ProperDocs, Zensical and the checks render through; a page as HTML
- `gathered`: pages, or parts of them, that are made from the sections
- `figures`: SVG drawn from what `minimodel` computes
- `explorers`: figures that a reader sets in motion
- `html`: a page as the theme has written it, finished in one pass; its search index, metadata line and policy
- `finish`: the step after a build: pages finished, and what is written beside them
- `exports`: plain text, notebooks, the Anki deck, books, a zip, the list for offline reading
- `edition`: which version the pages are, and who wrote it when
- `sharing`: what others see of a page: its social image, structured data, and how it is cited
- `assets`: scripts and styles made small, typefaces, and Python for the browser
- `theme`: templates, style sheets and scripts
- `plugin`: the MkDocs plugin that takes these steps
- `build`: both languages, built in one process; `python -m handbook.site` calls it
- `live`: the site while it is written, page by page
- `errors`: what ends a rendering or a build
"""
