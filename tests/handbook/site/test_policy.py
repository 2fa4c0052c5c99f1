"""What a page may load and run is written into the page, and an inline script runs for its hash alone."""

import re

import pytest

from handbook.site.errors import SiteError
from handbook.site.html.policy import with_policy

HEAD = '<html><head><meta charset="utf-8">\n<title>T</title></head>'


def allowed(html: str) -> dict[str, list[str]]:
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', with_policy(html))
    assert policy is not None
    rules = [rule.split() for rule in policy[1].split("; ")]
    return {name: values for name, *values in rules}


def test_the_policy_comes_before_whatever_it_speaks_of() -> None:
    assert with_policy(HEAD).startswith('<html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"')


def test_what_is_not_named_is_refused_and_nothing_is_allowed_inline() -> None:
    rules = allowed(f"{HEAD}<script>alert(1)</script>")
    assert rules["default-src"] == ["'none'"]
    everything = {value for values in rules.values() for value in values}
    assert not everything & {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:", "blob:"} - {
        *rules["worker-src"]
    }


def test_an_inline_script_is_allowed_by_its_hash() -> None:
    # The digest is what `printf 'alert(1)' | openssl dgst -sha256 -binary | base64` prints.
    digest = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    twice = f"{HEAD}<script>alert(1)</script><script id=a>alert(1)</script>"
    assert allowed(twice)["script-src"] == ["'self'", "'wasm-unsafe-eval'", digest]


@pytest.mark.parametrize(
    "script", ['<script src="a.js"></script>', '<script id="c" type="application/json">{}</script>']
)
def test_what_is_no_inline_script_needs_no_hash(script: str) -> None:
    assert allowed(HEAD + script)["script-src"] == ["'self'", "'wasm-unsafe-eval'"]


def test_no_page_is_fetched_ahead() -> None:
    ahead = HEAD.replace("</head>", '\n  <link rel="prev" href="a.html">\n  <link rel="next" href="b.html"></head>')
    assert 'rel="prev"' in with_policy(ahead)
    assert 'rel="next"' not in with_policy(ahead)


def test_a_head_that_begins_otherwise_is_an_error() -> None:
    with pytest.raises(SiteError, match="no <meta charset"):
        with_policy("<html><head><title>T</title></head>")
