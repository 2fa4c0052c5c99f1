"""The one error of the site layer."""


class SiteError(ValueError):
    """A page that cannot be rendered as it was meant; the message names the place and the mend."""
