"""Balance: the account of an element per site, store, owner and period, as recorded and as reconciled."""
