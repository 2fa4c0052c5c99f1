"""axe finds nothing, in light and in dark, on a page of every kind; its script comes from npm."""

import pytest

from tests import judges


@pytest.mark.parametrize("scheme", judges.RULES)
def test_axe_finds_nothing(http, tab, scheme):
    with tab(http, scheme=scheme) as page:
        assert judges.axe(page, http, scheme) == []
