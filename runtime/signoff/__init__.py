"""The printable record of a sign-off: what was shown, who answered when and from where, and the proof."""
