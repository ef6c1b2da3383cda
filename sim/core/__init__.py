"""The model: numpy and numba only. It knows no file of a user, no command and no Mesa."""
