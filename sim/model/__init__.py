"""The Mesa front: a partnership as a ``mesa.Model`` whose agents are views of rows (docs/decisions/001)."""

from sim.model.partnership import PartnershipModel
from sim.model.stakeholder import DepartedError, Stakeholder, Tie

__all__ = ["DepartedError", "PartnershipModel", "Stakeholder", "Tie"]
