"""What stands between a listener and `keep`: secrets leave small text receipts before anything is written."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

import channels
from deskd.domain.ports import Keep, Kept, Receipt
from ingest.masking.destroy import destroyed
from ingest.masking.formats import Formats

_log = structlog.get_logger("deskd.ingest")


def sealing(keep: Keep, formats: Formats) -> Keep:
    """`keep` for channels that declare `secrets_in_receipt`, whose receipts are JSON."""

    async def sealed(receipts: Sequence[Receipt]) -> list[Kept]:
        return await keep([_freed(receipt, formats) for receipt in receipts])

    return sealed


def _freed(receipt: Receipt, formats: Formats) -> Receipt:
    """Where masking raises, the receipt is kept as it came: it is encrypted, and the pipeline masks it again."""
    channel = channels.load(receipt.channel)
    if not channel.capabilities.secrets_in_receipt:
        return receipt
    try:
        body, found = destroyed(receipt.body, channel.ids, formats)
    except (ValueError, RecursionError) as error:
        _log.warning("receipt.unmasked", channel=receipt.channel, error=type(error).__name__)
        return receipt
    if not found:
        return receipt
    return replace(receipt, body=body, envelope={**receipt.envelope, "found": sorted(found)})
