"""The arithmetic of the explorers is that of `minimodel`, function by function, on random inputs."""

import json

import numpy as np
import pytest

from handbook.site.explorers import FOLDER
from handbook.site.markdown.render import ROOT
from minimodel.attention import MultiHeadAttention, merge_heads, scaled_dot_product_attention, split_heads
from minimodel.cache import KVCache, RingCache
from minimodel.calculator import (
    CachedLayers,
    decoding,
    kv_bytes,
    mixed_bytes,
    quantised_itemsize,
    score_pairs,
    turning_batch,
)
from minimodel.influence import influence, perturb
from minimodel.masks import causal_allowed
from minimodel.paging import PagedCache, PagePool
from minimodel.predicates import all_of, any_of, causal, documents, first, materialise, window
from minimodel.rope import rotary_speeds
from minimodel.softmax import softmax
from minimodel.speculation import accepts, outcomes, residual, tokens_a_pass, verify
from minimodel.stretch import by_parts, ntk_base

EXACT = 1e-12
DTYPES = ["float64", "float32", "float16"]
SCRIPT = ROOT / "src/handbook/site/theme" / FOLDER / "arithmetic.js"


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
        dict(zip(("layers", "heads", "width", "itemsize", "tokens", "batch"), map(int, row), strict=True))
        for row in rng.integers(0, 200, (50, 6))
    ]
    for ours, size in zip(ask("kvBytes", [[size] for size in sizes]), sizes, strict=True):
        names = {"layers": "n_layers", "heads": "n_kv_heads", "width": "d_head"}
        assert ours == kv_bytes(**{names.get(name, name): value for name, value in size.items()})


def random_shapes(rng, count=100):
    """Shapes with and without windows, layers that share, latents and experts; and what is asked of them."""
    for _ in range(count):
        full, local = map(int, rng.integers(0, 100, 2))
        shape = {
            "full": full,
            "local": local,
            "full_shared": int(rng.integers(max(full, 1))),
            "local_shared": int(rng.integers(max(local, 1))),
            "window": int(rng.integers(1, 5000)),
            "latent": int(rng.integers(1, 1000) * rng.integers(2)),
            **{name: int(rng.integers(1, 200)) for name in ("queries", "heads", "width", "rotary")},
        }
        active = float(10 ** rng.uniform(7, 11))
        load = {
            "weights": active * float(rng.choice([1, 1.5, 10])),
            "active": active,
            "weightItemsize": int(rng.choice([1, 2, 4])),
            "itemsize": float(rng.choice([0.25, 0.5625, 1, 2, 4])),
            "tokens": int(10 ** rng.uniform(0, 6)),
            "bandwidth": float(10 ** rng.uniform(11, 13)),
            "flops": float(10 ** rng.uniform(13, 16)),
        }
        yield shape, load, int(10 ** rng.uniform(0, 4))


def layers_of(shape):
    """The same layers, as `minimodel` counts them."""
    latent = shape["latent"]
    kept = latent + shape["rotary"] if latent else 2 * shape["heads"] * shape["width"]
    scored, averaged = (latent + shape["rotary"], latent) if latent else (shape["width"], shape["width"])
    common = {"kept": kept, "work": shape["queries"] * (scored + averaged)}
    return [
        CachedLayers(n=shape["full"], sharing=shape["full_shared"], **common),
        CachedLayers(n=shape["local"], sharing=shape["local_shared"], window=shape["window"], **common),
    ]


def test_mixed_caches_and_decoding_are_those_of_minimodel(ask, rng):
    chosen = list(random_shapes(rng))
    kinds = ask("cachedLayers", [[shape] for shape, _, _ in chosen])
    asked = [(ours, *one[1:]) for ours, one in zip(kinds, chosen, strict=True)]
    held = ask("mixedBytes", [[ours, load["itemsize"], load["tokens"], batch] for ours, load, batch in asked])
    found = ask("decoding", [[ours, {**load, "batch": batch}] for ours, load, batch in asked])
    turning = ask("turningBatch", [[ours, load] for ours, load, _ in asked])
    close = {"rtol": EXACT, "atol": 0}
    for size, times, texts, (shape, load, batch) in zip(held, found, turning, chosen, strict=True):
        layers, itemsize, tokens = layers_of(shape), load["itemsize"], load["tokens"]
        np.testing.assert_allclose(size, mixed_bytes(layers, itemsize=itemsize, tokens=tokens, batch=batch), **close)
        named = {{"weightItemsize": "weight_itemsize"}.get(name, name): value for name, value in load.items()}
        theirs = decoding(layers, **named, batch=batch)
        np.testing.assert_allclose(
            [times[name] for name in ("readingWeights", "readingCaches", "computingWeights", "computingAttention")],
            [theirs.reading_weights, theirs.reading_caches, theirs.computing_weights, theirs.computing_attention],
            **close,
        )
        np.testing.assert_allclose(
            [times["reading"], times["computing"], times["seconds"], times["share"]],
            [theirs.reading, theirs.computing, theirs.seconds, theirs.attention_share],
            **close,
        )
        # The difference of two near numbers has fewer digits than each of them.
        np.testing.assert_allclose(texts, turning_batch(layers, **named), rtol=1e-9)
    assert {bool(np.isfinite(texts)) for texts in turning} == {True, False}
    assert any(times["reading"] < times["computing"] for times in found)


def test_the_bytes_of_a_number_in_few_bits_are_those_of_minimodel(ask):
    chosen = [[bits, group] for bits in (2, 4, 8, 16) for group in (32, 64, 128)]
    agree(ask("numberBytes", chosen), [quantised_itemsize(*one) for one in chosen])
    agree(ask("numberBytes", [[bits] for bits in (2, 4, 8, 16)]), [quantised_itemsize(bits) for bits in (2, 4, 8, 16)])


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


def random_distributions(rng, count=100):
    """Target and draft; some give a token nothing, and some are equal."""
    for k in range(count):
        V = rng.integers(2, 5)
        p, q = rng.dirichlet(np.ones(V), size=2) * (rng.random((2, V)) < 0.9) + np.eye(V)[rng.integers(V)] / 100
        yield p / p.sum(), (p if k % 10 == 0 else q) / (p if k % 10 == 0 else q).sum()


def resampled(p, q, draw):
    """One guess; after a rejection a token of the target, which is the mistake that section 23 runs."""
    guess = draw(q)
    return [guess if accepts(guess, p, q, draw) else draw(p)]


def test_what_is_accepted_and_what_comes_out_is_what_minimodel_draws_on_every_path(ask, rng):
    pairs = list(random_distributions(rng))
    rules = {
        "residual": lambda p, q, draw: verify(np.array([draw(q)]), q[None], np.stack([p, p]), draw)[:1],
        "target": resampled,
    }
    for name, rule in rules.items():
        found = ask("verified", [[p.tolist(), q.tolist(), name] for p, q in pairs])
        for ours, (p, q) in zip(found, pairs, strict=True):
            paths = outcomes(lambda draw, p=p, q=q, rule=rule: rule(p, q, draw))
            agree(ours["out"], [paths.get((token,), 0) for token in range(len(p))])
            chances = [
                outcomes(lambda draw, i=i, p=p, q=q: [accepts(i, p, q, draw)]).get((1,), 0) if q[i] else np.nan
                for i in range(len(p))
            ]
            agree(ours["chance"], chances)
            agree(ours["accepted"], np.where(q > 0, q * np.nan_to_num(chances), 0))
            agree(ours["residual"], residual(p, q))
            agree(ours["share"], sum(ours["accepted"]))
            agree(np.array(ours["accepted"]) + ours["again"], ours["out"])


def test_tokens_a_pass_are_those_of_minimodel(ask, rng):
    chosen = [(float(alpha), gamma) for gamma in range(17) for alpha in (0, 1, *rng.random(5))]
    agree(ask("tokensAPass", chosen), [tokens_a_pass(*one) for one in chosen])
    prices = rng.random(len(chosen)).tolist()
    speeds = ask("timesAsFast", [[*one, cost] for one, cost in zip(chosen, prices, strict=True)])
    passes = [1 + cost * gamma for (_, gamma), cost in zip(chosen, prices, strict=True)]
    agree(speeds, [tokens_a_pass(*one) / taken for one, taken in zip(chosen, passes, strict=True)])


def random_actions(rng):
    """Texts that come, grow, fork and are evicted, some of them twice."""
    actions, texts = [], 0
    for _ in range(rng.integers(1, 30)):
        what = str(rng.choice(["come", "grow", "grow", "fork", "evict"])) if texts else "come"
        texts += what in ("come", "fork")
        text, tokens = int(rng.integers(max(texts - (what == "fork"), 1))), int(rng.integers(1, 8))
        actions.append({"come": ["come", tokens], "grow": ["grow", text, tokens]}.get(what, [what, text]))
    return actions


def in_minimodel(pages, size, actions):
    """The pool and the texts after these actions, and those that could not be done. A key is 100 * text + token."""
    pool, texts, refused = PagePool(pages, size, n_kv_heads=1, d_head=1), [], []

    def add(text, tokens):
        length = texts[text].length
        new = 100.0 * text + np.arange(length, length + tokens)[None, :, None]
        texts[text].append(new, new)

    gone = set()
    for at, (what, *rest) in enumerate(actions):
        if what != "come" and rest[0] in gone:
            if what == "fork":
                gone.add(len(texts))
                texts.append(PagedCache(pool))
            refused.append(at)
        elif what == "evict":
            texts[rest[0]].truncate(0)
            gone.add(rest[0])
        elif what == "fork":
            texts.append(texts[rest[0]].fork())
        else:
            text, tokens = (len(texts), rest[0]) if what == "come" else rest
            texts += [PagedCache(pool)] if what == "come" else []
            try:
                add(text, tokens)
            except MemoryError:
                gone |= {text} if what == "come" else set()
                refused.append(at)
    return pool, texts, gone, refused


def test_the_pages_are_those_of_minimodel_after_any_actions(ask, rng):
    chosen = [(int(rng.integers(1, 13)), int(rng.choice([1, 2, 4])), random_actions(rng)) for _ in range(300)]
    for ours, (pages, size, actions) in zip(ask("paged", chosen), chosen, strict=True):
        pool, texts, gone, refused = in_minimodel(pages, size, actions)
        assert ours["refused"] == refused
        assert ours["holders"] == pool.holders
        assert ours["free"] == pool.n_free
        for n, (text, cache) in enumerate(zip(ours["texts"], texts, strict=True)):
            assert text == {"table": cache.table, "length": cache.length, "held": n not in gone}
            rows = [row for page in text["table"] for row in ours["rows"][page]]
            keys = [100.0 * by + token for by, token in rows[: text["length"]]]
            assert keys == cache.gather(pool.keys).ravel().tolist()
        assert all(not row for row, held in zip(ours["rows"], pool.holders, strict=True) if not held)
    assert any(refused for *_, refused in (in_minimodel(*one) for one in chosen))
    assert max(max(in_minimodel(*one)[0].holders) for one in chosen) > 1


SLOWER = {
    "none": lambda speeds, one: np.ones(len(speeds)),
    "interpolation": lambda speeds, one: np.full(len(speeds), one["factor"]),
    "ntk": lambda speeds, one: speeds / rotary_speeds(one["width"], ntk_base(one["base"], one["factor"], one["width"])),
    "parts": lambda speeds, one: by_parts(speeds, one["factor"], one["trained"]),
}


@pytest.mark.parametrize("kind", SLOWER)
def test_waves_and_what_slows_them_down_are_those_of_minimodel(ask, rng, kind):
    chosen = [
        {"base": float(base), "width": int(width), "trained": float(trained), "factor": float(factor)}
        for base, width, trained, factor in zip(
            10 ** rng.uniform(0.5, 9, 200),
            rng.choice([4, 16, 64, 128], 200),
            10 ** rng.uniform(0, 7, 200),
            1 + 10 ** rng.uniform(-1, 3, 200) * (rng.random(200) < 0.9),
            strict=True,
        )
    ]
    for ours, one in zip(ask("rotary", [[kind, one] for one in chosen]), chosen, strict=True):
        speeds = rotary_speeds(one["width"], one["base"])
        slower = SLOWER[kind](speeds, one)
        np.testing.assert_allclose(ours["slower"], slower, rtol=EXACT)
        np.testing.assert_allclose(ours["waves"], 2 * np.pi * slower / speeds, rtol=EXACT)
        np.testing.assert_allclose(ours["turns"], one["trained"] * speeds / (2 * np.pi), rtol=EXACT)
        before = one["trained"] * speeds  # how far each pair goes, in radians
        after = before * one["factor"] / slower
        assert ours["fresh"] == ((before < 2 * np.pi) & (after > before * (1 + 1e-9))).tolist()
