"""What others see of a page: when it is shared, found or cited.

- `page`: a page, as far as others see it
- `image`: its social image, as SVG
- `raster`: social images as PNG, drawn beside the build and remembered
- `structured`: what search engines are told, as JSON-LD
- `citation`: how it is cited
- `previews`: all of that, for the pages of a language
"""
