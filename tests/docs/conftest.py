"""What the documents show is tried on a whole application."""

from tests.signer import phone
from tests.web_site import keys, site

__all__ = ["keys", "phone", "site"]
