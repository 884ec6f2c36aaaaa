"""Origin: where each kilogram of an element came from, as shares, as bounds whatever the mixing was, as proofs."""
