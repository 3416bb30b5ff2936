"""What the pages say to agents and on the form, in Chinese and English, and times as people say them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deskd.domain.ports import DAY, HOUR, MINUTE, Micros
from deskd.domain.ticket import FAR
from deskd.domain.words import Language

Words = Mapping[str, str]

_BOTH = {  # key: (English, Chinese)
    "queue": ("Queue", "队列"),
    "login": ("Log in", "登录"),
    "logout": ("Log out", "退出"),
    "name": ("Name", "姓名"),
    "password": ("Password", "密码"),
    "wrong": (
        "Name or password is wrong, or there were too many attempts. Try again, later if need be.",
        "姓名或密码不对，或者尝试次数过多。请重试，必要时稍后再试。",
    ),
    "next": ("Take the next ticket", "领取下一个工单"),
    "none": ("Nothing waits for you: no open ticket is free.", "没有等待您处理的工单。"),
    "code": ("Code", "编号"),
    "subject": ("Subject", "主题"),
    "no_subject": ("(no subject)", "（无主题）"),
    "category": ("Category", "分类"),
    "topic": ("Topic", "细分"),
    "priority": ("Priority", "优先级"),
    "due": ("Due", "时限"),
    "holder": ("With", "处理人"),
    "state": ("State", "状态"),
    "reasons": ("Why it was decided so", "为什么这样判断"),
    "rule": ("rule", "规则"),
    "clocks": ("Clocks", "时限"),
    "facts": ("Facts", "信息"),
    "sender": ("Sender", "发件人"),
    "no_address": (
        "The sender named no address: no answer can be sent. What you find out goes into a note.",
        "发件人没有留下地址，无法回复。请把处理情况写入备注。",
    ),
    "no_ack": ("No acknowledgement went", "未发送确认"),
    "others": ("Other tickets of this customer", "该客户的其他工单"),
    "customer": ("Customer", "客户"),
    "note": ("Note", "备注"),
    "automatic": ("automatic", "自动"),
    "third_party": ("somebody else", "第三方"),
    "reply": ("Reply", "回复"),
    "then": ("Afterwards the ticket is", "之后工单为"),
    "send": ("Send", "发送"),
    "add_note": ("Add a note", "添加备注"),
    "note_why": ("Only colleagues read it.", "仅同事可见。"),
    "set": ("Correct", "更正"),
    "field": ("What", "项目"),
    "new": ("To", "改为"),
    "why": ("Why", "原因"),
    "act": ("Acts", "操作"),
    "claim": ("Take", "领取"),
    "release": ("Release", "放回"),
    "resolve": ("Resolve", "解决"),
    "spam": ("Mark as spam", "标为垃圾"),
    "not_spam": ("Not spam", "不是垃圾"),
    "newer": ("The customer wrote meanwhile", "客户刚刚又写了"),
    "done": ("Done.", "已完成。"),
    "back": ("Back to the queue", "返回队列"),
    "rule_set": ("rule set", "规则版本"),
    "breached": ("breached", "已超时"),
    "skip": ("Skip to the content", "跳到正文"),
    "account": ("account", "账户"),
    "transfer": ("transfer", "转账"),
    "security": ("security", "安全"),
    "feedback": ("feedback", "意见"),
    "other": ("other", "其他"),
    "urgent": ("urgent", "紧急"),
    "high": ("high", "高"),
    "normal": ("normal", "普通"),
    "low": ("low", "低"),
    "open": ("open", "待处理"),
    "waiting": ("waiting", "等客户"),
    "held": ("held", "等第三方"),
    "resolved": ("resolved", "已解决"),
    "closed": ("closed", "已关闭"),
    "running": ("running", "计时中"),
    "paused": ("paused", "暂停"),
    "met": ("met", "已达成"),
    "cancelled": ("cancelled", "已取消"),
    "first_response": ("First response", "首次响应"),
    "resolution": ("Resolution", "解决"),
    "e400": ("This request cannot be read.", "无法读取这个请求。"),
    "e403": (
        "This was not sent from our own page. Load the page again and repeat it.",
        "请求不是从本页面发出的。请重新打开页面再试。",
    ),
    "e404": ("There is nothing at this address.", "这个地址没有内容。"),
    "e405": ("This address does not take that.", "这个地址不接受该操作。"),
    "e413": ("This is too large.", "内容太大。"),
    "e503": ("We cannot take it at the moment. Try again in a minute.", "暂时无法处理，请一分钟后再试。"),
    "form_title": ("Write to us", "联系我们"),
    "form_lead": (
        "Say what happened in your own words. A person answers by mail.",
        "请用自己的话说明发生了什么，客服会通过邮件答复您。",
    ),
    "form_never": (
        "Never write passwords, one-time codes or card numbers here. We don't need them.",
        "请不要填写密码、验证码或银行卡号，我们不需要这些信息。",
    ),
    "f_email": ("Your mail address", "您的邮箱"),
    "f_name": ("How may we call you? (optional)", "如何称呼您？（选填）"),
    "f_category": ("What is it about? (optional)", "关于什么？（选填）"),
    "f_any": ("I don't know", "不确定"),
    "f_phone": ("Phone registered with your account (optional)", "账户登记的手机号（选填）"),
    "f_reference": ("Order or transaction number (optional)", "订单号或交易号（选填）"),
    "f_time": ("When did it happen? (optional)", "什么时候发生的？（选填）"),
    "f_amount": ("Amount (optional)", "金额（选填）"),
    "f_subject": ("Subject (optional)", "主题（选填）"),
    "f_message": ("What happened?", "发生了什么？"),
    "f_files": (
        "Attachments: at most {files}, {mib} MB each (optional)",
        "附件：最多 {files} 个，每个 {mib} MB（选填）",
    ),
    "f_trap": ("Leave this empty", "请留空"),
    "f_send": ("Send", "提交"),
    "f_errors": ("Please look at these again:", "请再检查以下内容："),
    "f_saved": ("We have it", "我们收到了"),
    "f_saved_text": (
        "What you wrote is saved. Its reference is {code}. A person will answer to the mail address you gave.",
        "您填写的内容已经保存，编号是 {code}。客服会把答复发到您填写的邮箱。",
    ),
    "f_removed": (
        "We removed something that looked like a secret (such as a card number or a code) before saving.",
        "保存之前，我们移除了看起来像机密的内容（例如卡号或验证码）。",
    ),
    "x_email": (
        "Give a mail address at which we can answer, such as name@example.com.",
        "请填写可以收到答复的邮箱，例如 name@example.com。",
    ),
    "x_message": ("Say what happened.", "请说明发生了什么。"),
    "x_long": ("This is too long.", "内容太长。"),
    "x_category": ("Choose one of the list.", "请从列表中选择。"),
    "x_files": ("Too many attachments, or one is too large.", "附件过多，或者其中一个太大。"),
    "x_id": ("Give a UUID as id or Idempotency-Key.", "请用 UUID 作为 id 或 Idempotency-Key。"),
    "x_again": (
        "This form was sent before, with other words, as {code}. Send it again if this is a new message.",
        "这个表单已经用别的内容提交过，编号 {code}。如果这是新的内容，请再次提交。",
    ),
    "x_unknown": ("There is no such field.", "没有这个字段。"),
    "x_type": ("This must be text.", "必须是文字。"),
}
ENGLISH: Words = {key: pair[0] for key, pair in _BOTH.items()} | {"lang": "en"}
CHINESE: Words = {key: pair[1] for key, pair in _BOTH.items()} | {"lang": "zh-Hans"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def language_of(accept: str, wish: str = "") -> Language:
    """The first language of ours that the reader names: `wish` of the address, then Accept-Language by its order."""
    for part in [wish, *accept.split(",")][:10]:
        tag = part.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            hant = any(place in tag for place in ("hant", "tw", "hk", "mo"))
            return Language.ZH_HANT if hant else Language.ZH_HANS
        if tag.startswith("en"):
            return Language.EN
    return Language.EN


def words_of(language: Language) -> Words:
    return ENGLISH if language is Language.EN else CHINESE


def human(at: Micros | None, now: Micros, words: Words) -> str:
    """in 25 min, 2 h late, 还有 25 分钟, 超时 2 小时; "" for no deadline."""
    if at is None or at >= FAR:
        return ""
    apart, english = abs(at - now), words["lang"] == "en"
    for unit, en, zh in ((DAY, "d", "天"), (HOUR, "h", "小时"), (MINUTE, "min", "分钟")):
        if apart >= unit or unit == MINUTE:
            n = apart // unit
            if english:
                return f"in {n} {en}" if at > now else f"{n} {en} late"
            return f"还有 {n} {zh}" if at > now else f"超时 {n} {zh}"
    return ""


def local(at: Micros | None, zone: str) -> str:
    """2026-11-24 18:35 in the zone."""
    if at is None:
        return ""
    return f"{(_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
