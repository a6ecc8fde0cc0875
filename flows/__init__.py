"""What Prefect drives: it decides nothing, it only sees to it that what is ready is done."""
