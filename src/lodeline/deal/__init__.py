"""The programme: what was promised and what is evidenced."""
