"""The separate ledger (单列台账) of a unit's achievements."""
