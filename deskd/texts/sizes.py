"""How long a text is on each channel: words of a mail, characters of a page, segments of an SMS (3GPP TS 23.038)."""

import re

MAIL_WORDS = 120
HAN_A_WORD = 2
"""Two Han characters read as long as one English word."""
SMS_SEGMENTS = 2
CHAT_CHARACTERS = 120

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWO = frozenset("^{}\\[~]|€\f")
_HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile(r"[^\s\u3400-\u9fff，。、；：！？（）「」“”]+")


def words(text: str) -> int:
    """Words as a reader feels them: runs of letters, and Han characters by twos."""
    return len(_WORD.findall(text)) + len(_HAN.findall(text)) // HAN_A_WORD


def sms_segments(text: str) -> int:
    """How many messages the networks make of it: 160 or 153 each in GSM-7, 70 or 67 UTF-16 units else."""
    if all(c in _GSM or c in _GSM_TWO for c in text):
        size = len(text) + sum(c in _GSM_TWO for c in text)
        return 1 if size <= 160 else -(-size // 153)
    size = len(text.encode("utf-16-be")) // 2
    return 1 if size <= 70 else -(-size // 67)
