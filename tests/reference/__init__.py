"""The reference model: the document in plain Python, slow and readable, to compare the kernels with."""
