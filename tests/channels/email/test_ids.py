"""What we sign into addresses and Message-IDs, and what is read out of them again."""

import pytest

from channels.email import ids
from channels.email.config import MailAccount
from deskd.domain.code import code_of

CODE = code_of(123_456_789)
DELIVERY = "0192f0c0a1b2c3d4e5f60718293a4b5c"


def sign(*parts: str) -> str:
    return "a" + "".join("abcdefghijklmnop"[ord(c) % 16] for c in "/".join(parts))[-16:]


def test_a_thread_address_is_lower_case_and_within_the_local_part() -> None:
    token = ids.thread_token(CODE, "a@example.com", sign)
    address = ids.thread_address("support@desk.example", token)
    assert address == address.lower()
    assert len(address.partition("@")[0]) <= ids.LOCAL_PART
    assert ids.read_plus(address) == (CODE.lower(), sign("thread", CODE.lower(), "a@example.com"))


def test_a_server_that_shouts_changes_no_token() -> None:
    token = ids.thread_token(CODE, "a@example.com", sign)
    assert ids.read_plus(ids.thread_address("support@desk.example", token).upper()) == tuple(token.split("."))


def test_a_token_is_bound_to_ticket_and_recipient() -> None:
    token = ids.thread_token(CODE, "a@example.com", sign)
    assert ids.thread_token(CODE, "b@example.com", sign) != token
    assert ids.thread_token(code_of(7), "a@example.com", sign) != token


@pytest.mark.parametrize(
    "address",
    [
        "",
        "support@desk.example",
        "support+hello@desk.example",
        f"support+{CODE}.b@desk.example",
        f"support+{CODE[:-1]}{'0' if CODE[-1] != '0' else '1'}.a{'b' * 16}@desk.example",
        f"support+{CODE}.1{'b' * 16}@desk.example",
    ],
    ids=["nothing", "no plus", "another plus", "short", "wrong check character", "no key version"],
)
def test_what_is_no_token_is_none(address: str) -> None:
    assert ids.read_plus(address) is None


def test_an_account_too_long_for_a_token_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        MailAccount(address=f"{'s' * 40}@desk.example")


@pytest.mark.parametrize("wrap", ["{}", "<{}>", " <{}> "])
def test_our_message_ids_are_read_back_with_and_without_brackets(wrap: str) -> None:
    made = ids.message_id(DELIVERY, "a@example.com", sign, "deskd.invalid")
    assert made == ids.message_id(DELIVERY, "a@example.com", sign, "deskd.invalid")
    assert ids.read_message_id(wrap.format(made)) == (DELIVERY, sign("mail", DELIVERY, "a@example.com"))


@pytest.mark.parametrize("value", ["", "<1@example.com>", f"<{DELIVERY}@deskd.invalid>", f"x{DELIVERY}.a@b"])
def test_a_foreign_message_id_is_none_of_ours(value: str) -> None:
    assert ids.read_message_id(value) is None
