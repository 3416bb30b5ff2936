"""Texts that no customer writes: what each pattern is made of, in any order and slightly broken.

They show that a pattern is tried wherever it could match, which well-formed lines hardly do.
"""

from random import Random

_PIECES = """
验证码|驗證碼|短信密码|一次性口令|验証码|验证马|登录码|动态密码|密码|密碼是|口令：|支付密码|6位密码|银行卡密碼|安全码|卡安全碼
背面的3位数字|最后三位|末3位|卡背面|驗證值|有效期至|到期日|12/27|3年27|尾号|末四位|電話|手机号码|聯絡方式|私钥|密鑰
卡号|银行卡|订单|没收到|转了|是|和|的|为|元|块钱|万|万元|港币|¥|$|us$|rmb |人民币|两千块钱|三百多元|1,234.50|1,2345
1,234.567|12.5|1.5万|3,000|%|k|code|codes|otps|totp|2fa|cvv|cvc2|c v v|exp|pin|m-pin|passcode|pass code|pwd|psw
password:|pass word|passphrase|passwd is|secret|bearer|api_key|visa|tel|phone|mobile|whatsapp|cell|telephone|ending
error|promo|the|my|is|your|or|no |not|wallet|wrong|hunter2|abc123|a@b|a@example.com|x.y+z@mail.example.org|@|+86 |86
0086|+8613800138000|(010)|0755|62345678|00|+|13800138000|138 0013 8000|1380 013 8000|+852 5123 4567
+1 (202) 555-0143|0044 20 7946 0958|4111111111111111|4111 1111 1111 1111|4111|1111|11010519491231002X|110105
19491231|002x|T202611240012345678|UP7K3M9QXD12345|2026-11-24|2026年|24/11/2026|12:30|1.2.3|10.20.30.40|3次|5分钟
6-digit|5 digits|4位|482-913|95588|1|2|3|123|1234|123456|12345678|1 2 3 4 5 6|0|abandon|able|about|1. |2) |[card
[code removed]|[password removed]|#…345678|138****8000|eyJhbGciOiJI.eyJzdWI.SflKxwRJSM|sk-abcdefghijklmnopqrstuvwx
verification code|verify code|log-in code|sign in codes|sms codes|text code|one time pin|one-time password
authorisation code|card security code|security code|card verification number|valid thru|expiry date|last four
last 4 digits|call me on|private key|access token|wallet key|error code|code is|is your code|was my login code
0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef|-----BEGIN PRIVATE KEY-----
5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ|ｐａｓｓｗｏｒｄ|１２３４５６|\u200b|\u212a|\u0130
abandon ability able absent absorb abstract absurd abuse access accident account accuse
"""
_WORDS = _PIECES.strip().replace("\n", "|").split("|")
_GLUE = ("", "", " ", " ", " ", "-", "，", ", ", "：", "\n", "*", "(", ")", ". ", "“", "/")


def jumble(rng: Random) -> str:
    """Up to eight pieces and what stands between them, at times with one character gone or doubled."""
    text = ""
    for _ in range(rng.randrange(1, 9)):
        piece = rng.choice(_WORDS)
        if rng.random() < 0.1:
            at = rng.randrange(len(piece))
            piece = piece[:at] + rng.choice(("", piece[at] * 2)) + piece[at + 1 :]
        text += piece + rng.choice(_GLUE)
    return text
