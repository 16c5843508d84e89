"""Many runs of one deck: on the cores of this machine, or on a cluster."""
