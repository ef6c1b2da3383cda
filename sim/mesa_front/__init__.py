"""The Mesa front: a partnership as a ``mesa.Model`` whose agents are views of rows (docs/decisions/001)."""

from sim.mesa_front.partnership import PartnershipModel
from sim.mesa_front.stakeholder import DepartedError, Stakeholder, Tie

__all__ = ["DepartedError", "PartnershipModel", "Stakeholder", "Tie"]
