"""The errors of the site."""

from handbook.findings import RenderError


class SiteError(RenderError):
    """A page that cannot be rendered as it was meant; the message names the place and the fix."""


class BuildError(Exception):
    """A site that cannot be built; the message holds all that was found wrong, with its pages, a line each."""
