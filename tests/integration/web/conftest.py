"""The web application of tests.web_site, for the tests beside this file."""

from tests.signer import phone
from tests.web_site import keys, site, visit

__all__ = ["keys", "phone", "site", "visit"]
