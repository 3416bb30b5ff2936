"""The outbound guard: nothing leaves that asks for a secret, for control of a device, or leads off our own channels.

Pure; every reply, note to a customer and automatic text passes it before a delivery is queued. The agent is told why.
"""

from dataclasses import dataclass

from deskd.texts import asking
from deskd.texts.links import foreign_links

FOREIGN_LINK = "foreign_link"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a text may not leave: a code for machines, a sentence for people in both languages, and the words meant."""

    code: str
    sentence_en: str
    sentence_zh: str
    matched: str


_SENTENCES = {
    asking.SECRET: (
        "This asks the customer for a code, PIN, password, security code, seed phrase or card number. We never do.",
        "这句话在向客户索要验证码、PIN、密码、卡片安全码、助记词或完整卡号。我们从不索要。",
    ),
    asking.REMOTE: (
        "This asks the customer to share the screen or to let somebody control the device. We never do.",
        "这句话要求客户共享屏幕或让他人控制设备。我们从不这样做。",
    ),
    asking.MESSENGER: (
        "This leads the customer to another messenger, where nobody can tell whether it is us. Answer here.",
        "这句话把客户引到别的聊天软件，在那里客户无法分辨是不是我们。请在这里答复。",
    ),
    FOREIGN_LINK: (
        "This link is not on the list of our own addresses ([desk] links in the settings).",
        "这个链接不在我们自己的网址名单里（设置文件 [desk] 中的 links）。",
    ),
}


def guard(text: str, links_allowed: frozenset[str]) -> list[Objection]:
    """Every reason why this text may not go to a customer; empty when it may.

    links_allowed: host names in lower case, ".upay.example" for a host and all below it.
    """
    found = [(a.code, a.matched) for a in asking.askings(text)]
    found += [(FOREIGN_LINK, link) for link in foreign_links(text, links_allowed)]
    return [Objection(code, *_SENTENCES[code], matched) for code, matched in found]
