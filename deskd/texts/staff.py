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
    Language.ZH_HANS: "工单 {code}，队列 {queue}。\n{clock}：时限 {due}，{standing}。",
    Language.ZH_HANT: "工單 {code}，佇列 {queue}。\n{clock}：時限 {due}，{standing}。",
    Language.EN: "Ticket {code}, queue {queue}.\n{clock}: due {due}, {standing}.",
}
_OPEN = {Language.ZH_HANS: "打开：{link}", Language.ZH_HANT: "開啟：{link}", Language.EN: "Open it: {link}"}
_UNREAD = {
    Language.ZH_HANS: "这封邮件由系统自动发出，回复没有人看。",
    Language.ZH_HANT: "本郵件由系統自動寄出，回覆無人閱讀。",
    Language.EN: "This mail is automatic. Nobody reads answers to it.",
}


def clock_notice(language: Language, clock: ClockKind, about: About) -> Words:
    """A promise is in danger or broken."""
    named = _CLOCKS[clock][language]
    standing = (_LEFT if about.left > 0 else _LATE)[language].format(n=abs(about.left))
    lines = [
        _NOTICE[language].format(code=about.code, queue=about.queue, clock=named, due=about.due, standing=standing)
    ]
    if about.link:
        lines.append(_OPEN[language].format(link=about.link))
    colon = ": " if language is Language.EN else "："
    return Words(f"[{about.code}] {named}{colon}{standing}", "\n".join([*lines, _UNREAD[language]]))
