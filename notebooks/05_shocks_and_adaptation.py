# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # 5. Which shock hurts most, and what helps a partnership to come back?
#
# A shock is measured against the **same luck without it**: so much output was lost, after so many weeks it was back. The area between is the triangle of resilience.

# %%
# %matplotlib inline
import sim

# %% [markdown]
# ## What survives a funding cut?
#
# Half of the grant is gone for a year; or the coordinator leaves; or four meetings in five are lost for four months.

# %%
shocks = sim.compare(
    "baseline", "funding_cut", "coordinator_leaves", "meetings_lost", case="pccp", primary="benefit_last_year"
)
shocks

# %%
sim.plot(shocks, "shocks")

# %%
sim.plot(shocks, "over time")

# %% [markdown]
# ## The same in the other case

# %%
sim.compare(
    "baseline",
    "funding_cut",
    "coordinator_leaves",
    "meetings_lost",
    case="chrp",
    primary="benefit_last_year",
    draws=50,
    lucks=4,
)

# %% [markdown]
# ## Does adapting help?
#
# In the model a partnership adapts by sensing its surroundings, deliberating and doing other things than before. What if it could not? The reform of 2014 is part of the case.

# %%
adapting = sim.compare("baseline", "baseline+rules.adaptation=false", case="pccp", primary="outcome", lucks=4)
adapting

# %%
sim.plot(adapting, "shocks")

# %% [markdown]
# ## What to conclude, and what not
#
# - Look at the shape: money gone is felt late and long, meetings lost at once. Which of two shocks is worse also hangs on how large each was made; here that is a choice, not a finding.
# - People come back later than money: some of what is lost after a cut is order and people (`docs/results/surprises.md`, the first one).
# - A partnership that cannot adapt reaches less, all along. Yet the reform costs it next to nothing: it never fitted the old need, so a new need takes nothing away. A triangle of
#   resilience alone would call it the more resilient one; look at how much there was to lose.
# - How deep and how long depends on assumed numbers; the two cases contain one dated reform or merger each, and no measurement of what it did to output.
