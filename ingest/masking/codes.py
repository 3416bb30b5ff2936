"""One-time codes, PINs and passwords: destroyed where somebody wrote one, words about them left alone."""

import re

from deskd.domain.words import Found
from ingest.masking.cues import CODE_KINDS, CODE_KINDS_HAN, CODE_NAMES_HAN, PIN_KINDS, Cue
from ingest.masking.ordinary import UNIT_BEHIND, spoken_of_otherwise
from ingest.masking.shapes import Sheet

_ZH_CODE = (
    rf"(?:(?:{'|'.join(CODE_KINDS_HAN)})(?:{'|'.join(CODE_NAMES_HAN)})|验证马|验証码|驗証碼|验证器|驗證器|认证器)"
)
_EN_CODE = (
    r"(?<![a-z])(?:one[ -]?time (?:code|password|passcode|pin)|"
    rf"(?:{'|'.join(CODE_KINDS)}) ?codes?|otps?|2fa|totp|yzm|authenticator)(?![a-z])"
)
_CODE_WORD = rf"(?:{_ZH_CODE}|{_EN_CODE})"
_VALUE = (
    r"([0-9]{4}-[0-9]{4}|[0-9]{4,8}|[0-9]{3}[ -][0-9]{3}|[0-9]{2}[ -][0-9]{2}[ -][0-9]{2}|[0-9]{4} [0-9]{4}"
    r"|[0-9](?:[ .\-_][0-9]){3,7})"
)
_ALONE = rf"(?<![0-9])(?<![0-9][.,]){_VALUE}(?![0-9]|[.,][0-9])"
_TIGHT = (
    r"(?:[ \t\r\n]|是|为|為|就是|填|输入|輸入|[:=,，、\"'“”「」()\[\]（）>~\-]|"
    r"is|was|are|it's|your|my|the|a|this|您的|你的|我的|这个|這個|g-)*"
)

_BEHIND = re.compile(
    rf"{_CODE_WORD}((?:[^0-9\[#]|[4-8](?: ?位|[ -]?digits?)|(?<![0-9])[0-9]{{1,2}} ?(?:分|min)){{0,40}}?){_ALONE}"
)
_BEFORE = re.compile(rf"{_ALONE}([^0-9\[#。！？!?\n]{{0,24}}?){_CODE_WORD}")
_USED = re.compile(
    rf"(?<![a-z])(?:use|using|used|enter|entered|type|typed) (?:the |this |code ){{0,3}}{_ALONE}"
    r" to (?:log ?in|sign ?in|verify|confirm|activate|authenticate)(?![a-z])"
)
_GROUPED = r"[0-9a-z]{4,8}(?:-[0-9a-z]{4,5}){0,5}"
_MIXED = re.compile(rf"{_CODE_WORD}[ \t]*(是|为|為|is\b|was\b|[:=])?[ \t\"'“「]*({_GROUPED})(?![0-9a-z-])")
_PLAIN_CODE = re.compile(rf"(?:([a-z]+)[ -])?(?<![a-z])codes?(?![a-z])([^0-9\[#]{{0,30}}?){_ALONE}")
_WORD_BEFORE = re.compile(r"[a-z]+[ -]\Z")
_PLAIN_CODE_BEFORE = re.compile(rf"{_ALONE} (?:is|was) (?:your|my|the) (?:[a-z]+ )?code(?![a-z])")
_CHAIN = re.compile(
    r"(?:[ ,，、/]|和|跟|及|或|还有|還有|and|or|then|然后|後來|后来|第[二三四]次|第[二三四]个|另一个|又|是){1,4}"
    + _ALONE
)
_TIGHT_ONLY = re.compile(_TIGHT)
_LINKED = re.compile(r".*(?:is|was|are|be|[:=]|是|为|為)[ \t\"'“「(]*\Z", re.DOTALL)
_NO_CODE_WORDS = frozenset(
    {"agent", "area", "bank", "bar", "bic", "branch", "building", "campaign", "city", "color", "colour", "country",
     "coupon", "currency", "dial", "dialing", "dialling", "discount", "dress", "employee", "error", "exit", "gift",
     "http", "iban", "industry", "invitation", "invite", "item", "mcc", "merchant", "morse", "offer", "order",
     "post", "postal", "product", "promo", "promotion", "promotional", "qr", "reason", "ref", "reference",
     "referral", "region", "response", "result", "return", "routing", "shop", "sort", "source", "staff", "state",
     "status", "store", "swift", "tax", "tracking", "vat", "voucher", "zip"}
)  # fmt: skip
_NOT_HAD = re.compile(
    r"(?:没收到|没有收到|沒收到|沒有收到|未收到|收不到|没收|沒收|没有|沒有|等不到|不来|no|not|never|without|missing|n't|"
    r"haven't|didn't|waiting for)[^0-9。！？!?,，]{0,24}\Z"
)
_HOTLINE = re.compile(
    r"(?:95[0-9]{3}|100(?:86|10|00)|12[0-9]{3}|96[0-9]{3,4}|(?:19|20)[0-9]{2}|20[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9])\Z"
)


def find_codes(sheet: Sheet) -> None:
    numbers = [start for start, end in sheet.numbers if end - start <= 8]
    for match in sheet.matches(_MIXED, sheet.announced(Cue.CODE)):
        if _looks_drawn(match.group(2), linked=bool(match.group(1))):
            sheet.destroy(*match.span(2), Found.CODE)
    for match in sheet.matches(_BEHIND, sheet.announced(Cue.CODE)):
        if not sheet.taken[match.start()]:  # not the word inside a mark that an earlier masking left
            _code(sheet, match.start(), match.group(1), match.span(2), before=False)
    for match in sheet.matches(_BEFORE, numbers if sheet.cued(Cue.CODE) else ()):
        _code(sheet, match.start(), match.group(2), match.span(1), before=True)
    for match in sheet.matches(_USED, sheet.announced(Cue.CODE_USED)):
        _code(sheet, match.start(), "", match.span(1), before=True)
    for match in sheet.matches(_PLAIN_CODE_BEFORE, numbers if sheet.cued(Cue.PLAIN_CODE) else ()):
        _destroy(sheet, *match.span(1))
    plain = [_with_word_before(sheet.low, start) for start in sheet.announced(Cue.PLAIN_CODE)]
    for match in sheet.matches(_PLAIN_CODE, plain):
        if match.group(1) not in _NO_CODE_WORDS and not sheet.taken[match.start(2) - 1]:
            _plain_code(sheet, match.group(2), match.span(3))


def _with_word_before(low: str, start: int) -> int:
    """Where the word before "code" begins that says which code, or where "code" does."""
    word = _WORD_BEFORE.search(low, max(0, start - 32), start)
    return word.start() if word else start


def _code(sheet: Sheet, word_at: int, gap: str, place: tuple[int, int], *, before: bool) -> None:
    """Between the code word and the number lies gap; the nearer and the likelier in shape, the less else is asked."""
    low, (start, end) = sheet.low, place
    tight = bool(_TIGHT_ONLY.fullmatch(gap)) or (not before and bool(_LINKED.match(gap)))
    digits = sum(c.isdigit() for c in low[start:end])
    if not tight:
        if digits != 6 and (before or _crosses_sentence(gap) or _NOT_HAD.search(low, max(0, word_at - 32), word_at)):
            return
        if _HOTLINE.match(low, start, end) or spoken_of_otherwise(low, start):
            return
    _destroy(sheet, start, end)


def _looks_drawn(value: str, *, linked: bool) -> bool:
    """Whether letters and digits in one are a code: behind a link word, or in groups as recovery codes have them."""
    bare = value.replace("-", "")
    return not bare.isalpha() and not bare.isdigit() and ("-" in value or (linked and len(value) > 4))


def _plain_code(sheet: Sheet, gap: str, place: tuple[int, int]) -> None:
    """Bare "code" names many things: six digits in the same sentence, or a link word, make it one of ours."""
    start, end = place
    six = sum(c.isdigit() for c in sheet.low[start:end]) == 6 and not _crosses_sentence(gap)
    if _TIGHT_ONLY.fullmatch(gap) or _LINKED.match(gap) or (six and not spoken_of_otherwise(sheet.low, start)):
        _destroy(sheet, start, end)


def _crosses_sentence(gap: str) -> bool:
    return any(c in gap for c in "。！？!?\n;；") or ". " in gap


def _destroy(sheet: Sheet, start: int, end: int) -> None:
    if UNIT_BEHIND.match(sheet.low, end):
        return
    if sheet.destroy(start, end, Found.CODE) and (more := _CHAIN.match(sheet.low, end)):
        _destroy(sheet, *more.span(1))


LONGEST_PASSWORD = 64
_QUOTE = r"[\"'“”‘’「『《<（(]?"
_CLOSING = dict(zip("“‘「『《<（(", "”’」』》>）)", strict=True))
_LINK = (
    r"(?:就是|改成了?|改为了?|改為了?|改到|换成了?|換成了?|改咗做|设置?成了?|设置?为|設定?為|设的是|設的是|用的是|是|为|為|係|"
    r":|=|\bis|\bwas|to|\bshould be|\bused to be|\bset to|\bchanged to)"
)
_GUESSED_LINKS = frozenset({"should be", "used to be", "set to", "changed to"})
"""What follows them is a password only with a digit in it: "should be longer" is advice."""
_HEDGE = r"(?:一直|好像|应该|應該|可能|大概|以前|之前|当时|當時|本来|本來|记得|記得|其实|其實|[我都也还還])"
_PASSWORD = re.compile(
    r"(?:(?<![a-z])(?:pass? ?w(?:ord|ard|ort)s?|pass ?phrase|passwd|pwd|psw|(?:pass|pw)(?= ?[:=]))(?![a-z])"
    r"|密码|密碼|口令)"
    rf"(?: ?(?:for|of) [a-z ]{{2,20}}?| (?:that )?(?:i|we) [a-z]{{3,8}}|{_HEDGE}{{1,4}}(?=[ \t]*{_LINK}))?"
    rf"([ \t]*{_LINK}?[ \t]*)({_QUOTE})([!-~]{{4,64}})"
)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_WORDS_ABOUT = frozenset(
    {"about", "accepted", "account", "after", "again", "already", "also", "always", "and", "app", "asked",
     "asking", "available", "because", "been", "before", "being", "blocked", "but", "can't", "cannot", "change",
     "change.", "changed", "changed.", "compromised", "correct", "could", "denied", "did", "different", "does",
     "doesn't", "email", "empty", "error", "expire", "expired", "expires", "fail", "failed", "fails", "field",
     "fine", "for", "forgotten", "form", "from", "getting", "going", "good", "have", "help", "her", "here",
     "hidden", "him", "incorrect", "incorrect.", "invalid", "isn't", "issue", "just", "keeps", "known", "leaked",
     "link", "locked", "login", "long", "lost", "mail", "manager", "missing", "more", "must", "necessary",
     "needed", "needs", "never", "not", "now", "okay", "only", "our", "page", "please", "problem", "problems",
     "question", "really", "recognised", "recognized", "recovery", "refused", "rejected", "required", "reset",
     "reset.", "resets", "right", "safe", "same", "saved", "screen", "secure", "sent", "short", "should", "shown",
     "since", "still", "stolen", "stored", "strong", "supposed", "than", "thank", "thanks", "that", "the", "their",
     "them", "then", "there", "this", "too", "unknown", "unsafe", "very", "visible", "weak", "what", "when",
     "where", "which", "will", "with", "won't", "working", "would", "wrong", "wrong.", "your"}
)  # fmt: skip
_HAS_DIGIT = re.compile(r"[0-9]")
_TRAILING = re.compile(r"[.,;:)\]}>\"'”’]+\Z")
_PIN = re.compile(
    r"(?:(?<![a-z])(?:pin|m-?pin|pass ?code)(?:[ -]?(?:code|number|no))?(?![a-z])"
    rf"|(?:{'|'.join(PIN_KINDS)})(?:密码|密碼))"
    r"[^0-9\[#\n。！？!?]{0,12}?(?<![0-9.,])"
    r"([0-9]{4,8}|[0-9]{3}[ -][0-9]{3}|[0-9]{2}(?:[ -][0-9]{2}){1,2}|[0-9](?:[ \-][0-9]){3,7})(?![0-9]|[.,][0-9])"
)


def find_passwords(sheet: Sheet, *, linked: bool) -> None:
    """linked: only those that a word or a sign ties to "password", which are surer than any shape of number."""
    for match in sheet.matches(_PASSWORD, sheet.cued(Cue.PASSWORD)):
        start, end = match.span(3)
        value = sheet.text[start:end]
        end -= len(tail.group()) if (tail := _TRAILING.search(value)) and len(tail.group()) < len(value) - 3 else 0
        value = sheet.text[start:end]
        link, quote = match.group(1).strip(), match.group(2)
        if linked and not (link or quote):
            continue
        if _looks_chosen(value, link=link, quoted=bool(quote)):
            sheet.destroy(start, max(end, _closing(sheet.low, quote, start)), Found.PASSWORD)


def _closing(low: str, quote: str, start: int) -> int:
    """Where a password in quotation marks ends that has blanks in it; -1 where the marks do not close in its line."""
    if not quote:
        return -1
    end = low.find(_CLOSING.get(quote, quote), start, start + LONGEST_PASSWORD)
    return -1 if "\n" in low[start:end] else end


def _looks_chosen(value: str, *, link: str, quoted: bool) -> bool:
    """Whether the word after "password is" is one: not "wrong", not "expired", not the next word of the sentence."""
    if value.lower() in _WORDS_ABOUT or value.startswith(("http:", "https:")):
        return False
    if quoted or _HAS_DIGIT.search(value):
        return bool(link or quoted) or (len(value) >= 6 and not _MOBILE.fullmatch(value))
    if not link or link in _GUESSED_LINKS:
        return False
    return not (
        value.isalpha() and value.islower() and link in {"is", "was", "to"} and value.endswith(("ed", "ing", "ly"))
    )


def find_pins(sheet: Sheet) -> None:
    for match in sheet.matches(_PIN, sheet.announced(Cue.PIN)):
        start, end = match.span(1)
        ordinary = UNIT_BEHIND.match(sheet.low, end) or spoken_of_otherwise(sheet.low, start)
        if not sheet.taken[match.start()] and not ordinary:
            sheet.destroy(start, end, Found.PIN)
