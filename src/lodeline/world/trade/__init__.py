"""Trade between countries: who shipped what to whom, and where it was mined."""
