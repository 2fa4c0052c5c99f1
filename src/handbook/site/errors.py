"""The one error of the site layer."""

from handbook.findings import RenderError


class SiteError(RenderError):
    """A page that cannot be rendered as it was meant; the message names the place and the fix."""
