"""Every use case once: the only door for the command line, the web, the report and notebooks."""
