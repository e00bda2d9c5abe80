"""What is wrong with a file of contacts, in words. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from wellbeing.cases.rules.contact_files import ContactProblem

PROBLEMS: Mapping[ContactProblem, Any] = {
    ContactProblem.TOO_LARGE_FILE: _("The file is larger than 180 KB; cut it into several."),
    ContactProblem.NOT_TEXT: _(
        "The file is neither UTF-8 nor GBK; save it as CSV UTF-8 or as .xlsx."
    ),
    ContactProblem.NOT_CSV: _("The file cannot be read as CSV from this line on."),
    ContactProblem.NOT_XLSX: _("The workbook cannot be read; save it as .xlsx without a password."),
    ContactProblem.MACROS: _("The workbook has macros; save it as .xlsx without them."),
    ContactProblem.TOO_LARGE: _(
        "The workbook unpacks to more than 32 MB; keep nothing but the contacts in it."
    ),
    ContactProblem.TOO_MANY: _("The file has more than 500 contacts; cut it into several."),
    ContactProblem.EMPTY: _("The file holds no contact."),
    ContactProblem.MISSING_COLUMN: _("The file has no such column."),
    ContactProblem.UNKNOWN_COLUMN: _("The file has a column that means nothing here."),
    ContactProblem.COLUMN_TWICE: _("The file has this column twice."),
    ContactProblem.CELLS: _("This line has more or fewer cells than the heading."),
    ContactProblem.FORMULA: _("This cell holds a formula; write its value instead."),
    ContactProblem.MISSING: _("This cell must not be empty."),
    ContactProblem.NOT_A_TIME: _("This is not a time like 2026-11-20 14:30."),
    ContactProblem.NOT_YET: _("This time has not come yet."),
    ContactProblem.TOO_LONG_AGO: _("This is more than a year ago."),
    ContactProblem.NOT_A_NUMBER: _("This is not a whole number that can be here."),
    ContactProblem.NOT_A_PHONE: _("This is not a phone number that can be dialled."),
    ContactProblem.NOT_A_CHOICE: _("This is none of the possible answers."),
    ContactProblem.TOO_LONG: _("This is too long; please shorten it to 4,000 characters."),
    ContactProblem.REASON_MISSING: _("A level or a case needs a reason beside it."),
    ContactProblem.LEVEL_MISSING: _("A case needs a level."),
    ContactProblem.UNKNOWN_UNIT: _("There is no such unit among yours."),
    ContactProblem.TWICE: _("This very contact stands on another line."),
}
