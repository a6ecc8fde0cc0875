"""How a message that is owed reaches a person."""
