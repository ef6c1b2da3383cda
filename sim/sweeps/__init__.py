"""Many runs: a plan first, then chunks, each written as one part, so that work can stop and resume anywhere.

``plan`` is what is to be run, ``chunk`` runs a slice of it, ``parts`` keeps what came out, ``engines`` say where
chunks are run, ``conduct`` drives them, ``dataset`` reads the whole. Nothing here knows Hydra or Mesa.
"""
