"""Errors that say what was seen, where, and what would have been right."""


class SupervisorError(Exception):
    """Anything this package raises on purpose. Its text is one sentence fit for the operator."""


class ConfigError(SupervisorError):
    """A setting, a variable or an argument that cannot be right."""


class JournalError(SupervisorError):
    """The journal cannot be opened, read or written."""


class JournalBroken(JournalError):
    """The journal was read, and an entry does not follow from the one before it."""


class WriterBusy(SupervisorError):
    """Another process is the writer of this account and environment."""


class AccountAmbiguous(ConfigError):
    """The token sees several accounts and none was named."""
