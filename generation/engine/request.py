"""A request under way: its ticket, the members that draw its pictures, and the pictures that are done."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from generation.engine.batch import Member
from generation.engine.ticket import Ticket

PREVIEW_EVERY = 5


@dataclass(eq=False, slots=True)
class Request:
    """What it tells its ticket may raise what the ticket's callbacks raise."""

    ticket: Ticket
    members: list[Member] = field(default_factory=list)
    step: int = 0
    _pictures: dict[Member, np.ndarray[Any, Any]] = field(default_factory=dict)

    def advance(self) -> None:
        """Tell the ticket when every member has done another step."""
        step = min(member.done for member in self.members)
        if step > self.step:
            self.step = step
            self.ticket.advance(step, self.members[0].steps)

    def wants_preview(self, member: Member) -> bool:
        """Whether somebody would like to see what `member` has just come to."""
        first = member is self.members[0] and not member.finished
        return first and member.done % PREVIEW_EVERY == 0 and self.ticket.on_preview is not None

    def show(self, step: int, picture: np.ndarray[Any, Any]) -> None:
        """Hand over a preview, uint8 [h, w, 3], of the state after `step`."""
        if self.ticket.on_preview is not None:
            self.ticket.on_preview(step, Image.fromarray(picture))

    def deliver(self, member: Member, picture: np.ndarray[Any, Any]) -> bool:
        """Keep a member's picture, uint8 [H, W, 3]; say whether all are there."""
        self._pictures[member] = picture
        return len(self._pictures) == len(self.members)

    def succeed(self) -> None:
        """End the ticket with all pictures, in the order of their seeds."""
        self.ticket.succeed([self._pictures[member] for member in self.members])
