#include "replay/csv_parser.h"

#include <new>

#include "replay/csv_line.h"

namespace packwalk::replay {
namespace {

int is_blank_of_libcsv(unsigned char c) { return is_blank(static_cast<char>(c)) ? 1 : 0; }
int is_end_of_libcsv(unsigned char c) { return c == '\n' ? 1 : 0; }

}  // namespace

CsvParser::CsvParser(char separator) {
  if (csv_init(&parser_, 0) != 0) throw std::bad_alloc();
  csv_set_delim(&parser_, static_cast<unsigned char>(separator));
  csv_set_space_func(&parser_, is_blank_of_libcsv);
  csv_set_term_func(&parser_, is_end_of_libcsv);
}

void CsvParser::begin() {
  csv_fini(&parser_, nullptr, nullptr, nullptr);  // forgets what is unfinished
  bytes_.clear();
  ends_.clear();
  whole_ = false;
}

void CsvParser::feed(std::string_view line) {
  parse(line);
  parse("\n");
}

void CsvParser::give(std::vector<std::string_view>& fields) const {
  fields.clear();
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    fields.push_back(std::string_view(bytes_).substr(begin, end - begin));
    begin = end;
  }
}

void CsvParser::parse(std::string_view bytes) {
  if (csv_parse(&parser_, bytes.data(), bytes.size(), on_field, on_record, this) != bytes.size()) {
    throw std::bad_alloc();  // libcsv fails for nothing else where it is not strict
  }
}

void CsvParser::on_field(void* bytes, std::size_t size, void* self) {
  auto& parser = *static_cast<CsvParser*>(self);
  if (size > 0) parser.bytes_.append(static_cast<const char*>(bytes), size);
  parser.ends_.push_back(parser.bytes_.size());
}

void CsvParser::on_record(int /*end*/, void* self) { static_cast<CsvParser*>(self)->whole_ = true; }

}  // namespace packwalk::replay
