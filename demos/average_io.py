"""What goes into the Average tab and comes out of it: the controls' values, and files to download."""

from __future__ import annotations

from dataclasses import dataclass

from demos import average_view as view
from demos import exports
from demos.opinions import Encoded, Settings, Summary
from demos.reviews import Example, Review, ReviewsError, examples, from_table, pasted
from demos.tables import Table, TableError

MOST_CHARACTERS = 2_000_000  # of the text box


@dataclass(frozen=True, eq=False)
class Done:
    """An answer with all that it came from, and the seconds that the run took."""

    encoded: Encoded
    summary: Summary
    settings: Settings
    example: Example | None
    seconds: float = 0.0


def read_reviews(text: str, file: Table | None, column: str | None, weight: str | None) -> list[Review]:
    """The reviews of the file where there is one, else of the text box.

    Raises:
        ReviewsError, TableError: what is wrong with them.
    """
    if file is None:
        if len(text) > MOST_CHARACTERS:
            message = f"{len(text)} characters"
            raise ReviewsError("too_much", message, count=len(text), limit=MOST_CHARACTERS)
        return pasted(text)
    for name in (column, weight or column):
        if name not in file.columns:
            raise TableError("no_column", f"no column {name!r}", column=str(name)[:40])
    return from_table(file, str(column), weight or None)


def read_settings(
    number: float | None, auto: bool, trim: float | None, count: str, apart: bool, choices: float | None
) -> Settings:
    """The controls' values as settings; the trim is a percentage there. BadSetting for one out of range."""
    return Settings(
        opinions=None if auto or not number else int(number),
        trim=float(trim or 0) / 100,
        count="review" if count == "review" else "sentence",
        apart=bool(apart),
        choices=int(choices or 1),
    )


def example_of(text: str) -> Example | None:
    """The bundled example that this text is, unchanged."""
    return next((example for example in examples() if example.text == text.strip()), None)


def save_csv(done: Done | None) -> str | None:
    """The average and the opinions as a CSV file → its path; None if there is no answer yet."""
    return (
        exports.save_csv(view.table(done.summary, done.encoded, done.settings), "average") if done else None
    )


def save_json(done: Done | None) -> str | None:
    """The average, the opinions and every sentence as a JSON file → its path; None without an answer."""
    if done is None:
        return None
    rows = view.table(done.summary, done.encoded, done.settings)
    sentences = view.sentence_table(done.summary, done.encoded, done.settings)
    return exports.save_json([*rows, *sentences], "average")


def save_sentences(done: Done | None) -> str | None:
    """Every sentence with its opinion as a CSV file → its path; None without an answer."""
    if done is None:
        return None
    return exports.save_csv(view.sentence_table(done.summary, done.encoded, done.settings), "sentences")
