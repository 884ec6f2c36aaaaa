"""Elements, compounds and the factors between them."""
