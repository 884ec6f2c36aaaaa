"""What a disruption of trade does: unmet tonnes, price, cover, and who supplies instead, each with its range."""
