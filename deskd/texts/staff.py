"""What deskd writes to its own people, in three languages. No word of a customer's has a place in it."""

from dataclasses import dataclass

from deskd.domain.words import ClockKind, Language


@dataclass(frozen=True, slots=True)
class About:
    """code, as it is shown; the queue's name; the deadline with its zone; minutes left, below 0 when it has passed."""

    code: str
    queue: str
    due: str
    left: int
    link: str


@dataclass(frozen=True, slots=True)
class Words:
    subject: str
    text: str


_CLOCKS = {
    ClockKind.FIRST_RESPONSE: {
        Language.ZH_HANS: "首次响应",
        Language.ZH_HANT: "首次回應",
        Language.EN: "First response",
    },
    ClockKind.NEXT_RESPONSE: {Language.ZH_HANS: "后续响应", Language.ZH_HANT: "後續回應", Language.EN: "Next response"},
    ClockKind.RESOLUTION: {Language.ZH_HANS: "解决", Language.ZH_HANT: "解決", Language.EN: "Resolution"},
}
_LATE = {Language.ZH_HANS: "已超时 {n} 分钟", Language.ZH_HANT: "已逾時 {n} 分鐘", Language.EN: "{n} min late"}
_LEFT = {Language.ZH_HANS: "还有 {n} 分钟", Language.ZH_HANT: "還有 {n} 分鐘", Language.EN: "{n} min left"}
_NOTICE = {
    Language.ZH_HANS: "工单 {code}，队列 {queue}。",
    Language.ZH_HANT: "工單 {code}，佇列 {queue}。",
    Language.EN: "Ticket {code}, queue {queue}.",
}
_STANDS = {
    Language.ZH_HANS: "{clock}：时限 {due}，{standing}。",
    Language.ZH_HANT: "{clock}：時限 {due}，{standing}。",
    Language.EN: "{clock}: due {due}, {standing}.",
}
_PAGED = {Language.ZH_HANS: "值班呼叫", Language.ZH_HANT: "值班呼叫", Language.EN: "Duty call"}
_PAGE = {
    Language.ZH_HANS: "紧急工单 {code}（队列 {queue}）已有 {waited} 分钟无人接手。时限 {due}，{standing}。",
    Language.ZH_HANT: "緊急工單 {code}（佇列 {queue}）已有 {waited} 分鐘無人接手。時限 {due}，{standing}。",
    Language.EN: "Nobody has taken the urgent ticket {code}, queue {queue}, for {waited} min. Due {due}, {standing}.",
}
_TAKE = {
    Language.ZH_HANS: "由我处理（打开后点按钮；一小时内有效，仅限一次）：{link}",
    Language.ZH_HANT: "由我處理（開啟後按下按鈕；一小時內有效，僅限一次）：{link}",
    Language.EN: "I take it (a page with one button; valid for an hour, once): {link}",
}
_OPEN = {Language.ZH_HANS: "打开：{link}", Language.ZH_HANT: "開啟：{link}", Language.EN: "Open it: {link}"}
_UNREAD = {
    Language.ZH_HANS: "这封邮件由系统自动发出，回复没有人看。",
    Language.ZH_HANT: "本郵件由系統自動寄出，回覆無人閱讀。",
    Language.EN: "This mail is automatic. Nobody reads answers to it.",
}


def clock_notice(language: Language, clock: ClockKind, about: About) -> Words:
    """A promise is in danger or broken."""
    named, standing = _CLOCKS[clock][language], _standing(language, about)
    lines = [
        _NOTICE[language].format(code=about.code, queue=about.queue),
        _STANDS[language].format(clock=named, due=about.due, standing=standing),
    ]
    return _words(language, about, named, lines)


def page(language: Language, about: About, waited: int, link: str) -> Words:
    """Nobody has taken an urgent ticket. waited: minutes; link: where it is accepted, "" for none."""
    standing = _standing(language, about)
    said = {"code": about.code, "queue": about.queue, "waited": waited, "due": about.due, "standing": standing}
    lines = [_PAGE[language].format(**said)]
    if link:
        lines.append(_TAKE[language].format(link=link))
    return _words(language, about, _PAGED[language], lines)


def _words(language: Language, about: About, named: str, lines: list[str]) -> Words:
    if about.link:
        lines = [*lines, _OPEN[language].format(link=about.link)]
    colon = ": " if language is Language.EN else "："
    subject = f"[{about.code}] {named}{colon}{_standing(language, about)}"
    return Words(subject, "\n".join([*lines, _UNREAD[language]]))


def _standing(language: Language, about: About) -> str:
    return (_LEFT if about.left > 0 else _LATE)[language].format(n=abs(about.left))
