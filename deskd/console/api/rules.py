"""Where a message would go by the rules in force, and which rules held on which words."""

from deskd.console.api import answers
from deskd.console.api.asked import Words
from deskd.console.api.on import On
from deskd.domain.words import Category, Priority
from ingest.masking.destroy import without_secrets
from router.decide import decide
from router.explain import explain
from router.facts import Facts


def explained(on: On, asked: Words) -> answers.Explained:
    """As live: secrets are gone before a rule looks."""
    found: set[str] = set()
    text, subject = (without_secrets(words, on.context.formats, found) for words in (asked.text, asked.subject))
    facts = Facts(text=text, subject=subject, channel=asked.channel, at=on.now, found=frozenset(found))
    made, explanation = decide(facts, on.desk.rules), explain(facts, on.desk.rules)
    return answers.Explained(
        rule_set=on.desk.rule_version,
        category=Category(made.category),
        topic=made.topic,
        queue=made.queue,
        priority=Priority(made.priority),
        tags=sorted(made.tags),
        also=list(made.also),
        rules=[
            answers.RuleTrace(
                rule=trace.rule,
                strength=trace.strength,
                held=trace.held,
                said=trace.said,
                conditions=[
                    answers.Condition(depth=step.depth, asks=step.asks or step.name, held=step.held, said=step.said)
                    for step in trace.steps
                ],
            )
            for trace in explanation.traces
        ],
    )
