"""A page as the theme writes it, finished in one pass."""

from handbook.site.html.page import finish

THEME = (
    '<head><script src="first.js"></script></head><body dir="ltr">'
    '<input class="md-toggle" data-md-toggle="drawer" type="checkbox" id="__drawer" autocomplete="off">'
    '<div class="md-search" data-md-component="search" role="dialog">'
    '<input type="text" autocomplete="off"></div>'
    '<label class="md-nav__link " for="__nav_1" id="__nav_1_label" tabindex="">Part</label>'
    '<label class="md-nav__link" for="__nav_2" id="__nav_2_label" tabindex="0">Part</label>'
    '<script src="last.js"></script></body>'
)


def test_what_the_theme_leaves_invalid_or_without_a_name_is_put_right() -> None:
    html = finish(THEME, "es")
    assert 'id="__drawer">' in html
    assert '<input type="text" autocomplete="off">' in html
    assert 'tabindex=""' not in html
    assert 'tabindex="0"' in html
    assert 'role="dialog" aria-label="Buscar en el manual">' in html


def test_scripts_of_the_body_wait_for_the_text_and_those_of_the_head_do_not() -> None:
    html = finish(THEME, "en")
    assert '<script src="first.js">' in html
    assert '<script defer src="last.js">' in html


def test_the_search_is_ours_and_nothing_else_of_the_theme_s_settings_is_changed() -> None:
    settings = '<body><script id="__config" type="application/json">{"base": "..", "search": "../a/%s"}</script>'
    html = finish(settings % "workers/search.0a1b.min.js", "en")
    assert html == settings % "search/worker.js"


def test_what_a_placeholder_stands_for_is_not_changed_in_its_turn() -> None:
    code = '<pre><code><span class="md-ellipsis">02 x</code></pre>'
    page = '<body><pre data-placeholder="0"><code>02 x</code></pre>'
    assert finish(page, "en", placeholders=[code]) == f"<body>{code}"


def test_the_first_title_alone_has_the_line_below_it() -> None:
    html = finish("<h1>01 A</h1><h1>02 B</h1>", "en", metadata="<p>line</p>")
    assert html == '<h1><span class="lt-number-of">01</span> A</h1>\n<p>line</p><h1>02 B</h1>'
