"""Calibration against the cases: targets as data, priors from the tables, a reference table, posteriors, and checks.

``targets`` reads what is known, ``sim.results.target_quantities`` measures the same in a run, ``observation`` says how the two are
compared, ``prior`` what is believed beforehand, ``posterior`` what is believed afterwards, ``checks`` whether the
machinery tells the truth.
"""
