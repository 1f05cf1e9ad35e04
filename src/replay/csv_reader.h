// CSV as programs, loggers and spreadsheets write it, record by record. The quoting is libcsv's (RFC 4180).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace packwalk::replay {

class CsvParser;

/// What stands between the fields: one of , ; tab | by the first line that is no comment, or as `sep=;` says.
/// A line ends with \n, \r\n, or, in a text without any \n, \r. Blanks, tabs and NULs around a field that is not quoted
/// are not part of it. Records without anything in a field are left out.
/// A quote that is not closed means nothing, and its record ends with its line: so it is when the text ends before it
/// is closed, when it would make the record longer than a mebibyte, and when a line within it seems to be a record.
/// Where the whole has as many fields as the header, only a line seems so that has as many too, and mostly numbers
/// where the whole has numbers. A record has at most a mebibyte and 10,000 fields, blanks at its ends not counted.
///
/// `text` must outlive the reader and be UTF-8 or another encoding that contains ASCII.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;
  ~CsvReader();

  /// From now on lines that begin with # are comments and left out, but for those with just `fields_of_rows` fields;
  /// until then all are records.
  void skip_comments(std::size_t fields_of_rows = 0) {
    skips_comments_ = true;
    fields_of_rows_ = fields_of_rows;
  }

  /// The next record; false at the end, and at a record that is too large.
  bool next();
  /// "line 7 has more than 10000 fields" where a record is too large; else empty.
  const std::string& trouble() const { return trouble_; }
  /// Of the record that next() gave; they last until the next call.
  const std::vector<std::string_view>& fields() const { return fields_; }
  /// The line where that record begins, from 1.
  std::size_t line() const { return line_; }

  char separator() const { return separator_; }
  std::size_t comments() const { return comments_; }
  /// Where quotes were opened and not closed, at most a thousand; after so many, quotes no longer mean anything.
  const std::vector<std::size_t>& open_quotes() const { return open_quotes_; }

 private:
  std::string_view take_line();
  bool read_record();
  bool give_up(const std::string& bound);
  void split(std::string_view line);
  void unquote();
  bool read_quoted(std::string_view first);
  std::size_t fields_before_quote(std::string_view first) const;
  std::size_t fields_if_record(std::string_view line) const;
  bool may_be_record(std::size_t fields, std::size_t fields_of_first) const;

  const std::string_view text_;
  char line_end_ = '\n';
  char separator_ = ',';
  bool skips_comments_ = false;
  std::size_t fields_of_rows_ = 0;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::size_t next_line_ = 1;
  std::size_t fields_expected_ = 0;  // the most that a record had; 0 before the first
  std::size_t fields_before_ = 0;    // of the record before
  std::size_t comments_ = 0;
  std::vector<std::size_t> open_quotes_;
  std::vector<std::string_view> fields_;
  std::string trouble_;
  std::unique_ptr<CsvParser> parser_;
};

}  // namespace packwalk::replay
