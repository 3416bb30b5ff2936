"""The channels of the settings put together: who reads, who sends, who listens, who fetches.

Mail and forms have sections of their own kind; every other channel is found by its declaration alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

import channels
from channels import Tools
from channels.chat.config import NAME as CHAT
from channels.chat.config import ChatAccount
from channels.email.config import MailAccount
from channels.email.incoming import read as read_mail
from channels.email.send import MailSender
from deskd import settings as settings_file
from deskd.domain.errors import ChannelError, Fate, Off
from deskd.domain.ports import Capabilities, Clock, Hook, Incoming, Poller, Sender
from deskd.settings import Settings
from ingest.look import Reader

_log = structlog.get_logger("deskd")


@dataclass(frozen=True, slots=True)
class Ways:
    """sign: as in channels.Tools."""

    settings: Settings
    clock: Clock
    sign: Callable[..., str]

    def capabilities(self) -> dict[str, Capabilities]:
        return {name: channels.load(name).capabilities for name in channels.names()}

    def accounts(self) -> dict[str, tuple[str, ...]]:
        """Channel → its accounts that can send."""
        found = {"email": tuple(account.name for account in self.settings.mail.accounts)}
        for name, section in self.settings.ways.items():
            if channels.load(name).sender:
                found[name] = tuple(account.name for account in section.accounts)
        return found

    def readers(self) -> dict[str, Reader]:
        own = [account.address.lower() for account in self.settings.mail.accounts]

        def email(raw: bytes, envelope: Mapping[str, Any], _account: str) -> Incoming:
            return read_mail(raw, envelope, own, self.settings.mail.listen)

        return {name: channels.load(name).get("read") for name in channels.names()} | {"email": email}

    def sender(self, channel: str, account: str) -> Sender:
        """SettingsError: the account is off; ChannelError: there is no such account."""
        if channel == "email":
            return self._mail(account)
        config = self._accounts(channel).get(account)
        if config is None:
            raise _nobody(channel, account)
        made: Sender = channels.load(channel).get("sender")(config, self._tools())
        return made

    def hooks(self) -> dict[tuple[str, str], Hook]:
        """(channel, account) → what hears the provider's requests."""
        return {key: made for key, made in self._made("hook") if made is not None}

    def chats(self) -> dict[str, ChatAccount]:
        """The chats by name: their pages are ours, so the faces need to know them."""
        accounts: dict[str, ChatAccount] = self._accounts(CHAT)
        return accounts

    def pollers(self) -> dict[tuple[str, str], Poller]:
        return {key: made for key, made in self._made("poller") if made is not None}

    def refuse_weak(self) -> None:
        """SettingsError for a secret that is weak; a missing one only turns its account off."""
        settings_file.secret(self.settings.mail.relay.password)
        for part in ("hook", "poller", "sender"):
            list(self._made(part))

    def _made(self, part: str) -> Iterator[tuple[tuple[str, str], Any]]:
        for name in (*self.settings.ways, *(("email",) if part == "poller" else ())):
            channel = channels.load(name)
            if not getattr(channel, part):
                continue
            for account, config in self._accounts(name).items():
                try:
                    yield (name, account), channel.get(part)(config, self._tools())
                except Off as off:
                    _log.warning("account.off", channel=name, account=account, part=part, reason=str(off))

    def _accounts(self, channel: str) -> dict[str, Any]:
        section = self.settings.mail if channel == "email" else self.settings.ways.get(channel)
        return {account.name: account for account in section.accounts} if section else {}

    def _tools(self) -> Tools:
        return Tools(settings_file.secret, self.settings.web.public_url, self.clock, self.sign)

    def _mail(self, account: str) -> Sender:
        accounts: dict[str, MailAccount] = self._accounts("email")
        if account not in accounts:
            raise _nobody("email", account)
        relay = self.settings.mail.relay
        password = settings_file.secret(relay.password)
        if relay.password and not password:
            raise Off(f"Mail out is off: the secret {relay.password} of [mail.relay] is not there.")
        return MailSender(relay, accounts, password)


def _nobody(channel: str, account: str) -> ChannelError:
    note = f"There is no account {account} of {channel} to send by; add it to the settings."
    return ChannelError(Fate.REJECTED, note, code="nobody")
