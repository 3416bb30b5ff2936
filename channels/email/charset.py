"""Bytes to text, whatever label they carry. Never raises, never yields a surrogate.

The labels that mail really carries are looser than the registry: mainland programs call GB18030 "gb2312", Windows
calls its own code page "iso-8859-1", and many say nothing at all.
"""

import codecs
import re
from functools import lru_cache

# A superset of each label, so that what the sender's program really used is covered. Sources: WHATWG Encoding
# Standard for the Western and Japanese aliases; seen in the wild for the rest.
_ALIASES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "gb2312",
            "gbk",
            "xgbk",
            "gb231280",
            "cp936",
            "windows936",
            "ms936",
            "gb18030",
            "gb180302000",
            "euccn",
            "csgb2312",
            "isoir58",
            "chinese",
        ),
        ("gb18030",),
    ),
    "hzgb2312": ("hz",),
    **dict.fromkeys(("big5", "big5eten", "cnbig5", "cp950", "xxbig5", "csbig5", "windows950"), ("cp950", "big5hkscs")),
    "big5hkscs": ("big5hkscs",),
    **dict.fromkeys(("shiftjis", "xsjis", "sjis", "windows31j", "cp932", "mskanji"), ("cp932",)),
    **dict.fromkeys(
        ("iso2022jp", "iso2022jpms", "csiso2022jp", "cp50220", "cp50221", "iso2022jp1", "iso2022jp2", "iso2022jp3"),
        ("iso2022_jp_2", "iso2022_jp_ext"),
    ),
    **dict.fromkeys(
        ("ksc56011987", "ksc5601", "euckr", "ksc56011989", "korean", "uhc", "cp949", "windows949"), ("cp949",)
    ),
    **dict.fromkeys(("iso2022kr", "csiso2022kr"), ("iso2022_kr",)),
    **dict.fromkeys(("iso88591", "latin1", "l1", "cp1252", "windows1252", "iso885911987", "ansi"), ("cp1252",)),
    **dict.fromkeys(("iso88599", "latin5", "windows1254"), ("cp1254",)),
    **dict.fromkeys(("iso885911", "tis620", "windows874", "xwindows874"), ("cp874",)),
    **dict.fromkeys(("iso88598i", "iso88598e", "iso88598"), ("iso8859_8",)),
    **dict.fromkeys(("iso88596i", "iso88596e"), ("iso8859_6",)),
    **dict.fromkeys(("macintosh", "xmacroman", "mac", "xmac"), ("mac_roman",)),
    **dict.fromkeys(("utf8", "utf8mb4", "unicode11utf8", "cp65001", "xunicode20utf8"), ("utf-8",)),
    **dict.fromkeys(("utf7", "unicode11utf7", "unicode20utf7", "xunicode20utf7", "cp65000"), ("utf-7",)),
    **dict.fromkeys(("utf16", "ucs2", "unicode", "iso10646ucs2", "utf16le"), ("utf-16",)),
    "utf16be": ("utf-16-be",),
    "koi8": ("koi8_r",),
}
# Labels that say nothing, or that name no repertoire beyond ASCII: look at the bytes instead.
_SILENT = frozenset(
    {
        "",
        "usascii",
        "ascii",
        "ansix341968",
        "none",
        "default",
        "unknown",
        "unknown8bit",
        "8bit",
        "7bit",
        "binary",
        "xunknown",
        "utf8latin1",
        "charset",
        "us",
        "iso646us",
        "any",
    }
)
MAX_LABEL = 100  # characters: no charset has a longer name
_LABEL_JUNK = re.compile(r"[^a-z0-9]")

# The most frequent characters of each script, as running text uses them: enough to tell four encodings apart, since
# the wrong one spreads its characters evenly over thousands.
_FREQUENT = frozenset(
    "的是不我一有在人了们来到时大地为子中你说生国年着就那和要她出也得里后自以会您好请问退款账户支付付转钱元订单客服"
    "們來時為說國會後請問帳戶轉錢單這個沒無法電話號碼這没无电话号码登录密码，。！？、：（）"
    "のにをはがでとしたてるすますいなっかれらりもこんーアイスルトンラ"
    "이다는을의가에고하지로기은도한사아서리"
)
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")


def decode(data: bytes, label: str | None = None) -> str:
    """Text of `data` as `label` says, or as the bytes themselves say where the label is absent, unknown or wrong."""
    if data.isascii() and b"\x1b" not in data and b"~{" not in data and not _wide(label):
        return data.decode("ascii")
    if data[:3] == b"\xef\xbb\xbf":
        return data[3:].decode("utf-8", "replace")
    names = _codecs(label) if label and len(label) <= MAX_LABEL else ()
    return _decode_as(data, names) if names else guess(data)


def encode(text: str, label: str) -> bytes:
    """The opposite of `decode` for text that was read by guessing; UTF-8 where the label can't hold it."""
    names = _codecs(label) or ("utf-8",)
    try:
        return text.encode(names[0])
    except (UnicodeError, LookupError):
        return text.encode("utf-8", "replace")


def guess(data: bytes) -> str:
    """Text of bytes without a trustworthy label: UTF-8, then the likeliest multi-byte set, then Windows Latin-1."""
    if b"\x1b$" in data or b"\x1b(" in data:
        text = _strict(data, "iso2022_jp_2")
        if text is not None:
            return text
    text = _strict(data, "utf-8")
    if text is not None:
        return text
    return _likeliest(data) or _western(data)


@lru_cache(maxsize=256)
def _codecs(label: str) -> tuple[str, ...]:
    """The codecs to try for a label in their order; none where it says nothing or is unknown."""
    key = _LABEL_JUNK.sub("", label.lower())
    if key in _SILENT:
        return ()
    names = _ALIASES.get(key)
    if names is not None:
        return names
    codec = _known_codec(label)
    return (codec,) if codec else ()


def _decode_as(data: bytes, names: tuple[str, ...]) -> str:
    for name in names:
        text = _strict(data, name)
        if text is not None:
            return text
    if names[0] == "cp1252":
        return _western(data)
    if names[0] == "utf-8":
        text = data.decode("utf-8", "replace")
        # A cut or a stray byte is an accident inside UTF-8; mostly replacement means that the label is wrong.
        return text if text.count("\ufffd") * 4 <= sum(c > "\x7f" for c in text) else guess(data)
    if names[0].startswith("iso2022_jp"):
        return _from_cp932(data)
    return _printable(data.decode(names[0], "replace"))


def _strict(data: bytes, name: str) -> str | None:
    try:
        text = data.decode(name)
        return text if name == "utf-8" else _printable(text)
    except (UnicodeError, LookupError):
        return None


def _printable(text: str) -> str:
    # UTF-7 and UTF-16 can carry a lone surrogate: it could not be stored or sent again.
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def _western(data: bytes) -> str:
    # The five holes of code page 1252 are read as ISO-8859-1 reads them.
    return (
        "".join(
            chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes((byte,)).decode("cp1252") for byte in data
        )
        if _holes(data)
        else data.decode("cp1252")
    )


def _holes(data: bytes) -> bool:
    return any(hole in data for hole in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))


def _from_cp932(data: bytes) -> str:
    # Rows of NEC and IBM characters that Windows puts into ISO-2022-JP: shift the double-byte runs into Shift_JIS.
    out: list[str] = []
    for run in re.split(rb"(\x1b\$[@B][^\x1b]*|\x1b\([BJI][^\x1b]*)", data):
        if run.startswith(b"\x1b$"):
            out.append(_shifted(run[3:]))
        elif run.startswith(b"\x1b(I"):
            out.append(bytes(b | 0x80 for b in run[3:]).decode("cp932", "replace"))
        elif run.startswith(b"\x1b("):
            out.append(run[3:].decode("cp932", "replace"))
        else:
            out.append(run.decode("cp932", "replace"))
    return "".join(out)


def _shifted(pairs: bytes) -> str:
    out = bytearray()
    for high, low in zip(pairs[::2], pairs[1::2], strict=False):
        if not (0x21 <= high <= 0x7E and 0x21 <= low <= 0x7E):
            out += bytes((high, low))
            continue
        lead = (high + 1) // 2 + (0x70 if high < 0x5F else 0xB0)
        trail = low + (0x1F if low < 0x60 else 0x20) if high & 1 else low + 0x7E
        out += bytes((lead, trail))
    return out.decode("cp932", "replace")


def _wide(label: str | None) -> bool:
    return label is not None and (
        "16" in label or "32" in label or "-7" in label or "utf7" in label.lower() or "ucs" in label.lower()
    )


def _known_codec(label: str) -> str | None:
    try:
        info = codecs.lookup(label.strip())
    except (LookupError, ValueError, UnicodeError):
        return None
    # base64, rot13, zlib and their like are codecs to Python, and idna and punycode are no charsets.
    if not getattr(info, "_is_text_encoding", True) or info.name in {
        "idna",
        "punycode",
        "unicode_escape",
        "raw-unicode-escape",
        "undefined",
        "mbcs",
        "oem",
    }:
        return None
    return info.name


def _likeliest(data: bytes) -> str | None:
    sample = data[:20_000]
    runs = _HIGH_RUNS.findall(sample)
    # Accents stand alone between ASCII letters; double-byte text runs on.
    if not runs or sum(map(len, runs)) < 1.6 * len(runs):
        return None
    best, best_hits = None, 0.0
    for name in ("gb18030", "cp950", "cp932", "cp949"):
        text = _strict(data, name)
        if text is None:
            continue
        seen = [c for c in text[:10_000] if c > "\x7f"]
        hits = sum(c in _FREQUENT for c in seen) / max(1, len(seen))
        # Without one frequent character only the plain set of 1980 is believed: names are written in it.
        if hits > best_hits or (best is None and name == "gb18030" and _fits(text, "gb2312")):
            best, best_hits = text, hits
    return best


def _fits(text: str, name: str) -> bool:
    try:
        text.encode(name)
    except UnicodeEncodeError:
        return False
    return True
