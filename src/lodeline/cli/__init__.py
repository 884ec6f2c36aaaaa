"""The command line. Each command is a module of :mod:`lodeline.cli.commands`, loaded when it is called."""
