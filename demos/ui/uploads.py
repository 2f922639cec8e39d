"""An uploaded table on the page: what it is, which columns count, and what was guessed about it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
from gradio.components import Component

from demos.operations.files.tables import Table, is_missing, read_file
from demos.ui.i18n import Language, say, t
from demos.ui.live import Asked, Event, Shown

DELIMITER_NAMES = {"": "none", "\t": "tab", " ": "space"}  # those that cannot be seen
GUESSES = ("sheet", "encoding", "delimiter", "header")
NO_WEIGHT = ""
MOST_COLUMNS_TOLD = 5  # of which cells cannot weigh


class Read(NamedTuple):
    """What a file was read as: its path, its columns of texts and of their weights, and what was chosen or
    guessed, by the names in `GUESSES`."""

    path: str
    column: str
    weight: str
    guesses: dict[str, str | None]


@dataclass(frozen=True)
class Upload:
    """The controls of a table that a visitor uploads; made by `build_upload`.

    Attributes:
        prefix: the tab's name, with which the ids of the elements begin, and the keys of its own words.
        button: takes the file; the caller renders it in its own place.
        part: what is shown of the file; hidden while there is none.
        table: the Table, None while there is none.
        column, weight: the names of the columns of texts and of their weights, NO_WEIGHT for none.
        guesses: the drop-downs of what was guessed, by their names in `GUESSES`.
        read: what the file that is shown was last read as, None while there is none. The button may hold
            another file by now, one that could not be read.
        forget: takes the file away; the caller says what comes in its place.
    """

    prefix: str
    button: gr.UploadButton
    part: gr.Column
    table: gr.State
    about: gr.Markdown
    column: gr.Dropdown
    weight: gr.Dropdown
    guesses: dict[str, gr.Dropdown]
    read: gr.State
    forget: gr.Button

    @property
    def chosen(self) -> tuple[gr.Dropdown, ...]:
        """What a visitor chooses among."""
        return self.column, self.weight, *self.guesses.values()

    @property
    def rereads(self) -> list[Component]:
        """What `reread` reads: not the button, at whose file Gradio itself may raise."""
        return [self.read, *self.chosen]

    @property
    def fills(self) -> list[Any]:
        """What they update."""
        return [self.part, self.table, self.about, self.read, *self.chosen]

    @property
    def changes(self) -> list[Event]:
        """The events after which other columns or guesses may have been chosen.

        A Dropdown's `input` comes twice, its `blur` without a choice too.
        """
        return [one.blur for one in self.chosen]

    def received(self, asked: Asked) -> Shown:
        """What a new file, of which the button is read, shows; raises as `read_upload`."""
        return self._shown(asked[self.button], None, asked.language)

    def _shown(self, path: str, choices: Mapping[str, str | None] | None, language: Language) -> Shown:
        table = read_upload(path, choices)
        updates = guess_updates(table, language)
        weights = [(name, name) for name in table.number_columns]
        return {
            self.part: gr.update(visible=True),
            self.table: table,
            self.about: file_line(path, table, language),
            self.column: gr.update(choices=table.text_columns, value=table.text_columns[0]),
            self.weight: gr.update(
                choices=[(say(f"{self.prefix}_no_weight", language), NO_WEIGHT), *weights],
                value=NO_WEIGHT,
                visible=bool(weights),
            ),
            **{self.guesses[name]: updates[name] for name in GUESSES},
            self.read: Read(
                path, table.text_columns[0], NO_WEIGHT, {name: updates[name]["value"] for name in GUESSES}
            ),
        }

    def reread(self, asked: Asked) -> Shown | None:
        """The same of the file that is shown, after a choice; None where it is the last one again, or there
        is no file."""
        before: Read | None = asked[self.read]
        if before is None:
            return None
        guesses = {name: asked[box] for name, box in self.guesses.items()}
        now = Read(before.path, asked[self.column], asked[self.weight], guesses)
        if now == before:
            return None
        if now.guesses != before.guesses:
            return self._shown(before.path, now.guesses, asked.language)
        return {self.read: now}

    def forgotten(self) -> Shown:
        """The updates that take the file away."""
        return {self.part: gr.update(visible=False), self.table: None, self.read: None}


def build_upload(prefix: str) -> Upload:
    """The controls of a tab, all but the button in place."""
    button = gr.UploadButton(
        t(f"{prefix}_upload"),  # type: ignore[arg-type]
        elem_id=f"{prefix}-upload",
        min_width=140,
        render=False,
    )
    with gr.Column(visible=False) as part:
        about = gr.Markdown(elem_id=f"{prefix}-file")
        with gr.Row():
            column, weight = (
                gr.Dropdown([], label=t(f"{prefix}_{name}"), elem_id=f"{prefix}-{name}", min_width=140)
                for name in ("column", "weight")
            )
        guesses = build_guesses(prefix)
        forget = gr.Button(t(f"{prefix}_forget"), size="sm", elem_id=f"{prefix}-forget")
    table, read = gr.State(None), gr.State(None)
    return Upload(prefix, button, part, table, about, column, weight, guesses, read, forget)


def build_guesses(prefix: str) -> dict[str, gr.Dropdown]:
    """The drop-downs of what is guessed about a file, in place and hidden, by their names in `GUESSES`."""
    with gr.Row():
        return {
            name: gr.Dropdown(
                [], label=t(f"upload_{name}"), visible=False, elem_id=f"{prefix}-{name}", min_width=120
            )
            for name in GUESSES
        }


def guess_updates(table: Table, language: str = "en") -> dict[str, dict[str, Any]]:
    """The updates of the drop-downs of `GUESSES` for a table; those with nothing to choose are hidden."""
    found = {guess.name: guess for guess in table.guesses}
    updates: dict[str, dict[str, Any]] = {}
    for name in GUESSES:
        if name in found:
            choices = [(_choice(name, choice, language), choice) for choice in found[name].choices]
            updates[name] = gr.update(choices=choices, value=found[name].value, visible=True)
        else:
            updates[name] = gr.update(choices=[], value=None, visible=False)
    return updates


def _choice(name: str, choice: str, language: str) -> str:
    if name == "header":
        return say(f"upload_header_{choice}", language)
    if name == "delimiter" and choice in DELIMITER_NAMES:
        return say(f"upload_delimiter_{DELIMITER_NAMES[choice]}", language)
    return choice


def read_upload(path: str, choices: Mapping[str, str | None] | None = None) -> Table:
    """A file → its table; `choices` are those of `GUESSES` by name, None or no key where it is to be guessed.

    Raises:
        TableError: what is wrong with the file, or with a choice for it.
        OSError: the file is gone.
    """
    chosen = {name: value for name, value in (choices or {}).items() if value is not None}
    header = {"yes": True, "no": False}.get(chosen.pop("header", ""))
    return read_file(path, header=header, **chosen)


def file_line(name: str, table: Table, language: str = "en") -> str:
    """What was found in a file, as Markdown."""
    sign = _choice("delimiter", table.delimiter, language)
    first = next((cell for cell in table.column(table.text_columns[0]) if not is_missing(cell)), "")
    found = say(
        "upload_file",
        language,
        name=_plain(Path(name).name),
        rows=len(table.rows),
        encoding=f", {say('upload_in', language, encoding=table.encoding)}" if table.encoding else "",
        delimiter=f", {_plain(say('upload_divided', language, sign=sign))}" if table.delimiter else "",
        first=_plain(first[:80]),
    )
    return " ".join([found, *map(_plain, file_notes(table, language))])


def file_notes(table: Table, language: str = "en") -> list[str]:
    """What a person should know of how a file was read: what was left out, or read as it stands."""
    said = [say(f"upload_note_{note.kind}", language, **note.details) for note in table.notes]
    text = table.text_columns[0]
    if table.missing(text):
        said.append(say("upload_note_missing", language, column=text, count=table.missing(text)))
    bad = {name: cells for name in table.columns if name != text and (cells := table.not_weights(name))}
    for name, cells in itertools.islice(bad.items(), MOST_COLUMNS_TOLD):
        kind = "not_weights" if name in table.number_columns else "no_weights"
        values = {"column": name, "cell": cells[0][:20], "count": len(cells)}
        said.append(say(f"upload_note_{kind}", language, **values))
    if len(bad) > MOST_COLUMNS_TOLD:
        said.append(say("upload_note_more_columns", language, count=len(bad) - MOST_COLUMNS_TOLD))
    return said


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    spaced = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-.!|~$&" else sign for sign in spaced)
