"""How people ask, as patterns over the marks of a clause; the letters are those of asking.toml.

h to give, k to tell, u us, s a secret, m the message it comes in, v we need, p please, w what is, i what it is, o it,
e to enter, l here, a our own pages, g what one does with a secret oneself, q a question about a fact, d other data,
n not, r others, t it has happened, z nobody but us, y our people, b will ask for, f no …, j … no refund, c 把.
The two languages order their words differently, hence two sets. A gap is never longer than a clause reads naturally.
"""

import re

OF_SECRETS = " smhkuvpwiqdnzrtbyelagocfj?"
OF_CONTROL = " nrtpCDX"
OF_MESSENGERS = " nrtpuMJOX"
"""The tables that each reading looks at."""

AT_ALL = " smzfCM"
"""Without one of these nothing can be found."""

_ASKS = {
    "en": (
        r"[hk][^qg]{0,14}s",  # tell me … the code
        r"[hk][^q]{0,6}m",  # forward the text
        r"s[^qgea]{0,5}[hk].?.?u",  # the code, send it to us
        r"s[^a]*[hk][.u]?o(?!.*a)",  # export the key and attach it
        r"w[.u]{0,3}s|i.*m|m.*i",  # what is … the code; what does the text say
        r"e[^q]{0,8}s.*[lhk]|l.{0,4}e.{0,6}s",  # enter the code here; … and tell me
        r"y[^q]*b.*s",  # my colleague will ask for the code
        r"s[.]{0,4}p\??$|^[.pvwu]{0,3}s[.]{0,2}\?",  # the code, please; and the code?
    ),
    "zh": (
        r"[hk][^q]{0,20}s(?!.{0,4}q)|[hk][^q]{0,6}m(?!.{0,2}q)",  # 告诉我…验证码
        r"s[^qgad]{0,12}[hk]|^[^q]*m[^qdg]{0,8}[hk]",  # 把验证码发给我
        r"w[.u]{0,3}s|s[.uo]{0,4}[wi]",  # 密码是多少
        r"e[^q]{0,8}s.*[lhk]|l.{0,4}e.{0,8}s|s[^q]{0,8}e.{0,4}l",  # 在这里输入密码
        r"y[^q]*b.*s",  # 同事会问您要验证码
        r"s[.]{0,3}p$|^[.pvwusg]{0,6}s[.w]{0,2}\?",  # 背面三码麻烦您；令牌上的数字是？
    ),
}
_WANTS = {
    "en": (r"v[^qgead]{0,10}s(?!.*e)", r"s[.uvo]{0,3}v(?!.*[ea])", r"p[.u]{0,6}s(?!.*[ea])"),
    "zh": (r"^[^q]*v[^qgead]{0,12}s(?!.*[ea])", r"^[^q]*s[^qga]{0,5}v[.]?$", r"p[.uc]{0,6}s(?!.*[ea])"),
}
"""We need the code, please <any verb> the code: nothing when the customer enters it on our own pages."""

_GIVES_IT = {
    "en": (r"h[.u]{0,3}o(?!.*a)", r"^[^gqa]*k[.u]{0,3}o[^gqa]*$", r"i", r"v[.]{0,2}o", r"h[.]?u\??$"),
    "zh": (r"^[^qacd]*h[.uop]{0,4}\??$", r"v[.p]{0,2}\??$", r"^[.pu]{0,4}[wi]\??$"),
}
"""Send it to me, 发我一下: once a secret has been named."""

_TELLS = {"en": r"^[^gqad]*k[.]?u?\??$", "zh": r"^[^qgacd]*k[.uop]{0,4}\??$"}
"""Tell us, 回复我: once a secret has been named, and not in a warning."""

_SAFE = r"[nrt]"


def may_ask(at_all: str) -> bool:
    return bool(re.search("[smzfCM]", at_all))


def is_safe(of_secrets: str) -> bool:
    """A clause that is negated, speaks of others or of what has happened."""
    return bool(re.search(_SAFE, of_secrets))


def names(of_secrets: str) -> bool:
    return bool(re.search("[sm]", of_secrets))


def asks(language: str, of_secrets: str) -> bool:
    return any(re.search(pattern, of_secrets) for pattern in _ASKS[language])


def wants(language: str, of_secrets: str) -> bool:
    return any(re.search(pattern, of_secrets) for pattern in _WANTS[language])


def gives_it(language: str, of_secrets: str, *, warned: bool) -> bool:
    if "s" in of_secrets:
        return False
    patterns = _GIVES_IT[language] if warned else (*_GIVES_IT[language], _TELLS[language])
    return any(re.search(pattern, of_secrets) for pattern in patterns)


def left_to_the_customer(of_secrets: str) -> bool:
    """What follows says where the customer enters it himself: "…, typed in the app"."""
    return bool(re.search("[ea]", of_secrets)) and not re.search("[hkl]", of_secrets)


def undermines(of_sentence: str) -> bool:
    """A warning that means its contrary ("tell nobody but us"), or a threat ("no code, no refund")."""
    excepted = "z" in of_sentence and re.search("[smn]", of_sentence) and not re.search("z.*q", of_sentence)
    return bool(excepted) or bool("j" in of_sentence and re.search("f.{0,4}s", of_sentence))


def recounts(quoted: str, around: str) -> bool:
    """Words of others, quoted by a sentence that says so or warns of them."""
    return bool(re.search("s.*[hkv]|[hkv].*s", quoted)) and bool(re.search("[nr]", around))


def takes_control(of_control: str) -> bool:
    return bool(re.search("C.*[Dp]|[Dp].*C", of_control)) and not re.search("[nrtX]", of_control)


def leads_away(of_messengers: str) -> bool:
    away = re.search(r"[Jp].*M|O.?M|M.?u|M.{0,6}J", of_messengers)
    return bool(away) and not re.search("[nrtX]", of_messengers)
