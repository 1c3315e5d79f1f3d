"""The subcommands of `adapter-studio`, one file a group, imported when they are used."""
