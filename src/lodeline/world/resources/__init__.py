"""Resources: classes that are never added, undiscovered deposits, and the ladder from gross value to net."""
