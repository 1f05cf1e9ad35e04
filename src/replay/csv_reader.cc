#include "replay/csv_reader.h"

#include <algorithm>
#include <string>

#include "replay/csv_line.h"
#include "replay/csv_parser.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t open_quotes_max = 1000;
constexpr std::size_t record_bytes_max = std::size_t{1} << 20;
constexpr std::size_t fields_max = 10'000;
constexpr std::size_t doubtful_bytes_max = std::size_t{1} << 16;  // of a quoted field in which a record may be hidden

}  // namespace

CsvReader::CsvReader(std::string_view text) : text_(text) {
  if (text.find('\n') == std::string_view::npos) line_end_ = '\r';
  const char stated = stated_separator(text.substr(0, text.find(line_end_)));
  if (stated != '\0') {
    take_line();
    separator_ = stated;
  } else {
    constexpr std::size_t looked_at_max = std::size_t{1} << 20;
    std::string_view line;
    while (at_ < std::min(text.size(), looked_at_max)) {
      line = take_line();
      if (!is_comment(line) && !std::all_of(line.begin(), line.end(), is_blank)) break;
    }
    separator_ = likeliest_separator(line.substr(0, looked_at_max));
    at_ = 0;
    next_line_ = 1;
  }
  parser_ = std::make_unique<CsvParser>(separator_);
}

CsvReader::~CsvReader() = default;

std::string_view CsvReader::take_line() {
  const std::size_t end = std::min(text_.find(line_end_, at_), text_.size());
  const std::string_view line = text_.substr(at_, end - at_);
  at_ = std::min(end + 1, text_.size());
  ++next_line_;
  return line;
}

bool CsvReader::next() {
  while (at_ < text_.size()) {
    if (!read_record()) continue;
    const auto is_empty = [](std::string_view field) { return field.empty(); };
    if (!std::all_of(fields_.begin(), fields_.end(), is_empty)) return true;
  }
  return false;
}

/// False where the line was no record, or one that is too large.
bool CsvReader::read_record() {
  line_ = next_line_;
  std::string_view line = take_line();
  if (skips_comments_ && is_comment(line) && fields_outside_quotes(separator_, line) != fields_of_rows_) {
    ++comments_;
    return false;
  }
  if (line.size() > record_bytes_max) {
    line = without_blanks(line);
    if (line.size() > record_bytes_max) return give_up("a mebibyte");
  }
  const bool quotes = open_quotes_.size() < open_quotes_max && line.find('"') != std::string_view::npos;
  if (!quotes || !read_quoted(line)) split(line);
  if (!open_quotes_.empty() && open_quotes_.back() == line_) unquote();
  if (fields_.size() > fields_max) return give_up(std::to_string(fields_max) + " fields");
  fields_expected_ = std::max(fields_expected_, fields_.size());
  if (fields_.size() > 1) fields_before_ = fields_.size();
  return true;
}

/// Nothing is read of what follows.
bool CsvReader::give_up(const std::string& bound) {
  trouble_ = "line " + std::to_string(line_) + " has more than " + bound;
  at_ = text_.size();
  return false;
}

/// A line without quotes needs no parser, and most files have no others.
void CsvReader::split(std::string_view line) {
  std::size_t count = 0;
  const auto add = [&](std::string_view field) {  // into the views of the record before
    if (count == fields_.size()) fields_.emplace_back();
    fields_[count++] = without_blanks(field);
  };
  const char* begin = line.data();
  const char* const end = begin + line.size();
  for (const char* at = begin; at != end; ++at) {
    if (*at != separator_) continue;
    add({begin, static_cast<std::size_t>(at - begin)});
    begin = at + 1;
  }
  add({begin, static_cast<std::size_t>(end - begin)});
  fields_.resize(count);
}

/// Where one quote is not closed, the others are still round fields.
void CsvReader::unquote() {
  for (std::string_view& field : fields_) {
    if (!field.starts_with('"')) continue;
    field.remove_prefix(1);
    if (field.ends_with('"')) field.remove_suffix(1);
  }
}

/// False where a quote of the record that begins with the line `first` is not closed: then only that line was taken.
/// A line within it that may be a record of its own decides only where the whole would not have as many fields as the
/// header: notes of several lines are prose, with a separator here and there.
bool CsvReader::read_quoted(std::string_view first) {
  const std::size_t after_first = at_;
  const std::size_t record_begins = at_ - std::min(at_, first.size() + 1);
  std::size_t end_max = record_begins + record_bytes_max;
  const std::size_t fields_of_first = fields_before_quote(first);
  bool hides_record = false;
  std::vector<std::string_view> full_lines;  // with as many fields as the header
  parser_->begin();
  parser_->feed(first);
  bool open = false;
  while (!parser_->whole() && !open) {
    const std::string_view line = take_line();
    open = (at_ >= text_.size() && line.empty()) || at_ > end_max;
    if (open) break;
    const std::size_t fields = fields_if_record(line);
    if (fields >= 2 && fields == fields_expected_) full_lines.push_back(line);
    if (!hides_record && may_be_record(fields, fields_of_first)) {
      hides_record = true;
      end_max = std::min(end_max, at_ + doubtful_bytes_max);
    }
    parser_->feed(line);
    open = at_ >= text_.size() && !parser_->whole();
  }
  const bool several_lines = at_ != after_first;
  open |= several_lines && fields_expected_ > 0 && parser_->count() > fields_expected_;
  if (!open) {
    parser_->give(fields_);
    const auto is_row = [this](std::string_view line) { return looks_like(fields_, fields_of(separator_, line)); };
    const bool is_full = fields_.size() == fields_expected_;
    if (!hides_record || (is_full && std::none_of(full_lines.begin(), full_lines.end(), is_row))) return true;
  }
  open_quotes_.push_back(line_);
  at_ = after_first;
  next_line_ = line_ + 1;
  return false;
}

/// Of the line that begins a record; 0 where they tell nothing. A quote that opens the first field may well be that of
/// a text of several lines, and the line before the header one of a title.
std::size_t CsvReader::fields_before_quote(std::string_view first) const {
  const auto* const first_byte = std::find_if_not(first.begin(), first.end(), is_blank);
  const bool begins_quoted = first_byte != first.end() && *first_byte == '"';
  const auto separators = static_cast<std::size_t>(std::count(first.begin(), first.end(), separator_));
  return (begins_quoted || fields_expected_ == 0) && separators < 2 ? 0 : separators + 1;
}

/// 0 where a quote of it is not closed.
std::size_t CsvReader::fields_if_record(std::string_view line) const {
  if (std::count(line.begin(), line.end(), '"') % 2 != 0) return 0;
  return fields_outside_quotes(separator_, line);
}

/// By the fields of a line whose quotes are closed: it has as many as the header, the record before, or the line with
/// the open quote. Rows may be shorter than the header.
bool CsvReader::may_be_record(std::size_t fields, std::size_t fields_of_first) const {
  return fields >= 2 && (fields == fields_expected_ || fields == fields_before_ || fields == fields_of_first);
}

}  // namespace packwalk::replay
