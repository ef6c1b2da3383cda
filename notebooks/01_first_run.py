# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # 1. What happens to a partnership in five years?
#
# *PCCP* was a partnership of researchers, decision makers, clinicians, community organisations and patients that worked for better access to primary health care
# (Loban et al. 2021). Here it is founded 200 times, each time with other luck and with another set of numbers that fits what is known of the two cases.
#
# Nothing has to be programmed: run the cells one after the other (Shift + Enter), and read.

# %%
# %matplotlib inline
import sim

# %% [markdown]
# ## Run it
#
# `make_scenario` reads the case; `run` lets five years pass, 200 times.

# %%
baseline = sim.make_scenario("pccp")
result = sim.run(baseline, replicates=200, seed=1)
print("\n\n".join(result.sentences))

# %% [markdown]
# ## Look at it
#
# The line is the median of all runs that are still going, the dark shade holds half of them, the light shade nine in ten. Letters are what happened from outside.

# %%
sim.plot(result)

# %% [markdown]
# ## Ask what a word means
#
# Everything that can be set or measured has a name, and every name can be asked.

# %%
print(sim.explain("metrics.integration"))

# %%
print(sim.explain("leadership"))

# %% [markdown]
# ## Look at one number
#
# One row per run. Here: how many members there were at the end, and how many persons ever took part. In 2018 the real partnership had 13 members, and 30 to 40 people had
# been part of it at some time.

# %%
result.runs[["members_end", "people_ever", "leavers", "wins"]].describe(percentiles=[0.05, 0.5, 0.95]).round(1)

# %% [markdown]
# ## Change one thing
#
# Less leadership: 0.2, on a scale from 0 to 1. Same seed, so same luck; whether the difference is more than luck is a question for the [next notebook](02_compare_scenarios.ipynb).

# %%
little = sim.make_scenario("pccp", settings={"enabling.leadership": 0.2})
sim.plot(sim.run(little, replicates=200, seed=1))

# %% [markdown]
# ## What to conclude, and what not
#
# - The model founds partnerships that live, turn over and grow about as PCCP did; how far it does not is told in *The two cases, reproduced* (`docs/results/two_cases.md`).
# - The bands are wide. They hold luck **and** what is not known of the numbers; the two cases narrowed few of them.
# - Scores are on the model's own scale. An integration of 0.17 means nothing by itself; that it rises in the first year, or is lower under another plan, does.
