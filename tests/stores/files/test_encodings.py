import random

import pytest

from elysia_desktop.stores.files.encodings import decoded

GERMAN = "Die Brücke über den Fluß wurde im März geöffnet. Größere Schiffe müssen warten. Äpfel und Öl kosten mehr.\n"
FRENCH = "L'été dernier, la forêt était déjà fermée. Où êtes-vous allés ? Nous avons mangé à Besançon.\n"
SPANISH = "¿Dónde está el niño? Mañana vendrá según él. ¡Qué montaña!\n"
POLISH = "Most przez rzekę został otwarty w marcu. Większe statki muszą czekać, aż śluza się otworzy. Źdźbło żółci.\n"
CZECH = (
    "Most přes řeku byl otevřen v březnu. Větší lodě musí čekat. Příliš žluťoučký kůň úpěl ďábelské ódy.\n"
)
HUNGARIAN = "A folyó feletti hidat márciusban nyitották meg. Az űrhajó őrült gyorsan tűnt el, később jött.\n"
TURKISH = "İstanbul'da güneşli bir gün, çocuklar ağaçların altında oynuyor. Işık şimdi söndü.\n"
RUSSIAN = "Мост через реку открыли в марте. Большие корабли должны ждать, пока откроется шлюз.\n"
GREEK = "Η γέφυρα πάνω από το ποτάμι άνοιξε τον Μάρτιο. Τα μεγάλα πλοία περιμένουν.\n"
JAPANESE = "橋は三月に開通しました。大きな船は水門が開くまで待たなければなりません。カタカナも少し。\n"
CHINESE = "大桥在三月开通了。大船必须等到水闸打开。苹果和油一共三元。这座城市有一百个仓库。\n"
KOREAN = "다리는 삼월에 개통되었습니다. 큰 배는 수문이 열릴 때까지 기다려야 합니다.\n"
TYPOGRAPHIC = "It’s “fine” — a café, 3 € …\n"

UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
CASES = [
    *((text, encoding) for text in (GERMAN, RUSSIAN, JAPANESE, CHINESE) for encoding in UNICODE),
    *((GERMAN, encoding) for encoding in ("latin-1", "cp1252", "mac_roman", "cp850")),
    *((FRENCH, encoding) for encoding in ("latin-1", "cp1252", "mac_roman")),
    *((SPANISH, encoding) for encoding in ("latin-1", "cp1252", "mac_roman")),
    *((TYPOGRAPHIC, encoding) for encoding in ("cp1252", "mac_roman")),
    *((text, encoding) for text in (POLISH, CZECH, HUNGARIAN) for encoding in ("iso8859_2", "cp1250")),
    *((RUSSIAN, encoding) for encoding in ("koi8_r", "cp1251", "iso8859_5", "cp866")),
    *((JAPANESE, encoding) for encoding in ("shift_jis", "euc_jp", "iso2022_jp")),
    *((TURKISH, "cp1254"), (GREEK, "cp1253"), (CHINESE, "gb18030"), (KOREAN, "euc_kr")),
]


@pytest.mark.parametrize(
    ("text", "encoding"), CASES, ids=[f"{text[:8]} {encoding}" for text, encoding in CASES]
)
def test_a_short_text_is_read_whatever_it_is_encoded_in(text, encoding):
    data = text.encode(encoding, errors="replace")
    assert decoded(data) == (data.decode(encoding), "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "shift_jis", "gb18030"])
def test_a_last_character_that_is_cut_in_two_does_no_harm(encoding):
    data = (JAPANESE * 20).encode(encoding)[:-3]
    text, note = decoded(data)
    assert (JAPANESE * 20).startswith(text.rstrip("\ufffd"))
    assert len(text) > 20 * len(JAPANESE) - 5
    assert note == ""


def test_damage_in_the_middle_is_told_and_the_rest_read():
    rubbish = bytes(random.Random(1).choices(range(128, 256), k=60))
    data = (GERMAN * 20).encode()
    text, note = decoded(data[:1_000] + rubbish + data[1_000:])
    assert text.count("Brücke") >= 18
    assert note == "Some characters could not be read."


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ('<meta charset="iso-8859-2"><p>ąę</p>', "iso8859_2"),
        ("<meta http-equiv='Content-Type' content='text/html; charset=koi8-r'><p>шлюз</p>", "koi8_r"),
        ('<?xml version="1.0" encoding="windows-1251"?><html><p>шлюз</p></html>', "cp1251"),
        ('<meta charset="ISO-8859-1"><p>3 € “so”</p>', "cp1252"),
    ],
)
def test_a_page_that_names_its_encoding_is_believed(page, told):
    assert decoded(page.encode(told), names_itself=True) == (page, "")


@pytest.mark.parametrize(
    "name", ["utf-7", "idna", "punycode", "base64", "zip", "rot13", "unicode_escape", "nonsense", "utf-16"]
)
def test_a_page_that_names_a_wrong_or_harmful_encoding_is_not_believed(name):
    page = f'<meta charset="{name}"><p>Grüße +AGE- \\u0041</p>'
    assert decoded(page.encode(), names_itself=True) == (page, "")


def test_without_the_library_old_encodings_are_read_as_latin_1(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "charset_normalizer", None)
    assert decoded(GERMAN.encode("latin-1"))[0] == GERMAN
    assert decoded(GERMAN.encode())[0] == GERMAN
    assert decoded(GERMAN.encode("utf-16"))[0] == GERMAN


def test_a_large_text_is_told_by_its_beginning():
    data = ("plain\n" + GERMAN * 3_000).encode("cp1252")
    assert decoded(data) == (data.decode("cp1252"), "")
