"""What a log must not hold: the address of a customer's own page is the key to it."""

import logging
import re

KEY = re.compile(r"(/progress/)[^/\s]+")


class WithoutKeys(logging.Filter):
    """Takes the keys of customers' pages out of what is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a record in place; all records pass.

        >>> record = logging.LogRecord("x", 30, "", 0, "Not Found: %s", ("/progress/a:b/",), None)
        >>> WithoutKeys().filter(record), record.getMessage()
        (True, 'Not Found: /progress/…/')
        """
        said = record.getMessage()
        if KEY.search(said):
            record.msg, record.args = KEY.sub(r"\1…", said), ()
        return True
