"""Loading Core's records from CSV files: whole files, all or nothing, at the speed of COPY.

In: an organisation, a kind (a word of `KINDS`) and a file.
Out: how many records are new, changed and unchanged, or every bad row with its line, column, value and reason.
Always: one transaction; the rules are `core.rules`, the same as for a person; the same file again changes nothing;
memory does not grow with the file, apart from a note of each record's number and line.
"""

from tieout.core.importing.refusals import BadRow, ImportRefused, ImportResult, NotACsv
from tieout.core.importing.run import KINDS, columns_of, import_file

__all__ = ["KINDS", "BadRow", "ImportRefused", "ImportResult", "NotACsv", "columns_of", "import_file"]
