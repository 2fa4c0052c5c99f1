"""What the explorers show comes from their arithmetic, in both languages."""

import re

import numpy as np
import pytest

from handbook.locale import tables
from handbook.site.figures import EXPLORERS
from handbook.site.figures.block_tables import filled_pool
from handbook.site.figures.data import DRAFT, SCORES, TARGET, WORKED_ROW
from handbook.site.markdown.render import ROOT
from minimodel.attention import split_heads
from minimodel.calculator import (
    decoding,
    kv_bytes,
    mixed_bytes,
    quantised_itemsize,
    score_pairs,
    turning_batch,
)
from minimodel.influence import influence
from minimodel.masks import causal_allowed
from minimodel.rope import rotary_speeds
from minimodel.softmax import softmax
from minimodel.speculation import residual, tokens_a_pass
from minimodel.stretch import by_parts, ntk_base
from tests import judges
from tests.browser.test_explorer_arithmetic import layers_of, mask_of, model

PAGES = {
    name: f"handbook/{file.stem}.html"
    for file in sorted((ROOT / "docs/en/handbook").glob("*.md"))
    for name in re.findall(r"^/// explorer \| (\w+)$", file.read_text("utf-8"), re.MULTILINE)
}
CHOOSE = "(menu, value) => { menu.value = value; menu.dispatchEvent(new Event('input', { bubbles: true })) }"


def started(page, name):
    """Press the button, and wait for what comes in the place of the drawing."""
    page.locator(f"{name}-explorer .lt-explorer__start").click()
    page.locator(f"{name}-explorer .lt-explorer__panel").wait_for()
    return page.locator(f"{name}-explorer")


@pytest.fixture
def explorer(http, tab):
    """Open the page of an explorer, and give the page and the explorer."""
    with tab(http) as page:
        page.set_default_timeout(10_000)

        def opened(name, folder=""):
            page.goto(http + folder + PAGES[name])
            return page, started(page, name)

        yield opened
        assert page.wrong == []


def spelled(values):
    return [f"{value:.4f}" if value % 1 else f"{value:.0f}" for value in values]


def column(explorer, table, place):
    cells = explorer.locator("table").nth(table).locator(f"tbody tr td:nth-of-type({place})")
    return [cell.inner_text() for cell in cells.all()]


def test_the_mask_explorer_opens_on_the_row_that_the_page_works_by_hand(explorer):
    _, mask = explorer("mask")
    row = np.where(causal_allowed(4)[WORKED_ROW], SCORES[WORKED_ROW], -np.inf)
    assert column(mask, 1, 5) == spelled(softmax(row))
    assert "add up to 1;" in mask.get_by_role("status").inner_text()


def test_a_score_that_is_typed_moves_the_weights_unless_it_is_blocked(explorer):
    _, mask = explorer("mask")
    before = column(mask, 1, 5)
    mask.get_by_label("score of key 3").fill("8")
    assert column(mask, 1, 5) == before
    mask.get_by_label("Masking").select_option("zero")
    zeroed = softmax(np.array([2.0, 1.0, 4.0, 8.0]))
    assert column(mask, 1, 5) == [*spelled(zeroed[:3]), "0"]
    assert f"add up to {zeroed[:3].sum():.4f};" in mask.get_by_role("status").inner_text()


@pytest.mark.parametrize("kind", ["none", "diagonal_ahead", "prefix", "causal", "window"])
def test_the_mask_explorer_calls_a_leak_what_the_section_on_leaks_calls_one(explorer, kind):
    _, mask = explorer("mask")
    mask.get_by_label("Mask", exact=True).select_option(kind)
    T = 4
    kinds = {"diagonal_ahead": "diagonal", "none": "none", "prefix": "prefix", "causal": "causal", "window": "window"}
    allowed = mask_of(kinds[kind], T, 2, 1, 1)
    cells = mask.locator("table").first.locator("tbody tr").all()
    crosses = [["×" in cell.text_content() for cell in row.locator("td").all()] for row in cells]
    found = allowed & ~causal_allowed(T)
    assert np.array_equal(crosses, found)
    assert mask.get_by_role("status").inner_text().endswith(f"Leaks in all rows: {found.sum()}.")


def test_a_blocked_key_of_the_past_that_has_weight_is_marked_and_no_leak(explorer):
    _, mask = explorer("mask")
    mask.get_by_label("Mask", exact=True).select_option("window")
    mask.get_by_label("Masking").select_option("multiply")
    last = mask.locator("table").first.locator("tbody tr").last
    assert [cell.text_content()[:1] for cell in last.locator("td").all()[:2]] == ["!", "!"]


@pytest.mark.parametrize("typed", ["", "-", "e"])
def test_what_is_no_number_is_said_and_the_old_value_stays(explorer, typed):
    page, mask = explorer("mask")
    box = mask.get_by_label("score of key 1")
    old, before = box.input_value(), column(mask, 1, 5)
    box.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(typed)
    said = f"Not a number that can be used here; {old} still counts."
    assert mask.get_by_text(said).is_visible()
    assert box.get_attribute("aria-invalid") == "true"
    assert column(mask, 1, 5) == before
    page.keyboard.press("Tab")
    assert box.input_value() == old
    assert not mask.get_by_text(said).is_visible()


def test_a_button_that_can_do_no_more_keeps_the_focus(explorer):
    page, cache = explorer("cache")
    for name, other in (("Next pass", "Back"), ("Back", "Next pass")):
        button = cache.get_by_role("button", name=name)
        button.focus()
        while button.get_attribute("aria-disabled") != "true":
            page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        assert button.evaluate("one => one === document.activeElement")
        assert cache.get_by_role("button", name=other).get_attribute("aria-disabled") == "false"


def test_half_precision_loses_every_kept_weight_at_a_lead_of_eighteen(explorer):
    _, mask = explorer("mask")
    mask.get_by_label("Masking").select_option("renormalise")
    mask.get_by_label("Dtype").select_option("float16")
    for lead, found in ((16, "add up to 1;"), (18, "not numbers")):
        mask.get_by_label("score of key 3").fill(str(4 + lead))
        assert found in mask.get_by_role("status").inner_text()


def test_a_row_is_chosen_by_keyboard_and_keeps_the_focus(explorer):
    page, mask = explorer("mask")
    mask.get_by_role("button", name="show query 0").focus()
    page.keyboard.press("Enter")
    chosen = page.locator(":focus")
    assert chosen.get_attribute("aria-label") == "show query 0"
    assert chosen.get_attribute("aria-pressed") == "true"
    assert column(mask, 1, 5) == ["1", "0", "0", "0"]
    mask.get_by_label("Mask", exact=True).select_option("diagonal_closed")
    assert mask.get_by_role("status").inner_text().endswith("It has no key to read.")


@pytest.mark.parametrize("kind", ["causal", "none", "ahead", "window", "open", "itself", "queries"])
def test_the_influence_explorer_finds_what_minimodel_finds(explorer, kind):
    _, tapping = explorer("influence")
    tapping.get_by_label("Model").select_option(kind)
    tapping.get_by_role("button", name="Perturb every token").click()
    T, x = 6, np.array(EXPLORERS["influence"][1].start["x"])
    seen = influence(model({"ahead": "diagonal"}.get(kind, kind), T), x[:T])
    allowed = causal_allowed(T)
    signs = [[cell.text_content()[:1] for cell in row.locator("td").all()] for row in tapping.locator("tbody tr").all()]
    assert np.array_equal(np.array(signs[:T]) == "×", seen & ~allowed)
    assert np.array_equal(np.array(signs[:T]) == "■", seen & allowed)
    said = tapping.get_by_role("status").inner_text()
    assert f"leaks {(seen & ~allowed).sum()}, " in said
    assert said.endswith(f"are not {(allowed & ~seen).sum()}.")


def test_a_tap_that_moves_nothing_proves_nothing(explorer):
    page, tapping = explorer("influence")
    tapping.get_by_label("Size of the perturbation").select_option("1e-17")
    tapping.get_by_role("button", name="perturb token 2").focus()
    page.keyboard.press("Space")
    assert tapping.get_by_role("status").inner_text() == "No output moves at all, so this perturbation proves nothing."


def test_the_heads_explorer_marks_rows_that_hold_another_token(explorer):
    _, heads = explorer("heads")
    whole = 10 * np.arange(4)[:, None] + np.arange(6)

    def shown():
        return [int(cell.inner_text()) for cell in heads.locator("table").nth(1).locator("td").all()]

    assert shown() == split_heads(whole, 2)[0].ravel().tolist()
    heads.get_by_label("transpose in the split").uncheck()
    assert shown() == whole.reshape(2, 4, 3)[0].ravel().tolist()
    said = heads.get_by_role("status").inner_text()
    assert "6 of 8" in said
    assert "does not give back" in said
    heads.get_by_label("transpose in the merge").uncheck()
    assert "gives back what went in" in heads.get_by_role("status").inner_text()


def test_the_cache_explorer_counts_what_the_calculator_counts(explorer):
    _, cache = explorer("cache")
    start = EXPLORERS["cache"][1].start
    assert cache.get_by_role("button", name="Back").is_disabled()
    for _ in range(3):
        cache.get_by_role("button", name="Next pass").click()
    shape = {"n_layers": start["layers"], "n_kv_heads": start["heads"], "d_head": start["width"]}
    held = kv_bytes(**shape, itemsize=start["itemsize"], tokens=start["prompt"] + 3)
    said = cache.get_by_role("status").inner_text()
    assert f"bytes kept: {held:,}." in said
    pairs = [score_pairs(start["prompt"]), *(score_pairs(1, offset=start["prompt"] + k) for k in range(3))]
    assert f"So far, tokens: {start['prompt'] + 3}, pairs: {sum(pairs)};" in said
    again = [score_pairs(start["prompt"] + k) for k in range(4)]
    assert said.endswith(f"pairs: {sum(again)}.")


DEVICE = {"flops": 1000e12, "bandwidth": 3e12}


def computed(shape, tokens, batch, itemsize=2, device=DEVICE):
    """What the calculator has to show for a shape, from `minimodel`; the last is how many texts it takes."""
    layers = layers_of(shape)
    weights, active = shape["weights"] * 1e9, shape["active"] * 1e9
    load = {"weights": weights, "active": active, "weight_itemsize": 2, "itemsize": itemsize, "tokens": tokens}
    one = decoding(layers, **load, batch=batch, **device)
    held = [mixed_bytes(layers, itemsize=itemsize, tokens=n) for n in (1, tokens, tokens + 1)]
    gib = [held[1] / 2**30, batch * held[1] / 2**30, 2 * weights / 2**30]
    seconds = [one.reading_weights, one.reading_caches, one.computing_weights, one.computing_attention]
    shown = [held[0], held[2] - held[1], *gib, *(1000 * each for each in seconds), 100 * one.attention_share]
    return shown, turning_batch(layers, **load, **device)


def agrees(found, shape, *asked, **more):
    numbers, texts = computed(shape, *asked, **more)
    *shown, last = [cell.inner_text() for cell in found.locator("table td").all()]
    values, read = np.array(numbers), np.array([float(each.replace(",", "")) for each in shown])
    half_a_digit = np.where(values < 5e-5, 0.05 * values, 5e-5)  # what is tiny is spelled with two digits
    assert (abs(read - values) <= half_a_digit * (1 + 1e-6)).all(), (read, values)
    assert last == (f"{np.ceil(texts):,.0f}" if np.isfinite(texts) else "none, however many")


def test_the_calculator_shows_what_minimodel_computes_for_every_published_shape(explorer):
    _, found = explorer("calculator")
    start = EXPLORERS["calculator"][1].start
    for name, shape in start["models"].items():
        found.get_by_label("Model", exact=True).select_option(name)
        agrees(found, shape, start["tokens"], 1)
    found.get_by_label("Tokens of a text").fill("100")
    found.get_by_label("Texts in the batch").fill("2000")
    agrees(found, shape, 100, 2000)
    assert "it is compute-bound" in found.get_by_role("status").inner_text()


def test_the_calculator_takes_numbers_of_ones_own_and_few_bits(explorer):
    _, found = explorer("calculator")
    models = EXPLORERS["calculator"][1].start["models"]
    found.get_by_label("Model", exact=True).select_option("Gemma 3n E4B")
    for label, value in (("Tokens of a text", "8192"), ("Texts in the batch", "16"), ("Bandwidth, in TB/s", "2")):
        found.get_by_label(label).fill(value)
    found.get_by_label("Layers over the whole text").fill("10")
    assert found.get_by_label("Model", exact=True).input_value() == "own"
    found.get_by_label("Bits of a cached number").select_option("4")
    found.get_by_label("Numbers to a scale").select_option("32")
    mine = {**models["Gemma 3n E4B"], "full": 10}
    few = {"itemsize": quantised_itemsize(4, 32), "device": {**DEVICE, "bandwidth": 2e12}}
    agrees(found, mine, 8192, 16, **few)
    for label, refused, still in (
        ("Tokens of a text", "10000001", 8192),
        ("of these, sharing a cache", "10", 3),
        ("of them for one token", "5", 4),
    ):
        found.get_by_label(label).fill(refused)
        assert found.get_by_text(f"Not a number that can be used here; {still} still counts.").is_visible()
        agrees(found, mine, 8192, 16, **few)
        found.get_by_label(label).press("Tab")
        assert found.get_by_label(label).input_value() == str(still)


def test_fewer_layers_leave_fewer_to_share(explorer):
    _, found = explorer("calculator")
    found.get_by_label("Model", exact=True).select_option("Gemma 3n E4B")
    found.get_by_label("Layers over the whole text").fill("2")
    assert found.get_by_label("of these, sharing a cache").input_value() == "1"
    found.get_by_label("Weights, in billions").fill("3")
    assert found.get_by_label("of them for one token").input_value() == "3"


def test_the_windows_explorer_counts_the_inputs_of_each_layer(explorer):
    _, windows = explorer("windows")
    last = EXPLORERS["windows"][1].start["T"]
    assert column(windows, 0, last + 1) == ["3", "5", "7", "9"]
    windows.get_by_label("Keys in the window").select_option("2")
    assert column(windows, 0, last + 1) == ["2", "3", "4", "5"]
    windows.get_by_label("First tokens open").select_option("1")
    assert column(windows, 0, last + 1)[0] == "3"


def rows_of(explorer, table):
    """The rows of a table by their heads."""
    rows = explorer.locator("table").nth(table).locator("tbody tr").all()
    return {row.locator("th").inner_text(): [cell.inner_text() for cell in row.locator("td").all()] for row in rows}


def test_the_guess_explorer_opens_on_the_tokens_that_the_page_works_by_hand(explorer):
    _, guess = explorer("guess")
    found = rows_of(guess, 0)
    assert found["guessed and accepted"] == spelled(np.minimum(TARGET, DRAFT))
    assert found["residual"] == spelled(residual(TARGET, DRAFT))
    assert found["comes out"] == spelled(TARGET)
    tokens = [tokens_a_pass(np.minimum(TARGET, DRAFT).sum(), gamma) for gamma in range(1, 9)]
    assert column(guess, 2, 1) == spelled(tokens)
    assert f"tokens a pass: {tokens[3]:.4f};" in guess.get_by_role("status").inner_text()


def test_other_weights_change_what_is_accepted_and_not_what_comes_out_unless_it_is_drawn_from_p(explorer):
    _, guess = explorer("guess")
    draft = np.array([0.2, 9, 0.3])
    guess.get_by_label("the draft's weight of token 1").fill("9")
    share = np.minimum(TARGET, draft / draft.sum()).sum()
    assert rows_of(guess, 0)["comes out"] == spelled(TARGET)
    assert f"probability {share:.4f}." in guess.get_by_role("status").inner_text()
    guess.get_by_label("After a rejection, draw from").select_option("target")
    mistaken = np.minimum(TARGET, draft / draft.sum()) + (1 - share) * TARGET
    assert rows_of(guess, 0)["comes out"] == spelled(mistaken)
    off = abs(mistaken - TARGET).max()
    assert guess.get_by_role("status").inner_text().endswith(f"the target: {off:.4f}.")


def test_weights_that_are_all_zero_are_said_and_the_last_one_stays(explorer):
    page, guess = explorer("guess")
    guess.get_by_label("Tokens", exact=True).select_option("2")
    guess.get_by_label("the target's weight of token 0").fill("0")
    before = rows_of(guess, 0)["target, p"]
    assert before == ["0", "1"]
    last = guess.get_by_label("the target's weight of token 1")
    for refused in ("0", "-1", "1001"):
        last.fill(refused)
        assert guess.get_by_text("Not a number that can be used here; 0.3 still counts.").is_visible()
        assert rows_of(guess, 0)["target, p"] == before
    assert last.evaluate("one => one === document.activeElement")
    page.keyboard.press("Tab")
    assert last.input_value() == "0.3"


def tables_of(pages):
    """Each text's block table, and who holds each page of the pool."""
    tables = {name: [int(page) for page in cells[0].split(", ")] for name, cells in rows_of(pages, 0).items()}
    return tables, [cells[-1].split() for cells in rows_of(pages, 1).values()]


def test_the_pages_explorer_opens_on_the_texts_of_the_page_and_goes_on_as_minimodel_does(explorer):
    _, pages = explorer("pages")
    texts, pool = filled_pool()
    new = np.zeros((1, 1, 1))

    def as_minimodel():
        tables, holders = tables_of(pages)
        assert tables == {name: cache.table for name, cache in texts.items()}
        assert [len(names) for names in holders] == pool.holders
        return pages.get_by_role("status").inner_text()

    def press(name, text=None):
        if text:
            pages.get_by_label("Text", exact=True).select_option(label=text)
        pages.get_by_role("button", name=name).click()

    assert as_minimodel().startswith(f"Pages held: 5 of 6, free: {pool.n_free};")
    press("Let it grow", "b")
    texts["b"].append(new, new)
    assert "copied" not in as_minimodel()  # by now the page is its own
    press("Fork it", "b")
    texts["d"] = texts["b"].fork()
    assert as_minimodel().endswith("the texts would hold 8.")
    press("Evict it", "b")
    texts.pop("b").truncate(0)
    assert as_minimodel().startswith("Text b has given back its pages; those that others hold stay.")
    press("Let it grow", "c")
    texts["c"].append(new, new)
    as_minimodel()
    before = pages.locator("table").nth(1).inner_text()
    press("Let it grow", "a")
    assert as_minimodel().startswith("Too few pages are free for that, and nothing was written.")
    assert pages.locator("table").nth(1).inner_text() == before


def test_a_write_into_a_page_that_two_texts_hold_says_that_it_was_copied(explorer):
    page, pages = explorer("pages")
    fork = pages.get_by_role("button", name="Fork it")
    pages.get_by_label("Text", exact=True).select_option(label="b")
    fork.focus()
    page.keyboard.press("Enter")
    assert fork.evaluate("one => one === document.activeElement")
    assert pages.get_by_label("Text", exact=True).locator("option:checked").inner_text() == "d"
    pages.get_by_role("button", name="Let it grow").click()
    said = pages.get_by_role("status").inner_text()
    assert said.startswith("Text d lies in pages 1, 5. Page 3 had other holders, so it was copied to page 5")


def test_steps_that_do_not_fit_into_another_pool_are_counted(explorer):
    _, pages = explorer("pages")
    pages.get_by_label("Pages of the pool").select_option("4")
    assert pages.get_by_role("status").inner_text().endswith("left out: 1.")
    pages.get_by_label("Tokens of a page").select_option("4")
    assert "left out" not in pages.get_by_role("status").inner_text()
    for _ in range(10):
        pages.get_by_role("button", name="Fork it").click()
    assert pages.get_by_role("status").inner_text().startswith("No more texts here.")


def test_the_positions_explorer_shows_the_waves_of_minimodel_and_who_meets_new_angles(explorer):
    _, positions = explorer("positions")
    start = EXPLORERS["positions"][1].start
    speeds = rotary_speeds(start["width"], start["base"])
    turns = start["trained"] * speeds / (2 * np.pi)

    def new_angles(kind, slower):
        positions.get_by_label("For a longer text", exact=True).select_option(kind)
        assert column(positions, 0, 2) == spelled(slower)
        waves = [float(wave.replace(",", "")) for wave in column(positions, 0, 3)]
        assert np.allclose(waves, 2 * np.pi * slower / speeds, rtol=0, atol=0.5)
        assert column(positions, 0, 4) == ["yes" if new else "no" for new in (turns < 1) & (slower < 3.9999)]
        return positions.get_by_role("status").inner_text()

    eight, factor = np.ones(len(speeds)), start["factor"]
    assert "meet new ones: 2." in new_angles("none", eight)
    said = new_angles("interpolation", factor * eight)
    assert said.startswith(f"A text of {start['trained'] * factor:,} tokens. Pairs that turned round in training: 6;")
    assert said.endswith("by 0.2500 rad.")
    larger_base = rotary_speeds(start["width"], ntk_base(start["base"], factor, start["width"]))
    assert "meet new ones: 1." in new_angles("ntk", speeds / larger_base)
    assert "meet new ones: 0." in new_angles("parts", by_parts(speeds, factor, start["trained"]))


def test_as_many_columns_as_pairs_are_drawn_and_eight_rows_at_most(explorer):
    _, positions = explorer("positions")
    positions.get_by_label("Width of a head").select_option("128")
    assert positions.locator(".lt-columns .lt-cell").count() == 64
    pairs = [0, 9, 18, 27, 36, 45, 54, 63]
    turns = EXPLORERS["positions"][1].start["trained"] * rotary_speeds(128)[pairs] / (2 * np.pi)
    shown = {str(pair): "yes" if turn < 1 else "no" for pair, turn in zip(pairs, turns, strict=True)}
    assert {pair: cells[-1] for pair, cells in rows_of(positions, 0).items()} == shown
    base = positions.get_by_label("Base", exact=True)
    before = column(positions, 0, 3)
    for refused in ("1", "-5", "2e9", ""):
        base.fill(refused)
        assert positions.get_by_text("Not a number that can be used here; 10000 still counts.").is_visible()
        assert column(positions, 0, 3) == before
    base.fill("500000")
    assert column(positions, 0, 3)[-1] == "2,559,196"


@pytest.mark.parametrize("scheme", judges.RULES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_an_explorer_in_motion(http, tab, name, scheme):
    with tab(http, scheme=scheme) as page:
        page.goto(http + PAGES[name])
        started(page, name)
        assert list(judges.violations(page, scheme, f"{name}-explorer")) == []


@pytest.mark.parametrize("name", PAGES)
def test_an_explorer_fits_the_narrowest_phone_whatever_is_chosen(http, tab, name):
    with tab(http, size=(320, 640)) as page:
        for folder in ("", "es/"):
            page.goto(http + folder + PAGES[name])
            panel = started(page, name).locator(".lt-explorer__panel")
            for at in range(panel.locator("select").count()):
                menu = panel.locator("select").nth(at)
                for value in menu.evaluate("menu => [...menu.options].map((one) => one.value)"):
                    menu.evaluate(CHOOSE, value)
                    over = panel.evaluate(
                        "panel => { const edge = panel.getBoundingClientRect().right;"
                        " return [...panel.querySelectorAll('table, button, select, input, p')]"
                        ".filter((one) => one.getBoundingClientRect().right > edge + 0.5).map((one) => one.outerHTML) }"
                    )
                    assert over == [], f"{folder}{name}, menu {at}: {value}"
        assert page.wrong == []


SHIFTS = """window.shifts = [];
const box = ({ x, y, width, height }) => [x, y, width, height].join(" ");
new PerformanceObserver((list) => {
  for (const { startTime, sources } of list.getEntries()) {
    for (const { node, previousRect, currentRect } of sources) {
      if (!node?.closest?.("article")) continue;
      shifts.push(`${startTime} ms: ${node.outerHTML.slice(0, 80)} from ${box(previousRect)} to ${box(currentRect)}`);
    }
  }
}).observe({ type: "layout-shift", buffered: true });"""
"""What moves in the article without having been asked to, when, and from where to where."""


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched_and_nothing_moves_before_the_first_press(http, tab, name):
    with tab(http) as page:
        # A typeface may come after the first line on a busy machine, and signs move a little: not the explorer's doing.
        page.route("**/fonts.css", lambda route: route.fulfill(body="", content_type="text/css"))
        page.add_init_script(SHIFTS)
        page.goto(http + PAGES[name])
        button = page.locator(f"{name}-explorer .lt-explorer__start")
        button.scroll_into_view_if_needed()
        page.reload()  # the browser goes back to where it was
        button.wait_for()
        page.wait_for_timeout(300)
        assert page.evaluate("scrollY") > 0
        assert page.evaluate("shifts") == []
        assert loaded(page) == ["start.js"]
        button.focus()
        page.keyboard.press("Enter")
        page.locator(f"{name}-explorer select:focus").wait_for()
        assert loaded(page) == ["start.js", "explorer-panel.css", "arithmetic.js", "panel.js", f"{name}.js"]


def loaded(page):
    names = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    return [name.rsplit("/", 1)[1] for name in names if "/explorer" in name]


@pytest.mark.parametrize("name", PAGES)
def test_without_a_script_and_on_paper_there_is_a_drawing(base, tab, name):
    with tab(base, java_script_enabled=False) as page:
        page.goto(base + PAGES[name])
        assert page.locator(f"{name}-explorer svg").is_visible()
        assert page.locator(f"{name}-explorer .lt-explorer__start").is_hidden()
    with tab(base) as page:
        page.goto(base + PAGES[name])
        live = started(page, name)
        assert live.locator("svg").is_hidden()
        page.emulate_media(media="print")
        assert live.locator("svg").is_visible()
        assert live.locator(".lt-explorer__panel").is_hidden()
        assert page.wrong == []


@pytest.mark.parametrize("name", PAGES)
def test_every_control_has_a_name_in_the_language_of_the_page(explorer, name):
    _, found = explorer(name, "es/")
    words = {**tables("es")["explorers"]["all"], **tables("es")["explorers"][name]}
    known = "|".join(re.sub(r"\\\{\w+\\\}", r"\\d+", re.escape(word)) for word in words.values())
    assert found.get_by_role("group", name=words["name"]).count() == 1
    for control in found.locator("select, input, button").all():
        label = control.evaluate(
            "one => one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent"
        )
        assert re.fullmatch(known, label), label
    said = found.get_by_role("status").inner_text()
    first = words.get("first") or words.get("rows_right") or words["says"]
    assert said.startswith(first.split("{")[0])


def test_a_page_without_an_explorer_loads_none_of_it(http, tab):
    with tab(http) as page:
        page.goto(f"{http}handbook/01-next-token.html")
        assert loaded(page) == []
