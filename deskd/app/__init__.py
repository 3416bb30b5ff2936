"""The composition root: reads settings, clock and randomness; builds the parts, starts and stops them in order.

parts       what is built, once a process
ways        the channels of the settings: who reads, sends, listens, fetches
pollers     those that fetch, each under a lease
keepers     the loops: pipeline, clocks, sequencer, sweeper, retention
processes   the parts as processes
tree        the supervisor and its children
"""

from deskd.app.lock import OneDaemon
from deskd.app.parts import (
    Parts,
    add_agent,
    build,
    build_worker,
    cover,
    first_login,
    mail_key,
    mail_lane,
    new_id,
    now,
    open_database,
    outbox,
    pipeline,
    prepare,
    random_bytes,
    ring_due,
    settle,
    web_app,
)
from deskd.app.tree import Tree, run_only

__all__ = [
    "OneDaemon",
    "Parts",
    "Tree",
    "add_agent",
    "build",
    "build_worker",
    "cover",
    "first_login",
    "mail_key",
    "mail_lane",
    "new_id",
    "now",
    "open_database",
    "outbox",
    "pipeline",
    "prepare",
    "random_bytes",
    "ring_due",
    "run_only",
    "settle",
    "web_app",
]
