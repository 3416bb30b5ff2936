"""How long, how many, how often: the figures of the way out."""

from dataclasses import dataclass

from deskd.domain.errors import SettingsError
from deskd.domain.ports import DAY, HOUR, MINUTE, SECOND, Micros

BACKOFF: tuple[Micros, ...] = (1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE)
HOURLY: Micros = HOUR  # from then on
GIVE_UP: Micros = 5 * DAY  # RFC 5321 section 4.5.4.1: at least 4 to 5 days
PAUSE: Micros = 5 * MINUTE  # of an account whose credentials or sender the provider refused
CRASHES = 3  # a lease that ended this often is tried again with the back-off: the message itself may end the worker
SWEEP: Micros = 10 * SECOND  # between two sweeps


@dataclass(frozen=True, slots=True)
class Limits:
    """Refused where a lease would not outlast a send.

    A lease is renewed every `renew` seconds while its holder lives. A holder that could not renew stops all it sends
    at two thirds of the lease; no send goes on beyond `send` seconds in any case. So nothing is ever sent under a
    lease that has ended, however long a provider may take (RFC 5321 4.5.3.2.6 grants it ten minutes after the dot).
    """

    batch: int = 32  # deliveries of one account under way at once, in one process
    lease: float = 45.0  # seconds; a dead worker's deliveries are taken over after this and one sweep: < 60 s
    renew: float = 10.0
    send: float = 900.0
    tries: int = 5  # to write an outcome while the database is away or the ticket is being changed
    pause: float = 1.0  # seconds between these

    def __post_init__(self) -> None:
        if not 1 <= self.batch <= 32:
            raise SettingsError(f"The outbox's batch is {self.batch}; it must be between 1 and 32.")
        if self.renew * 2 > self.stop:
            raise SettingsError(
                f"The outbox's lease of {self.lease:g} s does not outlast a send, which stops {self.stop:g} s after "
                f"the last renewal; one is due every {self.renew:g} s. Make the lease at least three times the renewal."
            )

    @property
    def stop(self) -> float:
        """Seconds without a renewal after which a holder stops by itself."""
        return self.lease * 2 / 3

    @property
    def lease_us(self) -> Micros:
        return int(self.lease * SECOND)


def backoff(failed: int) -> Micros:
    """How long to wait after the `failed`-th try that failed (1, 2, ...): 1, 5, 15, 30, 60 minutes, then hourly."""
    return BACKOFF[failed - 1] if failed <= len(BACKOFF) else HOURLY
