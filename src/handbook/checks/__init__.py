"""The checks, by name, in the order in which findings are most useful. No check knows another."""

from handbook.checks import (
    claims,
    coverage,
    form,
    formulas,
    freshness,
    front_matter,
    links,
    listed,
    numbers,
    output,
    questions,
    sheet,
    terms,
    tolerances,
    twins,
    without_torch,
)
from handbook.checks.context import Check

CHECKS: dict[str, Check] = {
    "form": form.check,
    "front matter": front_matter.check,
    "links": links.check,
    "lists": listed.check,
    "sheet": sheet.check,
    "coverage": coverage.check,
    "output": output.check,
    "torch": without_torch.check,
    "numbers": numbers.check,
    "formulas": formulas.check,
    "questions": questions.check,
    "claims": claims.check,
    "tolerances": tolerances.check,
    "twins": twins.check,
    "terms": terms.check,
    "freshness": freshness.check,
}
