"""Bytes become text: what is certain is decoded, what is likely guessed, junk refused."""

import codecs

import pytest

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import extracts
from mindseye.engine.text.documents.decoding import decode

TEXTS = {
    "french": "Le café est fermé à cause de la grève. L'été dernier, nous étions à la plage près de Sète.",
    "german": "Die Straße ist schön. Über den Flüssen fliegen Vögel, größer als Äpfel.",
    "quotes": "“It’s a dog’s life” – she said… and left the café. ‘Why?’ – he asked… “I don’t know.”",
    "polish": "Zażółć gęślą jaźń. Pies biega po łące, a kot śpi pod dębem. Dziś świeci słońce, więc idę się kąpać. "
    * 2,
    "russian": "Собака бежит по улице, а кошка сидит на окне.",
    "greek": "Ο σκύλος τρέχει στο πάρκο και η γάτα κοιτάζει έξω από το παράθυρο.",
    "japanese": "犬が公園で走っている。猫は窓の外を見ている。カタカナも書く。",
    "chinese": "小狗在公园里跑。猫坐在窗户上看外面的世界。",
    "taiwanese": "小狗在公園裡跑。貓坐在窗戶上看外面的世界。",
    "korean": "개가 공원에서 뛰고 있다. 고양이는 창밖을 보고 있다.",
    "hebrew": "הכלב רץ בפארק והחתול יושב ליד החלון.",
    "arabic": "الكلب يجري في الحديقة والقطة تجلس عند النافذة.",
    "thai": "สุนัขวิ่งในสวนสาธารณะ แมวนั่งมองออกไปนอกหน้าต่าง",
}
ENCODINGS = [
    *[("french", each) for each in ("cp1252", "latin-1")],
    *[("german", each) for each in ("cp1252", "latin-1")],
    *[("quotes", "cp1252"), ("polish", "cp1250"), ("polish", "iso8859-2"), ("greek", "cp1253"), ("thai", "tis-620")],
    *[("russian", each) for each in ("cp1251", "koi8-r")],
    *[("japanese", each) for each in ("shift-jis", "euc-jp", "iso2022-jp")],
    *[("chinese", each) for each in ("gbk", "gb18030", "gb2312")],
    *[("taiwanese", "big5"), ("korean", "euc-kr"), ("hebrew", "cp1255"), ("arabic", "cp1256")],
]


@pytest.mark.parametrize(("text", "encoding"), ENCODINGS)
def test_encodings_of_the_time_before_utf8_are_guessed(text, encoding):
    assert decode(TEXTS[text].encode(encoding)) == TEXTS[text]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_unicode_is_read_with_its_mark_and_without(text, encoding):
    meant = f"{TEXTS[text]}\nOne line of English.\n"
    assert decode(meant.encode(encoding)) == meant


@pytest.mark.parametrize("short", ["café", "naïve", "£5 each", "Große Bäume", "Müller & Söhne"])
def test_what_hardly_tells_is_western(short):
    assert decode(short.encode("cp1252")) == short


def test_files_joined_of_two_encodings_keep_both():
    joined = (TEXTS["french"] * 3).encode() + b"\n" + "Café".encode("cp1252")
    assert decode(joined) == TEXTS["french"] * 3 + "\nCafé"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (codecs.BOM_UTF16_LE + b"a\0b", "begins like UTF-16 but is damaged or cut short"),
        (codecs.BOM_UTF8 + b"caf\xe9", "begins like UTF-8 but is damaged or cut short"),
        (codecs.BOM_UTF32_LE + b"a\0\0", "begins like UTF-32 but is damaged or cut short"),
        (b"a\0b\0c", "holds 2 NUL characters"),
        (b"\x1b\x01\x02\x03" * 20, "full of control characters"),
    ],
)
def test_damaged_text_is_refused(data, reason):
    with pytest.raises(UnreadableFileError, match=reason):
        decode(data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\u2028b\u0085c\vd", "a\nb\nc\nd"),
        ("a\fb\u2029c", "a\n\nb\n\nc"),
        ("a\x1b[1mb" + "c" * 200, "a[1mb" + "c" * 200),
        ("e\u0301 \u200fا\u200d \ufeff", "e\u0301 \u200fا\u200d \ufeff"),
    ],
)
def test_line_ends_are_one_and_controls_go(data, text):
    assert decode(data.encode()) == text


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ("<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r"),
        ('<?xml version="1.0" encoding="Shift_JIS"?><html xmlns="x">', "shift-jis"),
        ("<meta charset=no-such-encoding>", "cp1251"),
        ("<meta charset=utf-8>", "cp1251"),
    ],
)
def test_a_page_says_its_encoding_and_is_believed_where_that_fits(head, encoding):
    text = TEXTS["japanese" if encoding == "shift-jis" else "russian"]
    (found,) = extracts(f"{head}<p>{text}</p>".encode(encoding), "a.html")
    assert found.sections[0].text == text
