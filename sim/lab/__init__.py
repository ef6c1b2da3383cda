"""The partnership lab: a page on which a class compares two plans of one partnership, live or baked into one file.

Trajectories come from the compiled core only; the page draws them. A plan is a scenario, a seed and a replicate.
"""
