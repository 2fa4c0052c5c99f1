"""Each page's Content-Security-Policy: the site's own files and nothing else, no inline script without its hash."""

from __future__ import annotations

import base64
import hashlib
import re

from handbook.site.errors import SiteError

_HEAD = '<meta charset="utf-8">'
_INLINE = re.compile(r"<script(?![^>]*\s(?:src|type)=)[^>]*>(?P<code>.*?)</script>", re.DOTALL)
# Firefox would fetch the next page before anybody asks for it.
_AHEAD = re.compile(r'\s*<link rel="next"[^>]*>')

# 'self' holds on file:// too, in Chromium and in Firefox. A blob is what the browser's Python begins from, and its
# WebAssembly is what 'wasm-unsafe-eval' allows; a data: address is an icon or a typeface in a style sheet.
_RULES = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
}


def with_policy(html: str) -> str:
    """The page with its policy right at the beginning of its head.

    Raises:
        SiteError: the head does not begin as the theme's does.
    """
    if _HEAD not in html:
        raise SiteError(f"the page has no {_HEAD} for its policy to follow; has the theme changed?")
    scripts = dict.fromkeys(_hash(script["code"]) for script in _INLINE.finditer(html))
    rules = {**_RULES, "script-src": " ".join([_RULES["script-src"], *scripts])}
    policy = "; ".join(f"{name} {allowed}" for name, allowed in rules.items())
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    head, end, rest = html.partition("</head>")
    return _AHEAD.sub("", head).replace(_HEAD, _HEAD + meta, 1) + end + rest


def _hash(script: str) -> str:
    """An inline script as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode()}'"
