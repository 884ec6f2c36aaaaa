"""Physical limits: what no plant, road or laboratory can do, found without a reconciled book."""
