"""Files as people have them → a table of text.

`tables` is what others use. It has `encodings` make a text of the bytes, then asks the readers in turn
(`json_lists`, `html_tables`, `chats`, `delimited`; `spreadsheets` for .xlsx) which of them knows the text,
and has `columns` tell the names and the kinds of the cells. What they all share is in `records`.

pandas reads none of them: it guesses neither encodings nor headers, refuses a row that breaks the rules,
which is kept here as it stands, makes numbers and dates of what is kept here as it is written, and for .xlsx
only calls openpyxl, as `spreadsheets` does.
"""
