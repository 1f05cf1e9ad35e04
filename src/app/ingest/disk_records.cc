#include "app/ingest/disk_records.h"

namespace packwalk {
namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t overflow_page_bytes = page_bytes - 4;  // each page has the number of the next one
constexpr std::size_t row_in_page_max = 1002;
constexpr std::size_t row_in_page_min = 489;     // of a row with overflow pages
constexpr std::size_t other_columns_bytes = 60;  // greatest payload of a row of `messages` without them
constexpr std::size_t derived_bytes = 105;

constexpr std::size_t rounded_up(std::size_t whole, std::size_t part) { return (whole + part - 1) / part; }

std::size_t disk_bytes(std::size_t text_bytes) {
  const std::size_t row = text_bytes + other_columns_bytes;
  if (row <= row_in_page_max) return derived_bytes + text_bytes + text_bytes / 4;
  return derived_bytes + row_in_page_min + row_in_page_min / 4 +
         page_bytes * rounded_up(row - row_in_page_min, overflow_page_bytes);
}

}  // namespace

std::size_t disk_records(std::size_t content_bytes, std::size_t reason_bytes) {
  const std::size_t text_bytes = content_bytes + reason_bytes;
  return text_bytes <= disk_bytes_per_record ? 1 : rounded_up(disk_bytes(text_bytes), disk_bytes_per_record);
}

}  // namespace packwalk
