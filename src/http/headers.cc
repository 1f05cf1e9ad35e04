#include "http/headers.h"

#include <algorithm>

namespace packwalk {
namespace {

constexpr std::size_t usual_bytes = 256;
constexpr std::size_t usual_fields = 8;

char small(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return small(x) == small(y); });
}

Headers::Headers(std::initializer_list<Field> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

bool Headers::add(std::string_view name, std::string_view value) {
  if (entries_.size() >= fields_max) return false;
  if (entries_.empty()) {
    entries_.reserve(usual_fields);
    text_.reserve(usual_bytes);
  }
  entries_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
  return true;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return is_named(entry, name); }));
}

std::string_view Headers::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.value_size > 0 && is_named(entry, name); });
  return found == entries_.end() ? std::string_view() : value_of(*found);
}

std::string Headers::list(std::string_view name) const {
  std::string all;
  for (const Entry& entry : entries_) {
    if (!is_named(entry, name)) continue;
    all.append(all.empty() ? "" : ", ").append(value_of(entry));
  }
  return all;
}

Headers::Field Headers::at(std::size_t index) const {
  const Entry& entry = entries_.at(index);
  return {name_of(entry), value_of(entry)};
}

std::size_t Headers::held_bytes() const {
  const std::size_t fields = std::max(entries_.capacity(), usual_fields) - usual_fields;
  return fields * sizeof(Entry) + std::max(text_.capacity(), usual_bytes) - usual_bytes;
}

/// Most names differ in size.
bool Headers::is_named(const Entry& entry, std::string_view name) const {
  return entry.name_size == name.size() && equal_ignoring_case(name_of(entry), name);
}

std::string_view Headers::name_of(const Entry& entry) const {
  return std::string_view(text_).substr(entry.begin, entry.name_size);
}

std::string_view Headers::value_of(const Entry& entry) const {
  return std::string_view(text_).substr(entry.begin + entry.name_size, entry.value_size);
}

}  // namespace packwalk
