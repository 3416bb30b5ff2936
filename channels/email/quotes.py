"""How mail programs announce a quoted mail or sign for their user, in the languages they speak (EQ2, EQ3).

Word tables and predicates over single lines; what follows from them is decided in reply.py.
"""

import re

from channels.email.marks import CUT, MAYBE, START
from channels.email.patterns import later

# "wrote", as clients put it before or after the name.
_WROTE = (
    r"wrote|writes|schrieb(?:\s+am)?|hat geschrieben|a [ée]crit|escribi[óo]|ha scritto|schreef|escreveu"
    r"|napisa[łl]\(?a?\)?"
    r"|napsal\(?a?\)?|написал[аи]?|написав|пише[тш]?|skrev|kirjoitti|yazdı|şunları yazdı|a scris|írta|έγραψε|đã viết"
    r"|menulis|เขียน(?:ว่า)?|写道|寫道|写了|寫了|写到|さんは書きました|のメール|님이 작성|작성|כתב[ה]?|كتب"
    r"|geschreven|sent(?=:$)"
)
_WROTE_RE = later(_WROTE)
# How the line starts when the date comes first.
_OPENER = later(
    r"^[\W_]*(?:on|at|le|am|el|il|op|em|den|på|dne|dnia|w dniu|in data|în|date|vào|pada"
    r"|tarihinde)(?![^\W\d_])|^[\W_]*(?:在|于|於|\d{1,4}[-./年]\d"
    r"|\d{1,2}:\d{2}|\d{1,2}\.? [^\W\d]{3,12}\.? \d{4}|[^\W\d_]{2,12}[.,]{0,2} \d{1,2}[.,]? )",
)
_OPENER_HAN = re.compile(r"^[\W_]*(?:在|于|於|\d{4}\s?年)")
_EMAIL = re.compile(r"[^\s<>()\[\]:;,\"'@]+@[^\s<>()\[\]:;,\"'@]+|<mailto:|\[mailto:")
_DATE = later(
    r"\b\d{1,4}\s?[-./年]\s?\d{1,2}\b|\d{1,2}月|\b\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{2,4}"
    r"|[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{2,4}|\b(?:19|20)\d\d\b",
    re.NOFLAG,
)
_TIME = re.compile(r"\b\d{1,2}\s?[:.hH点點時]\s?\d{2}")
_ENDS = (":", "：", "wrote", "wrote:", ">", "写道", "寫道", "----")
# "30.09.2017, 18:30, "A" <a@x.example>:" needs no verb.
_DATED_SENDER = re.compile(r"(?:<[^<>\s]+@[^<>]+>|[^\s<>]+@[^\s<>]+>?)\)?\s?[:：]$")

# "2026/1/5 A <a@x.example>", an old form of Gmail's; the quote must follow.
_SENDER_LINE = re.compile(r"\s*[^<>]{0,60}<[^<>\s]+@[^<>\s]+>\s*$")
_SENDER_LAST = re.compile(r"\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}日?\s.{0,80}<?[^\s<>]+@[^\s<>]+>?$")

_TITLE = (
    r"original\s+message|original|original\s+e-?mail|forwarded\s+(?:message|by.{0,80})|reply\s+(?:message"
    r"|separator.{0,20})"
    r"|begin\s+forwarded\s+message|mensagem\s+(?:original|encaminhada)|mensaje\s+(?:original|reenviado)"
    r"|message\s+(?:d['’]origine|original|transf[ée]r[ée])|e-?mail\s+d['’]origine"
    r"|urspr[üu]ngliche\s+(?:nachricht|mail)|antwort\s+nachricht"
    r"|weitergeleitete\s+nachricht|originalnachricht|messaggio\s+(?:originale|inoltrato)|oorspronkelijk\s+bericht"
    r"|doorgestuurd\s+bericht|oprindelig\s+(?:besked|meddelelse)|original\s?meddelande|ursprungligt\s+meddelande"
    r"|opprinnelig\s+melding|alkuper[äa]inen\s+viesti|wiadomość\s+oryginalna|oryginalna\s+wiadomość"
    r"|исходное\s+сообщение"
    r"|пересылаемое\s+сообщение|перенаправленное\s+сообщение|původní\s+(?:zpráva|e-?mail)|eredeti\s+üzenet"
    r"|orijinal\s+(?:mesaj|ileti)|原始邮件|原始郵件|原邮件|邮件原件|郵件原件|原始訊息|原始信件|回复的原邮件"
    r"|回覆的原郵件|转发邮件信息"
    r"|转发的?邮件|轉寄郵件|转发邮件|回复邮件|元のメッセージ|原文|원본\s*(?:메시지|메일)|tin nhắn gốc|pesan asli"
)
_SEPARATOR = later(
    rf"^[\s>*]*(?:[-_=*~–—#|]{{2,}}\s*(?:{_TITLE})\s*:?\s*[-_=*~–—#|]*|(?:{_TITLE})\s*[-_=*–—]{{3,}}"
    rf"|begin\s+forwarded\s+message\s*:)\s*$",
)
_WROTE_BAR = later(rf"^\s*-{{2,}}\s*[^-].{{0,200}}(?:{_WROTE})\s*-{{2,}}\s*$")
_TEN_BARS = re.compile(r"^\s*(?:_{10,}|-{10,}|={4,}|—{5,})\s*$")

_FROM = (
    r"from|von|de|da|van|från|fra|od|от|lähettäjä|kimden|gönderen|feladó|pengirim|từ|message du|发件人|發件人"
    r"|寄件人|寄件者|发信人|差出人|보낸 ?사람|보낸이|送信者|expéditeur"
)
_SENT = (
    r"sent|gesendet|envoy[ée](?: le)?|enviado(?: el| em)?|inviato|verzonden|skickat|sendt|wysłano|отправлено"
    r"|lähetetty|odesláno|gönderildi|elküldve|发送时间|發送時間|发件时间|寄件日期|傳送時間|寄件時間|送信日時"
    r"|보낸 ?날짜|sent at"
)
_DATED = r"date|datum|fecha|data|dato|дата|päiväys|tarih|dátum|tanggal|ngày|日期|时间|時間|日時|날짜"
_TO = (
    r"to|an|à|a|para|aan|till|til|do|кому|vastaanottaja|kime|alıcı|címzett|kepada|đến|komu|收件人|收件者|宛先"
    r"|받는 ?사람|받는이"
)
_ABOUT = (
    r"subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|тема|aihe|konu|tárgy|subjek"
    r"|chủ đề|předmět|sujet|主题|主題|主旨|件名|제목"
)
_LABEL = later(
    rf"^[\s>*_|]*(?:(?P<sender>{_FROM})|(?P<sent>{_SENT})|(?P<dated>{_DATED})|(?P<to>{_TO})|(?P<about>{_ABOUT}))"
    r"[ \t\u00a0*_]*[:：]",
)

_APP = later(
    r"^[\s>*_—–-]*+(?:(?:sent|posted|written)\s+(?:from|via|with|by|using)\s+\S.{0,60}|get\s+outlook\s+for\s+.{2,30}"
    r"|get\s+bluemail\s+for\s.{2,30}|(?:von meinem|gesendet (?:von|mit|über))\s.{2,60}"
    r"|diese nachricht wurde von .{2,60} gesendet"
    r"|envoy[ée]\s+(?:de|depuis|à partir|avec)\s.{2,60}|t[ée]l[ée]charger outlook pour .{2,30}"
    r"|enviado\s+(?:desde|do|da|de|pelo|a partir)\s.{2,60}|obtener? outlook para .{2,30}"
    r"|inviato\s+(?:da|dal|con)\s.{2,60}|(?:verstuurd|verzonden)\s+(?:vanaf|met|via)\s.{2,60}|skickat från\s.{2,60}"
    r"|sendt fra\s.{2,60}|wysłan[eo] z\s.{2,60}|отправлено (?:из|с|через)\s.{2,60}|lähetetty\s.{2,60}"
    r"|发自我的?\s?.{0,40}|發自我的?\s?.{0,40}|从我的\s?.{1,30}\s?发送|從我的\s?.{1,30}\s?(?:傳送|寄出)"
    r"|來自我的\s?.{1,30}"
    r"|来自(?:我的)?\s?.{1,30}(?:客户端|手机|邮箱|邮件|iPhone|iPad)|使用.{1,20}(?:发送|傳送|寄出)"
    r"|发送自\s?.{1,30}|傳送自\s?.{1,30}"
    r"|获取\s?outlook\s?.{0,20}|取得\s?outlook\s?.{0,20}|下载\s?outlook.{0,20}|iphoneから送信|.{0,12}から送信"
    r"|나의 .{1,20}에서 보냄"
    r"|.{0,20}에서 보냄|gửi từ\s.{2,40}|dikirim dari\s.{2,40})\s*$",
)
# App signatures name a device or program: a sentence that only starts alike ("Sent from the wrong account") does not.
_DEVICE = later(
    r"iphone|ipad|ipod|android|samsung|galaxy|huawei|honor|xiaomi|redmi|oppo|vivo|nokia|sony|xperia|htc|motorola|wiko"
    r"|blackberry|lumia|windows|outlook|mail|\bgmx\b|yahoo|proton|phone|mobile|tablet|smartphone|handy|device"
    r"|watch|\bapp\b"
    r"|typeapp|spark|thunderbird|foxmail|qq|网易|網易|163|126|手机|手機|客户端|客戶端|邮箱|邮件|郵件|http"
    r"|zoho|airmail|front"
    r"|superhuman|nylas|t-mobile|verizon|at&t|ipad|mac|телефон|почт|meizu|魅族|小米|华为|荣耀|mi \d|wireless"
    r"|3g|4g|5g|lte",
)
_CLOSER = later(
    r"^\s*(?:(?:best|kind(?:est)?|warm(?:est)?|with (?:best|kind)|many)?\s*regards|best wishes|sincerely(?: yours)?"
    r"|yours (?:sincerely|faithfully|truly)|mit freundlichen gr[üu](?:ß|ss)en|viele gr[üu](?:ß|ss)e"
    r"|(?:bien )?cordialement|saludos(?: cordiales)?|cordiali saluti|met vriendelijke groet(?:en)?|atenciosamente"
    r"|此致|敬礼|敬禮|顺颂商祺|順頌商祺|祝好|谨启|謹啟|顺祝商祺|敬上)\s*[,，.!！]?\s*$|^__+$",
)


# Without one of these a line is not quoted, and announces no quoted mail.
HINTS = (">", "＞", ":", "：", "wrote", "写道", "寫道", "--", "__", "==", "**", "—", "–", "~~", "##", CUT, START, MAYBE)


def is_quoted(line: str) -> bool:
    """A line that carries the quote mark."""
    bare = line.strip(" \t\u00a0\ufeff\r")
    # ">:" is the end of "A <a@x.example>:", wrapped.
    return bare[:1] in {">", "＞"} and bare not in {">:", ">："}


def may_announce(line: str) -> bool:
    """A cheap look at whether `attribution` can end at a line."""
    return line.rstrip(" \t\u00a0*_").endswith(_ENDS) and line.strip(" \t\u00a0*_>") != ""


def attribution(lines: list[str], at: int, quoted_next: bool) -> int | None:
    """First line of an attribution that ends at lines[at] ("On Monday A wrote:"), or None.

    A sentence of the customer's may end alike. So it takes a verb or a sender with a date, and evidence: a mail
    address, a date with a time, or a quote that follows.
    """
    found, joined = None, ""
    for first in range(at, max(-1, at - 4), -1):
        line = _bare(lines[first])
        if not line or len(line) > 400:
            break
        joined = f"{line} {joined}".strip()
        opened = _OPENER().match(line) or _OPENER_HAN.match(line)
        if found is None:
            if _announces(joined, quoted_next) and (first == at or opened):
                found = first
        elif opened and _DATE().search(line) and not line.endswith((".", "。", "!", "！", "?", "？")):
            found = first
        if found == first and opened and _DATE().search(line):
            break
    if found and _bare(lines[found])[:1] in {"于", "於"} and _SENDER_LINE.match(lines[found - 1]):
        return found - 1  # Gmail: "A <a@x.example>" and "于…写道：" on two lines
    return found


def _bare(line: str) -> str:
    return line.strip(" \t\u00a0*_>＞\ufeff|-")


def _announces(text: str, quoted_next: bool) -> bool:
    text = text.strip()
    if quoted_next and _SENDER_LAST.match(text):
        return True
    if not text or len(text) > 600:
        return False
    email = _EMAIL.search(text) is not None
    dated = _DATE().search(text) is not None
    timed = _TIME.search(text) is not None
    if _DATED_SENDER.search(text) and dated and timed:
        return True
    verb = _last_verb(text)
    if verb is None:
        return False
    tail = text[verb.end() :].strip(" :：*_-")
    # Behind the verb only a sender may stand: "客服写道：已退款。" is a sentence of the customer's.
    if tail and not (email and len(tail) < 200 and text.endswith((":", "：", ">"))):
        return False
    evidence = email or (dated and timed) or (quoted_next and (dated or timed))
    colon = text.endswith((":", "：")) or _OPENER().match(text) is not None or _OPENER_HAN.match(text) is not None
    return evidence and colon


def _last_verb(text: str) -> re.Match[str] | None:
    last = None
    for match in _WROTE_RE().finditer(text):
        last = match
    return last


def is_separator(line: str) -> bool:
    """ "----- Original Message -----" and its like."""
    return len(line) <= 200 and (_SEPARATOR().match(line) is not None or _WROTE_BAR().match(line) is not None)


def is_bar(line: str) -> bool:
    """A line of strokes, as Outlook draws above the mail it quotes."""
    return _TEN_BARS.match(line) is not None


def label(line: str) -> str | None:
    """Which field of a quoted header the line starts: sender, sent, dated, to, about; or None."""
    if ":" not in line[:40] and "：" not in line[:40]:
        return None
    match = _LABEL().match(line)
    return match.lastgroup if match else None


def is_header_block(lines: list[str], at: int) -> bool:
    """Three fields of a quoted header within six lines from lines[at] on: the sender, and one that only mail has.

    "From: 6222…, To: Wang, Date: today" is what customers of a payment app write themselves.
    """
    first = label(lines[at])
    if first not in {"sender", "dated", "sent", "about"}:
        return False
    seen: set[str] = set()
    strong = False
    for line in lines[at : at + 7]:
        kind = label(line)
        if kind is not None:
            seen.add(kind)
            strong = strong or "@" in line
    if "sender" not in seen or len(seen) < 3:
        return False
    return "about" in seen or ("sent" in seen and strong)


def app_signatures(lines: list[str]) -> list[int]:
    """Which lines a program signed with: "Sent from my iPhone", "发自我的 iPhone"."""
    starts_alike = _APP().match
    if not any(map(starts_alike, [line for line in lines if len(line) < 160])):
        return []
    return [at for at, line in enumerate(lines) if len(line) < 160 and starts_alike(line) and _DEVICE().search(line)]


def closers(lines: list[str]) -> list[int]:
    """Which lines are a greeting that ends a letter and nothing else, or a stroke above a name."""
    greets = _CLOSER().match
    return [at for at, line in enumerate(lines) if (len(line) < 40 or line.startswith("__")) and greets(line)]
