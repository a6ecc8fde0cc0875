"""Every change of the schema since the first, one reviewed file each."""
