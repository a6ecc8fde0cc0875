"""What roles are called: the titles the published SOPs give them."""

from engine.store.store import Store
from engine.text import Text


def role_titles(store: Store) -> dict[str, Text]:
    """By role, as the newest version of each SOP has it; a role without a title is not in it."""
    found: dict[str, Text] = {}
    for sop in sorted({version.sop for version in store.definitions.versions()}):
        version = store.definitions.latest(sop)
        if version is not None:
            roles = store.definitions.by_digest(version.digest).sop.roles
            found |= {role: spec.title for role, spec in roles.items() if spec.title != Text("")}
    return found
