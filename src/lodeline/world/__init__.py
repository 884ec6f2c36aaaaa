"""National statistics and what a lot is against them."""
