"""Whether a message only thanks. It says no more than that: in doubt it does not, and somebody reads it."""

import re
from functools import cache

import re2

from router.normalise import normalise

LONGEST = 120  # characters; who writes more has something to say
_BETWEEN = re.compile(r"[\s!-/:-@\[-`{-~。、…·~～—“”]+")

_THANKS = (
    "谢谢",
    "多谢",
    "感谢",
    "谢了",
    "谢啦",
    "辛苦了",
    "感恩",
    "thanks?(?: you| u)?",
    "thx",
    "tks",
    "ty",
    "cheers",
    "(?:much|really) appreciated",
    "(?:i )?(?:really )?appreciate it",
    "🙏",
    "❤",
)
_ASSENT = (
    "好的",
    "收到",
    "知道了",
    "明白了?",
    "嗯+",
    "ok(?:ay)?",
    "got it",
    "understood",
    "great",
    "perfect",
    "👍",
    "👌",
)
_BESIDE = (
    "非常",
    "十分",
    "万分",
    "太",
    "很",
    "真的?",
    "您",
    "你们?",
    "大家",
    "客服",
    "团队",
    "的(?:帮助|帮忙|支持|回复|答复|解答|耐心|处理)",
    "[了啦啊呀哈哦]",
    "(?:已经)?解决了",
    "您好",
    "再见",
    "祝好",
    "so much",
    "very much",
    "a lot",
    "a million",
    "again",
    "many",
    "for (?:your|the|all your|all the) (?:quick |fast |prompt |kind )?(?:help|reply|answer|support|response|time)",
    "for (?:helping|your patience)(?: me)?",
    "(?:you )?(?:guys|team|all)",
    "hi",
    "hello",
    "(?:best|kind|warm)? ?regards",
    "bye",
    "have a (?:nice|good|great|lovely) (?:day|evening|weekend)",
    "(?:it is |its |all )?(?:solved|sorted)(?: now)?",
    "it works now",
    "🙂",
    "😊",
    "🌹",
)


def only_thanks(text: str, *, asked: bool) -> bool:
    """asked: we wait for an answer of theirs. "OK, thanks" may be that answer then, and is not only thanks."""
    if len(text) > LONGEST:
        return False
    words = _BETWEEN.sub(" ", normalise(text).folded).strip()
    return bool(words) and _pattern(asked=asked).fullmatch(words) is not None


@cache
def _pattern(*, asked: bool) -> re2._Regexp:
    thanks = _THANKS if asked else (*_THANKS, *_ASSENT)
    beside = "|".join((*_BESIDE, *thanks))
    one = "|".join(thanks)
    return re2.compile(f"(?:(?:{beside}) ?)*(?:{one}) ?(?:(?:{beside}) ?)*")
