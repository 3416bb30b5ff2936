"""One account of ours, and the tools that its parts are given."""

from collections.abc import Callable

import pytest
from fakes.twilio import NUMBER, PUBLIC, SID, TOKEN

from channels import Tools
from channels.sms.config import SmsAccount

SECRETS = {"env:ONE": TOKEN, "env:KEY": "secret-of-these-tests"}


def sign(*words: str) -> str:
    return "s" + "".join(f"{len(word)}{word[-6:]}" for word in words)


@pytest.fixture
def tools() -> Tools:
    return Tools(lambda name: SECRETS.get(name, ""), PUBLIC, lambda: 1, sign)


@pytest.fixture
def account() -> Callable[..., SmsAccount]:
    def made(**more: object) -> SmsAccount:
        given = {"name": "texts", "number": NUMBER, "account_sid": SID, "auth_tokens": ["env:ONE"]}
        return SmsAccount.model_validate(given | more)

    return made
