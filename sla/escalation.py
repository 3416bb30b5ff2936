"""Who is told of a promise that is in danger or broken, and when: the steps of a policy."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from deskd.domain.ports import MINUTE, Micros
from deskd.domain.words import Role

MOST_STEPS = 10  # of one policy: whoever is told an eleventh time reads none of them
MOST_STEP_MINUTES = 366 * 24 * 60  # a year after a deadline nobody waits for a step any more

StepMinutes = Annotated[int, Field(strict=True, ge=0, le=MOST_STEP_MINUTES)]


class Step(BaseModel):
    """One step: when, by exactly one of the three, and who is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Literal[Role.SUPERVISOR, Role.OPS] = Field(
        default=Role.SUPERVISOR, description="supervisor: those who serve the ticket's queue; ops."
    )
    after_breach: StepMinutes | None = Field(default=None, description="Working minutes after the deadline.")
    after_warning: StepMinutes | None = Field(default=None, description="Working minutes after the warning.")
    at_share: float | None = Field(default=None, gt=0, le=1, description="The part of the target that has run.")

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if sum(when is not None for when in (self.after_breach, self.after_warning, self.at_share)) != 1:
            raise ValueError("a step has one of after_breach, after_warning and at_share.")
        return self

    def offset(self, target: Micros, warn_before: float) -> Micros:
        """The business time from the start of a promise of `target` to the step."""
        if self.after_breach is not None:
            return target + self.after_breach * MINUTE
        if self.after_warning is not None:
            return target - round(target * warn_before) + self.after_warning * MINUTE
        return round(target * (self.at_share or 0))
