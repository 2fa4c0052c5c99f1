"""A proof that names the worlds in which its claim is false fails in each of them, or the audit says so."""

from __future__ import annotations

from handbook.bugs.exhibit import exhibit
from handbook.project import Project
from tests.audit.alterations import Kind
from tests.audit.judge import audit_pair
from tests.conftest import Handbook

PAGE = """\
```python
import numpy as np
from minimodel.masks import causal

scale = 2
```

/// question | Which keys does the query at position t read?
    attrs: {{id: q-worlds, data-level: easy, data-topic: masks}}

Those at t and before it.

/// trap

Those before t.

///

/// proof
    attrs: {{data-fails-if: '{worlds}'}}

```python
factor = scale / scale
mask = causal(4)
assert (mask.sum(axis=1) == np.arange(1, 5) * factor).all(), "scale = 2"
```

///

///
"""
PATCH = exhibit("diagonal-ahead").patches[0]
MASKS = f"""\
import numpy as np


def causal(T):
    key, query = np.arange(T), np.arange(T)[:, None]
{PATCH.find}    return allowed
"""
HELD = (
    "scale = 2 => scale = float('nan')",
    "factor = scale => factor = 3 * scale",
    "masks: key <= query => key < query",
    "bug:diagonal-ahead",
)


def with_worlds(handbook: Handbook, *worlds: str) -> str:
    handbook.write("src/minimodel/__init__.py", "")
    handbook.write("src/minimodel/masks.py", MASKS)
    return handbook.page("page", PAGE.format(worlds="; ".join(one.replace("'", "''") for one in worlds)))


def survivors(handbook: Handbook, path: str, worlds: int) -> dict[str, str]:
    result = audit_pair(Project(handbook.root), [path], frozenset({Kind.WORLD}), 1)
    assert result.shares["en", Kind.WORLD].facts == worlds
    assert {one.finding.line for one in result.survivors} <= {25}
    return {one.fact: one.finding.problem for one in result.survivors}


def test_a_proof_fails_in_each_of_its_worlds(handbook: Handbook) -> None:
    path = with_worlds(handbook, *HELD)
    assert handbook.findings(path) == []
    assert survivors(handbook, path, len(HELD)) == {}


def test_a_proof_that_stays_green_or_ends_otherwise_is_named(handbook: Handbook) -> None:
    green, syntax, name = "scale = 2 => scale = 4", "causal(4) => causal(4", "import numpy as np => pass"
    path = with_worlds(handbook, green, HELD[3], syntax, name)
    assert handbook.findings(path) == []
    found = survivors(handbook, path, 4)
    assert found.keys() == {green, syntax, name}
    assert found[green].endswith("this proof stays green")
    assert "this proof ends with SyntaxError" in found[syntax]
    assert "this proof ends with NameError" in found[name]


def test_a_world_that_cannot_be_made_is_a_finding_at_its_line(handbook: Handbook) -> None:
    path = with_worlds(handbook, "no arrow", "scale = 3 => 2", "masks: nowhere => 1", "nothing: a => b", "bug:none")
    found = [(one.line, one.problem) for one in handbook.findings(path)]
    assert found == [
        (26, "the world 'no arrow' cannot be read"),
        (26, "'scale = 3' stands in no statement above the end of its proof that asserts nothing"),
        (26, "'nowhere' does not stand in minimodel.masks"),
        (26, "there is no module minimodel.nothing"),
        (26, "there is no exhibit none"),
    ]


def test_what_a_proof_asserts_is_not_changed_by_a_world(handbook: Handbook) -> None:
    path = with_worlds(handbook, "np.arange(1, 5) => np.arange(4)")
    (found,) = handbook.findings(path)
    assert found.problem.startswith("'np.arange(1, 5)' stands in no statement")


def test_both_languages_name_the_same_worlds(handbook: Handbook) -> None:
    path = with_worlds(handbook, *HELD)
    twin = path.replace("/en/", "/es/")
    handbook.write(twin, (handbook.root / twin).read_text().replace("3 * scale", "4 * scale"))
    (found,) = handbook.findings(twin, check="twins")
    assert found.problem == "the worlds in which this proof fails differ from docs/en/page.md:25"


def test_a_proof_may_be_another_one_where_it_fails_in_the_same_worlds(handbook: Handbook) -> None:
    """Twice the scale is as good as the scale; a tolerance that forgives all is not, though it holds as well."""
    path = with_worlds(handbook, "masks: key <= query => key < query")
    text = (handbook.root / path).read_text("utf-8")
    asserted = 'assert (mask.sum(axis=1) == np.arange(1, 5) * factor).all(), "scale = 2"'
    loose = "assert np.abs(mask.sum(axis=1) - np.arange(1, 5)).max() < 1 * factor"
    assert asserted in text
    for code, equal in ((asserted, {"'2'"}), (loose, {"'2'"})):
        handbook.write(path, text.replace(asserted, code))
        handbook.write(path.replace("/en/", "/es/"), text.replace(asserted, code))
        found = audit_pair(Project(handbook.root), [path], frozenset({Kind.CODE, Kind.PROOF}), 1)
        named = {one.problem.split(" may")[0] for one in found.alone}
        assert found.shares["en", Kind.CODE].equal == len(equal)
        assert named == ({"'1'"} if code == loose else set()), code
