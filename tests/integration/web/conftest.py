"""The web application of tests.web_site, for the tests beside this file."""

from tests.web_site import keys, site, visit

__all__ = ["keys", "site", "visit"]
