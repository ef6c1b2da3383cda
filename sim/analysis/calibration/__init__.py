"""Calibration against the cases: targets as data, priors from the tables, a reference table, posteriors, and checks.

``targets`` reads what is known, ``sim.config.target_quantities`` measures the same in a run, ``observation`` says how
the two are compared, ``prior`` draws parameters, ``posterior`` weighs them by the targets, ``checks`` whether the
posterior covers the truth as often as it should.
"""
