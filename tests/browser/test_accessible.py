"""axe finds nothing, in light and in dark, on a page of every kind; its script comes from npm."""

import pytest

from tests import judges


@pytest.mark.parametrize("scheme", judges.RULES)
def test_axe_finds_nothing(http, tab, scheme):
    with tab(http, scheme=scheme) as page:
        assert judges.axe(page, http, scheme) == []


@pytest.mark.parametrize("scheme", judges.RULES)
def test_axe_finds_nothing_in_what_a_reader_opens(http, tab, scheme):
    with tab(http, scheme=scheme) as page:
        assert judges.axe_in_use(page, http, scheme) == []
