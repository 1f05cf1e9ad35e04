// The header fields of a request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace packwalk {

/// Compares ASCII letters without regard to case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// The fields in the order of their arrival, in two allocations. Names compare without regard to case.
class Headers {
 public:
  static constexpr std::size_t fields_max = 100;
  using Field = std::pair<std::string_view, std::string_view>;  // name and value

  Headers() = default;
  Headers(std::initializer_list<Field> fields);

  /// False, without adding it, if there are `fields_max` fields already.
  bool add(std::string_view name, std::string_view value);

  std::size_t size() const { return entries_.size(); }
  std::size_t count(std::string_view name) const;
  /// The value of the first field of this name that is not empty; "" if there is none. Valid until the next add().
  std::string_view find(std::string_view name) const;
  /// A list that may be spread over several fields (RFC 9110, section 5.3): their values, joined by ", ".
  std::string list(std::string_view name) const;
  Field at(std::size_t index) const;

  /// Memory beyond the object itself and the few hundred bytes of an ordinary head.
  std::size_t held_bytes() const;

 private:
  struct Entry {
    std::uint32_t begin = 0;  // of the name in text_; the value follows it
    std::uint32_t name_size = 0;
    std::uint32_t value_size = 0;
  };
  bool is_named(const Entry& entry, std::string_view name) const;
  std::string_view name_of(const Entry& entry) const;
  std::string_view value_of(const Entry& entry) const;

  std::string text_;
  std::vector<Entry> entries_;
};

}  // namespace packwalk
