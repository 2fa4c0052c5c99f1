"""What the books are called on a site."""

from __future__ import annotations

FORMATS = ("epub", "pdf")
FOLDER = "assets"
_FILE = "lower-triangle-{language}.{form}"


def file_name(language: str, form: str) -> str:
    """The file of a book."""
    return _FILE.format(language=language, form=form)


def addresses(language: str, forms: tuple[str, ...]) -> dict[str, str]:
    """What readers call each book, and where it lies below the language's site."""
    return {form.upper(): f"{FOLDER}/{file_name(language, form)}" for form in forms}
