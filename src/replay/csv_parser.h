// libcsv, which takes quotes apart.
#pragma once

#include <csv.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace packwalk::replay {

/// The fields of the record that it is at. Throws std::bad_alloc.
class CsvParser {
 public:
  explicit CsvParser(char separator);
  CsvParser(const CsvParser&) = delete;
  CsvParser& operator=(const CsvParser&) = delete;
  ~CsvParser() { csv_free(&parser_); }

  void begin();
  void feed(std::string_view line);
  /// The record ended with the last line.
  bool whole() const { return whole_; }
  std::size_t count() const { return ends_.size(); }
  /// They point into this, until the next begin().
  void give(std::vector<std::string_view>& fields) const;

 private:
  void parse(std::string_view bytes);
  static void on_field(void* bytes, std::size_t size, void* self);
  static void on_record(int end, void* self);

  csv_parser parser_{};
  std::string bytes_;
  std::vector<std::size_t> ends_;
  bool whole_ = false;
};

}  // namespace packwalk::replay
