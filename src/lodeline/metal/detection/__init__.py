"""Detection: what the books cannot explain by the errors that scales and laboratories are known to make."""
