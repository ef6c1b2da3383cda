"""Lanes: W runs side by side in one value, so that a rule is written once and runs eight times as wide.

A *lane* is one run of a group. A value of lanes holds a number per run, a mask holds a yes or no per run; both live in
one vector register where the processor has one. Rules are plain Python over them::

    refused, given = asked & (code >= REFUSED), asked & (code < REFUSED)
    flows.frustration[j] += where(refused, params.frustration_refusal, 0.0)
    if any_of(given):
        state.use[i, j] += where(given, params.use_gain * (1.0 - state.use[i, j]), 0.0)

``where`` stands for ``if``; ``if any_of(mask)`` leaves out work that no lane needs and must change no number. With one
lane the same source is an ordinary scalar rule (the Mesa front); with the compiler off it runs on numpy arrays.

=============  ==================================================================================
``values``     what lanes are with the compiler off, and the names of all functions on them
``types``      what they are to numba: vectors of LLVM
``operators``  how numba turns ``+``, ``<``, ``where``, ... into instructions
``records``    State, Context, Flows, ...: fields of lanes in one block of memory
``access``     how numba reads and writes a field of a record
=============  ==================================================================================

What a reader of rules should know: both sides of ``where`` are computed, so one of them may divide by nothing; masks
are joined by ``&``, ``|`` and ``~``, each comparison in brackets; there is no ``!=``, ``**``, ``and``, ``not`` and no
chain of comparisons on lanes; ``row = state.trust[i]`` with an axis left is a view, ``state.trust[i, j]`` a value; an
index that differs by lane (``params.stake[state.role[i]]``) must complete the indices.

Somebody who knows numba needs one thing more: a vector of LLVM (``<8 x double>``) is an ordinary value to it, and
each operator on it acts on all lanes. numba is taught this by ``numba.extending``, its public way in, and by what has
no public name: ``cgutils``, ``signature``, ``AttributeTemplate``, ``Conversion`` and the attribute ``_numba_type_``.
So numba is pinned to the versions that were tried.
"""
