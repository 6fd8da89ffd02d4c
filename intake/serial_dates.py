"""Days as spreadsheets count them: the number of days since the end of 1899."""

from datetime import date, datetime

from openpyxl.utils.datetime import from_excel


def day_of_serial(serial: int) -> date:
    """The day of a serial number.

    Args:
        serial: days as Excel counts them, at least 1 (1 January 1900).

    Returns:
        A date of the office's zone.
    """
    moment = from_excel(serial)
    assert isinstance(moment, datetime)
    return moment.date()
