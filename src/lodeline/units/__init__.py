"""Units of mass and money, instants, and the figure that may be unknown."""
