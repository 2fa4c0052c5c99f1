"""Ask every library anew, and write down what it answers, for the page of conventions."""

from tests.conventions.record import PATH, asked, text

PATH.write_text(text(asked()), encoding="utf-8")
print(f"{PATH.name} is written; see what has changed, and `handbook check` the pages of conventions")
