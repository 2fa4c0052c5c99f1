"""The Nu validator finds no error on any page; it comes from npm and needs Java."""

import shutil

import pytest

from tests import judges


@pytest.mark.skipif(shutil.which("java") is None, reason="no Java is installed")
def test_every_page_is_valid_html(site):
    assert judges.validator(sorted(site.rglob("*.html"))) == []
