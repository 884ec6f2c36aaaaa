"""Sequential tests: slow loss over many periods, and how often they would alarm where nothing is lost."""
