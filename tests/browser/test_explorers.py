"""The explorers: their arithmetic is `minimodel`'s, and what they show comes from it, in both languages."""

import json
import re

import numpy as np
import pytest

from handbook.locale import tables
from handbook.site.explorers import FOLDER
from handbook.site.figures import EXPLORERS
from handbook.site.figures.data import SCORES, WORKED_ROW
from handbook.site.markdown.render import ROOT
from minimodel.attention import MultiHeadAttention, merge_heads, scaled_dot_product_attention, split_heads
from minimodel.cache import KVCache, RingCache
from minimodel.calculator import kv_bytes, score_pairs
from minimodel.influence import influence, perturb
from minimodel.masks import causal_allowed
from minimodel.predicates import all_of, any_of, causal, documents, first, materialise, window
from minimodel.softmax import softmax

EXACT = 1e-12
DTYPES = ["float64", "float32", "float16"]
SCRIPT = ROOT / "src/handbook/site/theme" / FOLDER / "arithmetic.js"
PAGES = {
    name: f"handbook/{file.stem}.html"
    for file in sorted((ROOT / "docs/en/handbook").glob("*.md"))
    for name in re.findall(r"^/// explorer \| (\w+)$", file.read_text("utf-8"), re.MULTILINE)
}


# Arithmetic ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ask(browser):
    """Call one of the explorers' functions once for each list of arguments: `ask("split", [[x, 2], [y, 3]])`."""
    page = browser.new_page()
    page.add_script_tag(path=str(SCRIPT))

    def asked(name, calls):
        said = page.evaluate("([name, calls]) => calls.map((each) => handbookArithmetic[name](...each))", [name, calls])
        assert len(said) == len(calls)
        return said

    asked.page = page
    yield asked
    page.close()


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def rounded(ask, values, dtype):
    source = json.dumps(values.tolist())
    text = ask.page.evaluate(
        "([source, dtype]) => JSON.stringify(JSON.parse(source).map(handbookArithmetic.ROUND[dtype])"
        ".map((x) => (Number.isFinite(x) ? x : String(x))))",
        [source, dtype],
    )
    return np.array([float(x) for x in json.loads(text)])


def agree(ours, theirs, tolerance=EXACT):
    np.testing.assert_allclose(np.array(ours, float), theirs, rtol=0, atol=tolerance)


def test_half_precision_rounds_every_number_as_numpy_does(ask, rng):
    halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(float)  # all that are finite, and not negative
    ties = (halves + np.append(halves[1:], 65536.0)) / 2  # half way to the next; the last is the edge of infinity
    near = np.concatenate([np.nextafter(ties, 0), ties, np.nextafter(ties, np.inf)])
    wide = 10.0 ** rng.uniform(-12, 8, 20_000)
    values = np.concatenate([halves, near, wide, -near, -wide])
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(rounded(ask, values, "float16"), values.astype(np.float16).astype(float))


def test_single_precision_rounds_as_numpy_does(ask, rng):
    values = rng.normal(size=20_000) * 10.0 ** rng.uniform(-30, 30, 20_000)
    np.testing.assert_array_equal(rounded(ask, values, "float32"), values.astype(np.float32).astype(float))


def test_the_lowest_number_of_each_dtype_is_numpys(ask):
    lowest = ask.page.evaluate("handbookArithmetic.LOWEST")
    assert lowest == {dtype: float(np.finfo(dtype).min) for dtype in DTYPES}


def mask_of(kind, T, W, n, d):
    """The mask that a reader chooses, as `minimodel` writes it."""
    place = np.arange(T)
    early = place < n
    return {
        "causal": lambda: causal_allowed(T),
        "none": lambda: np.ones((T, T), bool),
        "diagonal": lambda: np.tril(np.ones((T, T), bool), d),
        "window": lambda: materialise(all_of(causal, window(W)), T),
        "sinks": lambda: materialise(all_of(causal, any_of(window(W), first(n))), T),
        "prefix": lambda: materialise(any_of(causal, first(n)), T),
        "documents": lambda: materialise(all_of(causal, documents(place >= n)), T),
        "open": lambda: causal_allowed(T) | (early[:, None] & early),
        "itself": lambda: np.eye(T, dtype=bool),
    }[kind]()


KINDS = ["causal", "none", "diagonal", "window", "sinks", "prefix", "documents", "open", "itself"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_mask_is_that_of_minimodel(ask, kind):
    chosen = [(T, W, n, d) for T in range(1, 9) for W in range(1, T + 1) for n in range(T + 1) for d in (-1, 0, 1)]
    masks = ask("mask", [[kind, T, {"W": W, "n": n, "d": d}] for T, W, n, d in chosen])
    for made, (T, W, n, d) in zip(masks, chosen, strict=True):
        np.testing.assert_array_equal(np.array(made), mask_of(kind, T, W, n, d))


def random_rows(rng, count=300):
    """Scores of many sizes, and which keys are open: sometimes all, sometimes none."""
    for _ in range(count):
        n = rng.integers(2, 9)
        scores = (rng.normal(size=n) * 10.0 ** rng.integers(-1, 4)).round(rng.integers(0, 4))
        yield scores, rng.random(n) < rng.choice([0, 0.3, 0.7, 1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_sum_is_added_in_numpys_order(ask, rng, dtype):
    rows = [rng.normal(size=n).astype(dtype) for n in rng.integers(1, 9, 300)]
    for ours, row in zip(ask("sum", [[row.tolist(), dtype] for row in rows]), rows, strict=True):
        assert ours == row.sum(dtype=dtype)


def test_softmax_is_that_of_minimodel(ask, rng):
    rows = [np.where(allowed, scores, -np.inf) for scores, allowed in random_rows(rng) if allowed.any()]
    for ours, row in zip(ask("softmax", [[row.tolist()] for row in rows]), rows, strict=True):
        agree(ours, softmax(row))


WAYS = {
    "put": lambda scores, allowed, fill: softmax(np.where(allowed, scores, fill)),
    "add": lambda scores, allowed, fill: softmax(scores + np.where(allowed, scores.dtype.type(0), fill)),
    "multiply": lambda scores, allowed, fill: softmax(scores * allowed),
    "zero": lambda scores, allowed, fill: softmax(scores) * allowed,
    "renormalise": lambda scores, allowed, fill: divided(softmax(scores) * allowed),
}
FILLS = [-np.inf, -1e9, -1e4, "lowest"]


def divided(values):
    return values / values.sum()


def fill_of(fill, dtype):
    return np.finfo(dtype).min if fill == "lowest" else np.dtype(dtype).type(fill)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # rows with nothing open, and numbers that overflow: on purpose
def test_every_way_to_mask_gives_the_weights_of_minimodel(ask, rng, way):
    rows = [(scores, allowed, FILLS[k % 4]) for k, (scores, allowed) in enumerate(random_rows(rng))]
    calls = [[s.tolist(), a.tolist(), {"way": way, "fill": fill, "dtype": "float64"}] for s, a, fill in rows]
    for ours, (scores, allowed, fill) in zip(ask("row", calls), rows, strict=True):
        agree(ours["weights"], WAYS[way](scores, allowed, fill_of(fill, "float64")))


@pytest.mark.parametrize(("dtype", "ulps"), [("float32", 4), ("float16", 1)])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_in_few_digits_every_step_is_numpys_and_only_the_exponential_may_differ_in_its_last(ask, rng, way, dtype, ulps):
    """NumPy's own exponential of few digits differs by processor; everything else is exact, and so compared."""
    rows = [(scores, allowed, FILLS[k % 4]) for k, (scores, allowed) in enumerate(random_rows(rng))]
    calls = [[s.tolist(), a.tolist(), {"way": way, "fill": fill, "dtype": dtype}] for s, a, fill in rows]
    masked_ways = {"put", "add", "multiply"}
    exponentials, weights = [], []
    for ours, (typed, allowed, fill) in zip(ask("row", calls), rows, strict=True):
        scores, closed = typed.astype(dtype), fill_of(fill, dtype)
        masked = {
            "put": np.where(allowed, scores, closed),
            "add": scores + np.where(allowed, scores.dtype.type(0), closed),
            "multiply": scores * allowed,
        }.get(way, scores)
        assert masked.dtype == dtype
        shifted = masked - masked.max()
        exps = np.exp(shifted)
        np.testing.assert_array_equal(np.array(ours["scores"]), scores)
        if way in masked_ways:
            np.testing.assert_array_equal(np.array(ours["masked"]), masked)
        if way != "renormalise":
            np.testing.assert_array_equal(np.array(ours["shifted"]), shifted)
        close = np.array(ours["exponentiated"]) - exps.astype(float)
        assert (np.isnan(exps) | (np.abs(close) <= ulps * np.spacing(np.abs(exps)).astype(float))).all()
        if (np.array(ours["exponentiated"]) == exps).all():
            np.testing.assert_array_equal(np.array(ours["weights"]), WAYS[way](scores, allowed, closed))
        exponentials.append(exps)
        weights.append(softmax(masked))
    for ours, right in zip(ask("divided", [[e.tolist(), dtype] for e in exponentials]), weights, strict=True):
        np.testing.assert_array_equal(np.array(ours), right)


MODELS = ["causal", "none", "diagonal", "window", "open", "itself"]


def over_queries(x, allowed):
    scores = np.where(allowed, x @ x.T / np.sqrt(x.shape[-1]), -np.inf)
    return softmax(scores, axis=0) @ x


def model(kind, T):
    if kind == "queries":
        return lambda x: over_queries(x, causal_allowed(T))
    allowed = mask_of(kind, T, W=3, n=3, d=1)
    return lambda x: scaled_dot_product_attention(x, x, x, allowed)[0]


def mask_call(kind, T):
    return mask_of("causal" if kind == "queries" else kind, T, W=3, n=3, d=1).tolist()


@pytest.mark.parametrize("kind", [*MODELS, "queries"])
def test_attention_and_its_influence_are_those_of_minimodel(ask, rng, kind):
    over = "queries" if kind == "queries" else "keys"
    for T in range(3, 9):
        x = rng.normal(size=(T, 2))
        agree(ask("attention", [[x.tolist(), mask_call(kind, T), over]])[0], model(kind, T)(x))
        moved = ask.page.evaluate(
            "([x, allowed, over]) => x.map((_, j) =>"
            " handbookArithmetic.changes((y) => handbookArithmetic.attention(y, allowed, over), x, j, 1))",
            [x.tolist(), mask_call(kind, T), over],
        )
        np.testing.assert_array_equal(np.array(moved).T != 0, influence(model(kind, T), x))
        far = [np.abs(model(kind, T)(perturb(x, j, 1.0)) - model(kind, T)(x)).max(axis=1) for j in range(T)]
        agree(moved, far)


def test_the_heads_are_those_of_minimodel_and_of_a_bare_reshape(ask, rng):
    shapes = [(T, d, H) for T in range(1, 7) for d in (4, 6, 8) for H in range(1, d + 1) if d % H == 0]
    arrays = [rng.integers(0, 99, (T, d)) for T, d, _ in shapes]
    for right in (True, False):
        calls = [[x.tolist(), H, right] for x, (_, _, H) in zip(arrays, shapes, strict=True)]
        for ours, x, (T, d, H) in zip(ask("split", calls), arrays, shapes, strict=True):
            np.testing.assert_array_equal(ours, split_heads(x, H) if right else x.reshape(H, T, d // H))
        stacks = [split_heads(x, H) for x, (_, _, H) in zip(arrays, shapes, strict=True)]
        for ours, heads, (T, d, _) in zip(
            ask("merge", [[s.tolist(), right] for s in stacks]), stacks, shapes, strict=True
        ):
            np.testing.assert_array_equal(ours, merge_heads(heads) if right else heads.reshape(T, d))


@pytest.mark.parametrize("kind", ["none", "full", "ring"])
def test_the_passes_are_those_of_the_caches(ask, kind):
    shape = {"layers": 2, "heads": 3, "width": 4, "itemsize": 8}
    chosen = [(prompt, W) for prompt in range(1, 8) for W in range(1, 9)]
    said = ask("passes", [[{**shape, "prompt": p, "W": W, "total": 8, "kind": kind}] for p, W in chosen])
    for passes, (prompt, W) in zip(said, chosen, strict=True):
        cache = RingCache(W) if kind == "ring" else KVCache()
        rule = all_of(causal, window(W)) if kind == "ring" else causal
        for one, end in zip(passes, [prompt, *range(prompt + 1, 9)], strict=True):
            if kind == "none":
                cache = KVCache()
            length = cache.length
            new = np.zeros((shape["heads"], end - length, shape["width"]))
            *_, positions = cache.append(new, new)
            assert one["computed"] == list(range(length, end))
            assert one["kept"] == positions[: -(end - length)].tolist()
            assert one["pairs"] == materialise(rule, end - length, offset=length).sum()
            assert one["bytes"] == (0 if kind == "none" else shape["layers"] * cache.nbytes)
            if kind != "ring":
                assert one["pairs"] == score_pairs(end - length, offset=length)


def test_bytes_are_those_of_the_calculator(ask, rng):
    sizes = [
        dict(zip(("layers", "heads", "width", "itemsize", "tokens"), map(int, row), strict=True))
        for row in rng.integers(0, 1000, (50, 5))
    ]
    for ours, size in zip(ask("kvBytes", [[size] for size in sizes]), sizes, strict=True):
        names = {"layers": "n_layers", "heads": "n_kv_heads", "width": "d_head"}
        assert ours == kv_bytes(**{names.get(name, name): value for name, value in size.items()})


@pytest.mark.parametrize(("W", "n"), [(1, 0), (2, 0), (3, 0), (3, 1), (2, 2)])
def test_what_layers_reach_is_what_moves_a_stack_of_minimodels_layers(ask, W, n):
    T, layers = 8, 3
    allowed = mask_of("sinks", T, W, n, 0)
    stack = [MultiHeadAttention(8, 2, seed=seed) for seed in range(layers)]
    x = np.random.default_rng(0).normal(size=(T, 8))

    def through(depth):
        def f(x):
            for layer in stack[:depth]:
                x = x + layer.forward(x, allowed)
            return x

        return f

    reached = ask("reach", [[allowed.tolist(), layers]])[0]
    for depth in range(1, layers + 1):
        np.testing.assert_array_equal(reached[depth - 1], influence(through(depth), x))


CHOOSE = "(menu, value) => { menu.value = value; menu.dispatchEvent(new Event('input', { bubbles: true })) }"


# On the page -----------------------------------------------------------------------------------------------------


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


def test_the_windows_explorer_counts_the_inputs_of_each_layer(explorer):
    _, windows = explorer("windows")
    last = EXPLORERS["windows"][1].start["T"]
    assert column(windows, 0, last + 1) == ["3", "5", "7", "9"]
    windows.get_by_label("Keys in the window").select_option("2")
    assert column(windows, 0, last + 1) == ["2", "3", "4", "5"]
    windows.get_by_label("First tokens open").select_option("1")
    assert column(windows, 0, last + 1)[0] == "3"


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
        assert loaded(page) == ["start.js", "arithmetic.js", "panel.js", f"{name}.js"]


def loaded(page):
    names = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    return [name.rsplit("/", 1)[1] for name in names if "/explorers/" in name]


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
