"""Why a whole file, or a whole delivery, is refused. A bad row is never a reason: it is rejected alone."""

from haqdar.base.refusal import Refusal


class FileRefused(Refusal):
    """A file of the delivery cannot be read as what it should be; nothing of it was loaded."""


class EmptyFile(FileRefused):
    """The file has no header row."""

    code = "empty_file"
    en = "{file} is empty: the first row must name the columns ({columns})."
    hi = "{file} खाली है: पहली पंक्ति में स्तंभों के नाम होने चाहिए ({columns})।"


class WrongEncoding(FileRefused):
    """The file is UTF-16 or UTF-32, as some programs save it."""

    code = "wrong_encoding"
    en = "{file} is saved as {encoding}; save it as “CSV UTF-8” and deliver it again."
    hi = "{file} {encoding} में सहेजी गई है; इसे “CSV UTF-8” में सहेजकर फिर भेजें।"


class BinaryFile(FileRefused):
    """The file contains NUL bytes: no text, or damaged on the way."""

    code = "binary_file"
    en = "{file} contains zero bytes near byte {offset}: it is no text file or was damaged; export it again."
    hi = "{file} में बाइट {offset} के पास शून्य बाइट हैं: यह टेक्स्ट फ़ाइल नहीं है या बिगड़ गई है; इसे फिर से निर्यात करें।"


class EndlessLine(FileRefused):
    """There is no line break within a sensible distance."""

    code = "endless_line"
    en = "{file} has a line longer than {megabytes} MB after line {line}: it is no CSV file; export it again."
    hi = "{file} में पंक्ति {line} के बाद {megabytes} MB से लंबी पंक्ति है: यह CSV फ़ाइल नहीं है; इसे फिर से निर्यात करें।"


class WrongDelimiter(FileRefused):
    """The header's columns are separated by something else than commas."""

    code = "wrong_delimiter"
    en = "{file} separates its columns by {delimiter} instead of commas; export it again as comma-separated."
    hi = (
        "{file} में स्तंभ अल्पविराम (,) की जगह {delimiter} से अलग किए गए हैं; इसे अल्पविराम वाली CSV में फिर से निर्यात करें।"
    )


class MissingColumn(FileRefused):
    """A required column is not in the header."""

    code = "missing_column"
    en = "{file} lacks the required column {columns}; its header names: {header}. Add it and deliver again."
    hi = "{file} में आवश्यक स्तंभ {columns} नहीं है; शीर्ष पंक्ति में हैं: {header}। इसे जोड़कर फिर भेजें।"


class DuplicateColumn(FileRefused):
    """A column of the contract stands twice in the header, so it is unclear which one counts."""

    code = "duplicate_column"
    en = "{file} names the column {columns} twice; keep one of them and deliver again."
    hi = "{file} में स्तंभ {columns} दो बार है; एक ही रखकर फिर भेजें।"


class UnreadableParquet(FileRefused):
    """The Parquet file is damaged or is none."""

    code = "unreadable_parquet"
    en = "{file} cannot be read as Parquet; write it again, or deliver it as CSV."
    hi = "{file} Parquet के रूप में नहीं पढ़ी जा सकी; इसे फिर से लिखें या CSV में भेजें।"


class UnreadableFile(FileRefused):
    """The operating system does not let us read the file."""

    code = "unreadable_file"
    en = "{file} cannot be read: {why}. Check its permissions."
    hi = "{file} पढ़ी नहीं जा सकी: {why}। उसकी अनुमतियाँ जाँचें।"


class DeliveredTwice(FileRefused):
    """The folder holds the same register as CSV and as Parquet."""

    code = "delivered_twice"
    en = "{file} is there as CSV and as Parquet; remove one of the two."
    hi = "{file} CSV और Parquet दोनों रूपों में है; दोनों में से एक हटाएँ।"


class WaitsForRefused(FileRefused):
    """A file that this one refers to was refused, so every row would be rejected for nothing."""

    code = "waits_for_refused"
    en = "{file} was not loaded, because it refers to {needed}, which was refused; mend that file and load again."
    hi = "{file} लोड नहीं की गई, क्योंकि वह {needed} पर निर्भर है जो अस्वीकार हुई; उसे सुधारकर फिर से लोड करें।"
