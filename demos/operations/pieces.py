"""A long line → pieces that a vector can hold, each decoded alone, and one sentence of the answers.

A vector of a few hundred numbers holds about a dozen words; of a longer sentence it keeps the topic and
loses the rest. Where to cut is chosen for the whole line at once: the best sum over all cuts of how
good the place is, and over all pieces of how near they are to the length wanted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from demos.codec import Codec, Decoding
from demos.operations.answers import MOST_ALTERNATIVES, decoded
from demos.operations.checks import differences
from demos.operations.keeping import keeping
from demos.operations.sentences import language_of_text
from demos.operations.text import count_words, one_line, word_set

MOST_WORDS = 14  # of a line that one vector takes
_WORDINGS = MOST_ALTERNATIVES + 1  # of a piece: one may keep what the first does not
PIECE_WORDS = 7.0  # words that a piece should have
# What a cut costs by what stands at it, in the unit of a piece's squared relative error of length.
_SENTENCE, _STOP, _COMMA, _CLAUSE, _PHRASE, _ANYWHERE, _NEVER = 0.0, 0.05, 0.1, 0.25, 0.4, 1.0, 50.0
_CLAUSE_WORDS = word_set(
    "и а но или что чтобы который которая которое которые которых которого которой когда если хотя потому",
    "поэтому где куда пока чем как та і й або але що щоб який яка яке які коли якщо хоча тому бо де поки",
    "and but or that which who whom whose when where while because although though if so since after before",
    "und oder aber dass daß der wenn weil obwohl während als damit sondern denn bevor nachdem wobei",
    "et ou mais que qui dont où quand lorsque parce si comme puisque afin car donc",
    "y o pero que cuando donde porque aunque si e ma che quando perché mas porque onde en maar dat die omdat",
    "ve veya ama fakat çünkü ki ancak eğer i oraz ale że który która które gdy ponieważ jeśli lub",
)
# Words that a phrase begins with: no cut comes after them, a cut before them is not bad.
_PHRASE_WORDS = word_set(
    "в во на с со к ко о об от до по из за для при без под над про через между у не ни з із зі у від до при",
    "the a an of in on at to for from with by about into over under as than not no this these those his",
    "her its their our my your is are was were be been has have had will would can could should may might",
    "der die das den dem des ein eine einen einem einer eines von in im am an auf aus bei mit nach zu zum",
    "zur für über unter durch gegen ohne um nicht kein keine ist sind war waren hat haben wird werden sich",
    "le la les l un une des du de d au aux en dans sur sous par pour avec sans chez vers ne pas se est sont",
    "a été ont el los las del al una unos con por para sin il lo gli di da nel della delle dei",
)
_OPENING, _CLOSING = "«“„‘([{「『（【", "»”“’)]}」』）】"
_PAIRED = dict(zip(_OPENING, _CLOSING, strict=True)) | {'"': '"'}
_LONG_QUOTE = 10  # words; a longer quote is cut as other text is
_ENDS = re.compile(r"[.!?…]+[»”\"')]*$")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+|[\u3041-\u309f]|[\u3400-\u9fff]|[\u30a0-\u30ff]+"
    r"|[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff、。，；：！？「」（）]+|\S"
)
_HAN = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3041-\u309f]")


@dataclass(frozen=True)
class Piece:
    """A piece of a line, its Russian, the cosine between both their vectors, and whether the numbers of the
    Russian are the source's (`demos.operations.keeping`)."""

    source: str
    text: str
    fidelity: float
    numbers_given: bool = False


@dataclass(frozen=True)
class Piecewise:
    """The answer to a line: one sentence, and the pieces that it was made of (one for a short line)."""

    text: str
    pieces: tuple[Piece, ...]


def translate_by_pieces(codec: Codec, line: str, settings: Decoding | None = None) -> Piecewise:
    """A line in any language → Russian, every piece through a vector of its own; all decoded together.

    Of the wordings of a piece those that keep its numbers, names and negation come first.

    Args:
        settings: how to decode; None is the pair's own way.

    Raises:
        EmptyInput: there is nothing in the line.
        TextTooLong, SaysNothing, Busy: as `Codec.encode`, of a piece.
    """
    sources = pieces_of(line) or [line]
    vectors, language = codec.encode(sources), language_of_text(line)
    pieces = []
    found = codec.candidates(vectors, 1, settings)
    for source, vector, (first, *_) in zip(sources, vectors, found, strict=True):
        best = decoded(first)
        if differences(source, best.text, language):
            (wordings,) = codec.candidates(vector, _WORDINGS, settings)
            best = keeping(codec, source, language, vector, list(map(decoded, wordings)))[0]
        pieces.append(Piece(source, best.text, best.fidelity, best.numbers_given))
    return Piecewise(join_pieces([piece.text for piece in pieces], sources), tuple(pieces))


# --- cutting -----------------------------------------------------------------------------------------


def is_long(line: str) -> bool:
    """Whether a line has more words than one vector holds."""
    return count_words(line) > MOST_WORDS


def pieces_of(line: str, words: float = PIECE_WORDS) -> list[str]:
    """A line → its pieces in order, joined they are the line; the line itself if it is not long.

    Cuts come at the ends of sentences, at other punctuation and before clause words, or else before a
    word that begins a phrase; never within a name, a number or a quote.

    Args:
        words: how many a piece should have, about.
    """
    line = one_line(line)
    if not is_long(line):
        return [line] if line else []
    starts, sizes, costs = _tokens(line)
    bounds = _best_cuts(sizes, costs, words)
    places = [starts[bound] for bound in bounds] + [len(line)]
    return [line[start:end].strip() for start, end in zip([0, *places[:-1]], places, strict=True)]


def _best_cuts(sizes: Sequence[float], costs: Sequence[float], words: float) -> list[int]:
    """The tokens before which to cut: the cheapest way by dynamic programming.

    Args:
        sizes: (n,) of the tokens, in words.
        costs: (n,) of a cut before each token; that before the first is not looked at.
        words: the size of a piece that costs nothing.
    """
    count = len(sizes)
    best = [0.0] + [float("inf")] * count
    last = [0] * (count + 1)
    for end in range(1, count + 1):
        size = 0.0
        for start in range(end - 1, -1, -1):
            size += sizes[start]
            error = (size - words) / words
            cost = best[start] + error * error * (2 if size < words else 1) + (costs[start] if start else 0)
            if cost < best[end]:
                best[end], last[end] = cost, start
            if size > 4 * words and best[end] < float("inf"):
                break
    cuts = []
    place = last[count]
    while place > 0:
        cuts.append(place)
        place = last[place]
    return cuts[::-1]


def _tokens(line: str) -> tuple[list[int], list[float], list[float]]:
    """A line's words → where each starts, its size in words, and what a cut before it costs."""
    matches = list(_UNSPACED.finditer(line))
    texts = [match.group() for match in matches]
    starts = [match.start() for match in matches]
    sizes = [float(count_words(text)) if not _one_sign(text) else 0.5 * text.isalnum() for text in texts]
    quoted = _quotes(texts, sizes)
    costs = [0.0]
    for place in range(1, len(texts)):
        joined = matches[place].start() == matches[place - 1].end()
        costs.append(_NEVER if quoted[place] else _cost(texts, place, joined))
    return starts, sizes, costs


def _quotes(texts: Sequence[str], sizes: Sequence[float]) -> list[bool]:
    """Whether a cut before each token would be within a quote, or brackets, of at most `_LONG_QUOTE` words.

    A quote that is never closed is none.
    """
    within = [False] * len(texts)
    opened: list[tuple[str, int]] = []  # the sign that closes, the token where it opened
    for place, text in enumerate(texts):
        for sign in text:
            if opened and sign == opened[-1][0]:
                _, start = opened.pop()
                if sum(sizes[start : place + 1]) <= _LONG_QUOTE:
                    within[start + 1 : place + 1] = [True] * (place - start)
            elif sign in _PAIRED:
                opened.append((_PAIRED[sign], place))
    return within


def _one_sign(text: str) -> bool:
    return len(text) == 1 and bool(_HAN.match(text) or _KANA.match(text))


def _cost(texts: Sequence[str], place: int, joined: bool) -> float:
    """What a cut between two tokens costs."""
    before, after = texts[place - 1], texts[place]
    if joined and (_unspaced(before) or _unspaced(after)):
        return _cost_unspaced(before, after)
    word, next_word = before.strip("\"'" + _OPENING).casefold(), after.strip("\"'" + _OPENING).casefold()
    bare, next_bare = word.rstrip(".,;:!?…" + _CLOSING), next_word.rstrip(".,;:!?…" + _CLOSING)
    if after in ("—", "–", "-"):
        return _NEVER  # a dash stays with what it follows, the cut comes after it
    if before in ("—", "–", "-"):
        return _STOP
    if _ENDS.search(before) and len(bare) > 3 and not next_bare[:1].islower() and not after[:1].islower():
        return _SENTENCE
    if before.endswith((";", ":")):
        return _STOP
    if before.endswith((",", ",»", ",”")):
        return _COMMA
    if after[:1] in "([":
        return _CLAUSE
    if bare.isdigit() or (bare[:1].isdigit() and next_bare[:1].isdigit()):
        return _NEVER  # 10 000, 6 days
    if before[:1].isupper() and after[:1].isupper() and place > 1:
        return _NEVER  # a name
    if bare in _CLAUSE_WORDS | _PHRASE_WORDS or (before.endswith(".") and len(bare) <= 3):
        return _NEVER
    if next_bare in _CLAUSE_WORDS:
        return _CLAUSE
    return _PHRASE if next_bare in _PHRASE_WORDS else _ANYWHERE


def _unspaced(text: str) -> bool:
    return bool(
        re.search("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff，；：！？（）]", text)
    )


def _cost_unspaced(before: str, after: str) -> float:
    """The same where words have no spaces between them; in Japanese a phrase ends in kana."""
    if before in "。！？":
        return _SENTENCE
    if before in "；：":
        return _STOP
    if before in "、，":
        return _COMMA
    if not after.isalnum() or before in _OPENING or not before[-1].isalnum():
        return _NEVER
    if _KANA.match(before[-1]) and not _KANA.match(after[0]):
        return _PHRASE if before in "はがをにでともへのて" else _ANYWHERE
    return _ANYWHERE if _HAN.match(before[-1]) and _HAN.match(after[0]) else _NEVER


# --- joining -----------------------------------------------------------------------------------------

# Russian words that begin a piece with a capital only because a sentence does.
_SMALL_WORDS = word_set(
    "я ты он она оно мы вы они это этот эта эти тот та те то все всё весь вся его её ее их мой моя мои",
    "твой наш наша наши ваш ваша свой своя свои кто что как где когда если чтобы который которая которое",
    "которые потому поэтому хотя пока и а но или да нет не ни в во на с со к ко о об от до по из за для",
    "при без под над про через между у же ли бы только уже ещё еще тоже также там тут здесь сейчас теперь",
    "потом после перед один одна одно два две три несколько много мало очень более менее самый самая",
    "самые другой другая другие",
)
_COMMA_BEFORE = word_set("но а что чтобы потому поэтому если когда хотя где чей чья чьи")
# Letters of both alphabets by their sound, roughly; vowels count for nothing.
_SAME_SOUND = str.maketrans(
    {
        **dict(zip("бвгдзклмнпрстфхцчшщжй", "bvgdsklmnprstfgscssgi", strict=True)),
        **dict(zip("wqzcyjh", "vkskiig", strict=True)),
        **dict.fromkeys("аеёиоуыэюяьъaeiouіїєўäöüéèáíóúñ'’", ""),
    }
)


def join_pieces(texts: Sequence[str], sources: Sequence[str] = ()) -> str:
    """Decoded pieces → one sentence: one capital, the names' aside, and no full stops within.

    Args:
        texts: Russian pieces, each written as a sentence.
        sources: the pieces that they say, if known: from them come the commas, the ends of sentences
            within a line, and which words are names.
    """
    joined = ""
    previous = ""
    for place, text in enumerate(texts):
        said = one_line(text)
        source = sources[place] if place < len(sources) else ""
        if not said:
            continue
        if not joined:
            joined, previous = said, source
            continue
        if (previous and _ENDS.search(previous)) or previous.endswith(("。", "！", "？")):
            joined = joined if _ENDS.search(joined) else joined + "."
        else:
            joined = joined.rstrip(" .!?…,;:—–-")
            joined += _mark_between(previous, said)
            said = _without_capital(said, source)
        joined, previous = f"{joined} {said}", source
    return joined


def _mark_between(source: str, following: str) -> str:
    """The sign after a piece: the source's, or the comma that Russian has before these words."""
    if source.endswith((";", ":")):
        return source[-1]
    if source.endswith(("—", "–", " -")):
        return " —"
    first = re.split(r"\W", following.casefold(), maxsplit=1)[0]
    clause = first in _COMMA_BEFORE or first.startswith("котор")
    return "," if clause or source.endswith((",", "、", "，")) else ""


def _without_capital(text: str, source: str) -> str:
    """A sentence as it goes on within another: its first letter small, unless it begins a name."""
    first = re.match(r"[\w-]+", text)
    if first is None or (len(first[0]) > 1 and first[0][1:2].isupper()):
        return text
    if first[0].casefold() not in _SMALL_WORDS and _is_name(first[0], source):
        return text
    return text[0].lower() + text[1:]


def _is_name(word: str, source: str) -> bool:
    """Whether a word sounds like one that the source writes with a capital: its first two consonants."""
    sound = word.casefold().translate(_SAME_SOUND)[:2]
    names = [name for name in re.findall(r"\w+", source) if name[:1].isupper() and len(name) > 1]
    return bool(sound) and any(
        name.casefold().translate(_SAME_SOUND)[: len(sound)] == sound for name in names
    )
