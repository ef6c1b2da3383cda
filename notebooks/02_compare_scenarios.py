# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # 2. What if PCCP had kept its patient partners?
#
# Two plans are compared on **common luck**: the same people are founded, the same chances come, until the plans part. And under 100 **plausible parameter sets**, since nobody
# knows the numbers. So two kinds of doubt can be kept apart: what is not known, and what nobody could know.

# %%
# %matplotlib inline
import sim

# %% [markdown]
# ## Ask
#
# The first plan is the one that the others are compared with. `sim.list_scenarios()` shows what else there is.

# %%
answer = sim.compare("patient_partners_lost", "baseline", "patient_partners_supported", case="pccp")
answer

# %% [markdown]
# ## All outcomes at a glance
#
# A point is a mean difference, the bar its 95% interval, both measured by how much single runs differ. Filled points are told apart from no difference. The first row is the
# one the question is about; the others are adjusted for how many there are, for whoever looks at forty outcomes finds something.

# %%
sim.plot(answer)

# %% [markdown]
# ## How the difference comes about

# %%
sim.plot(answer, "over time")

# %% [markdown]
# ## Whose benefit?

# %%
sim.plot(answer, "roles")

# %% [markdown]
# ## The same question of the other case

# %%
other = sim.compare("patient_partners_lost", "baseline", "patient_partners_supported", case="chrp", lucks=4)
other

# %% [markdown]
# ## A plan of your own
#
# Any setting can be changed on the spot: a name, a plus sign, a setting. Is a facilitator worth more than a better-aligned policy?

# %%
facilitator = sim.compare(
    "no_facilitator",
    "no_facilitator+parameters.facilitator_hours=8",
    "no_facilitator+enabling.policy_alignment=0.9",
    case="pccp",
    primary="outcome",
    lucks=4,
)
facilitator

# %% [markdown]
# ## Numbers, and a report to send
#
# The table can be saved, and so can everything together: one page with all pictures that opens anywhere.

# %%
answer.table.query("`told apart`").head(12)

# %%
answer.save("patient_partners").name

# %% [markdown]
# ## What to conclude, and what not
#
# - Compare plans, not levels, and look at the interval before the mean.
# - *"Better under 86% of plausible parameter sets"* is about what is not known; *"luck reverses it in 1 run of 5"* is about luck. More runs make neither smaller.
# - Where no difference can be told, that is an answer too: in this model, with what two cases can teach, the plans are not told apart.
# - A difference is what the assumptions of the model bring about. It is no measurement of the real partnerships.
