import pytest

from deskd.domain.words import Language
from router.language import language


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("转账没到账", Language.ZH_HANS),
        ("轉帳還沒入帳", Language.ZH_HANT),
        ("唔該", Language.ZH_HANT),
        ("冇喇", Language.ZH_HANT),
        ("你好", Language.ZH_HANS),
        ("My transfer is late", Language.EN),
        ("", Language.EN),
        ("12345 !!", Language.EN),
        ("refund 什么时候到", Language.ZH_HANS),
        ("My friend 张伟 did not receive the payment that I sent", Language.EN),
        ("送金がまだ届きません", Language.EN),
    ],
)
def test_the_script_tells_the_catalogue(text: str, found: Language) -> None:
    assert language(text) is found
