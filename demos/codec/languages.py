"""Languages that the encoders were trained on, with their names in English and Russian.

XLM-R, which multilingual-e5-small starts from: Conneau et al., 2020, arXiv:1911.02116, table 6.
LaBSE: Feng et al., 2022, arXiv:2007.01852, table 7. Codes are ISO 639-1, or 639-3 where there
is none. Romanised variants of a language are counted as the language.
"""

from __future__ import annotations

_NAMES = """
af Afrikaans африкаанс|am Amharic амхарский|ar Arabic арабский|as Assamese ассамский
az Azerbaijani азербайджанский|be Belarusian белорусский|bg Bulgarian болгарский|bn Bengali бенгальский
bo Tibetan тибетский|br Breton бретонский|bs Bosnian боснийский|ca Catalan каталанский
ceb Cebuano себуанский|co Corsican корсиканский|cs Czech чешский|cy Welsh валлийский|da Danish датский
de German немецкий|el Greek греческий|en English английский|eo Esperanto эсперанто|es Spanish испанский
et Estonian эстонский|eu Basque баскский|fa Persian персидский|fi Finnish финский|fr French французский
fy Frisian фризский|ga Irish ирландский|gd Scottish_Gaelic гэльский|gl Galician галисийский
gu Gujarati гуджарати|ha Hausa хауса|haw Hawaiian гавайский|he Hebrew иврит|hi Hindi хинди|hmn Hmong хмонг
hr Croatian хорватский|ht Haitian_Creole гаитянский|hu Hungarian венгерский|hy Armenian армянский
id Indonesian индонезийский|ig Igbo игбо|is Icelandic исландский|it Italian итальянский|ja Japanese японский
jv Javanese яванский|ka Georgian грузинский|kk Kazakh казахский|km Khmer кхмерский|kn Kannada каннада
ko Korean корейский|ku Kurdish курдский|ky Kyrgyz киргизский|la Latin латинский
lb Luxembourgish люксембургский|lo Lao лаосский|lt Lithuanian литовский|lv Latvian латышский
mg Malagasy малагасийский|mi Maori маори|mk Macedonian македонский|ml Malayalam малаялам
mn Mongolian монгольский|mr Marathi маратхи|ms Malay малайский|mt Maltese мальтийский|my Burmese бирманский
ne Nepali непальский|nl Dutch нидерландский|no Norwegian норвежский|ny Chichewa чичева|om Oromo оромо
or Odia ория|pa Punjabi панджаби|pl Polish польский|ps Pashto пушту|pt Portuguese португальский
ro Romanian румынский|ru Russian русский|rw Kinyarwanda киньяруанда|sa Sanskrit санскрит|sd Sindhi синдхи
si Sinhala сингальский|sk Slovak словацкий|sl Slovenian словенский|sm Samoan самоанский|sn Shona шона
so Somali сомалийский|sq Albanian албанский|sr Serbian сербский|st Sesotho сесото|su Sundanese сунданский
sv Swedish шведский|sw Swahili суахили|ta Tamil тамильский|te Telugu телугу|tg Tajik таджикский
th Thai тайский|tk Turkmen туркменский|tl Filipino филиппинский|tr Turkish турецкий|tt Tatar татарский
ug Uyghur уйгурский|uk Ukrainian украинский|ur Urdu урду|uz Uzbek узбекский|vi Vietnamese вьетнамский
wo Wolof волоф|xh Xhosa коса|yi Yiddish идиш|yo Yoruba йоруба|zh Chinese китайский|zu Zulu зулу
"""

_XLM_R = """
af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha he hi hr hu hy id
is it ja jv ka kk km kn ko ku ky la lo lt lv mg mk ml mn mr ms my ne nl no om or pa pl ps pt ro ru sa sd si
sk sl so sq sr su sv sw ta te th tl tr ug uk ur uz vi xh yi zh
"""

_LABSE = """
af am ar as az be bg bn bo bs ca ceb co cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha haw he hi
hmn hr ht hu hy id ig is it ja jv ka kk km kn ko ku ky la lb lo lt lv mg mi mk ml mn mr ms mt my ne nl no ny
or pa pl pt ro ru rw si sk sl sm sn so sq sr st su sv sw ta te tg th tk tl tr tt ug uk ur uz vi wo xh yi yo
zh zu
"""

# code → {"en": name, "ru": name}
NAMES: dict[str, dict[str, str]] = {}
for _entry in _NAMES.replace("\n", "|").strip("|").split("|"):
    _code, _english, _russian = _entry.split()
    NAMES[_code] = {"en": _english.replace("_", " "), "ru": _russian}

XLM_R_LANGUAGES: tuple[str, ...] = tuple(_XLM_R.split())
LABSE_LANGUAGES: tuple[str, ...] = tuple(_LABSE.split())
