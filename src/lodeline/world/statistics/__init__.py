"""Statistics: national figures as published, each row with its edition, source and how it is known."""
