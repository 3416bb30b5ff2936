"""What a provider says later of a delivery: that it has it, that it arrived, was read, or came to nothing."""

from deskd.acts.desk import DESKD, Desk
from deskd.acts.matter import Matter
from deskd.acts.outcome import answered
from deskd.acts.returned import LEFT, Talk, Why, returned
from deskd.domain.ports import Micros, Reported
from deskd.domain.states import DELIVERY, REPORT, DeliveryState, Report, step
from deskd.store import tables, threads
from deskd.store.plan import Plan
from deskd.store.threads import Sent

REPORTED = "reported"  # the code of the attempt that keeps it


def reported(
    desk: Desk,
    plan: Plan,
    matter: Matter,
    sent: Sent,
    talk: Talk,
    said: Reported,
    at: Micros,
) -> None:
    """Forward only: what says less than we know, or comes again, changes nothing.

    Whatever the report says, the provider has it: for an outcome that is unknown it is the evidence.
    """
    if sent.state not in LEFT:
        return
    if said.report is Report.FAILED:
        if sent.report is Report.NONE:
            words = said.note or "the provider gives no reason"
            sent.provider_id = sent.provider_id or said.provider_id
            returned(desk, plan, matter, sent, talk, Why("provider", words, said.code), at)
        return
    report = said.report if said.report in REPORT[sent.report] else sent.report
    unknown = sent.state is DeliveryState.UNKNOWN
    if report is sent.report and not unknown and (sent.provider_id or not said.provider_id):
        return
    state = step(DELIVERY, sent.state, DeliveryState.ACCEPTED) if unknown else sent.state
    guard = {"b_id": sent.id, "b_state": sent.state, "b_report": sent.report}
    provider_id, settled_at = sent.provider_id or said.provider_id, at if unknown else sent.settled_at
    values = {"state": state, "report": report, "note": said.note, "settled_at": settled_at}
    plan.change(threads.REPORTED, guard | values | {"provider_id": provider_id})
    row = {"id": desk.ids(), "delivery_id": sent.id, "n": sent.attempts, "at": at}
    plan.add(tables.attempts, row | {"state": state, "code": REPORTED, "note": str(report)})
    if unknown and sent.by_person:
        answered(desk, matter, talk, sent.id, at, at)
    sent.state, sent.report, sent.provider_id, sent.settled_at = state, report, provider_id, settled_at
    matter.event(desk, f"delivery.{report or state}", DESKD, at, delivery=sent.id)
    matter.save(plan)
