"""The site: one Markdown extension, figures drawn by code, and what Material needs besides.

- `markdown`: the extension that mkdocs.yml names; MkDocs, Zensical and the checks render through it
- `blocks`: question, trap, proof, quiz and figure
- `maths`: LaTeX to MathML, at build time
- `listings`: a number and an address for each Python block, and the names it binds
- `pins`: a number bound to an expression becomes a link to the block that computed it
- `sections`: the sections as their files hold them, for what is gathered from them
- `practice`: what the exam, the cards and the reader's progress have in common
- `deck`: the flashcards as a deck for Anki
- `figures`: SVG drawn from what `minimodel` computes
- `words`: every word that the site itself puts on a page, in both languages
- `render`: one page's Markdown to HTML, with the extensions of mkdocs.yml
- `policy`: what each page may load and run
- `offline`: the list of what a browser keeps to show the whole handbook, and an app's manifest
- `bundle`: the built site as one zip
- `hooks`: what MkDocs is asked to do besides
- `theme`: templates, the stylesheet and the script
"""
