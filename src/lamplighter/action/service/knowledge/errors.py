"""What may be refused around the knowledge base."""


class NotAllowed(PermissionError):
    """The policy does not give this role this right."""


class ArticleUnknown(LookupError):
    """There is no such article where the viewer may look, or none in force on that day."""


class ArticleWrong(ValueError):
    """An article cannot be published as it is; the text says which part and why."""


class SomebodyElseWrote(Exception):
    """Another version was published since the one this was written from."""
