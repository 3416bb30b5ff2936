"""What a decision may look at: the message, the ticket and the customer as they were before."""

from dataclasses import dataclass

from deskd.domain.words import Level, Priority

READ = 20_000  # characters that rules read; who writes more has said by then what it is about


@dataclass(frozen=True, slots=True)
class Facts:
    """One message and what is known about it, as values.

    `text` is what the customer newly wrote, without quotes and signature; `attachments` content types; `at` when it
    arrived, in microseconds UTC; `found` what masking met, as values of `Found`; `previous_category` and
    `previous_priority` those of the ticket the message is appended to, None where it opens one; `answered` a person has
    answered the ticket; `set_by_person` a person has corrected its category, queue or priority; `wished_category` what
    the customer chose on a form, "" where there was no such choice.
    """

    text: str
    channel: str = ""
    account: str = ""
    address: str = ""
    subject: str = ""
    language: str = ""
    attachments: tuple[str, ...] = ()
    level: Level = Level.CLAIMED
    at: int = 0
    found: frozenset[str] = frozenset()
    previous_category: str | None = None
    previous_priority: Priority | None = None
    answered: bool = False
    set_by_person: bool = False
    wished_category: str = ""
    known_customer: bool = False

    @property
    def words(self) -> str:
        """What rules read. The subject of a message appended to a ticket repeats the old matter, so it is left out."""
        if self.subject and self.previous_category is None:
            return f"{self.subject}\n{self.text}"[:READ]
        return self.text[:READ]
